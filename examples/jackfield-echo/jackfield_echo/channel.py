"""One channel: what it holds, what it sends, and what it makes of a webhook."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from jackfield.channel import (
    Capabilities,
    Channel,
    ConversationId,
    Facts,
    Hooked,
    HookRequest,
    LogEntry,
    MessageId,
    Pace,
    Part,
    Port,
    State,
    TxnId,
    Unreachable,
    Webhooks,
)

from .convert import TEXT_MAX, Unreadable, answer, read, text_of
from .ids import make_message, parse_conversation
from .signature import HEADER, is_signed

if TYPE_CHECKING:

    def implements(channel: EchoChannel) -> tuple[Channel, Webhooks]:
        """What this channel can do; the type checker holds it to that."""
        return channel, channel


class EchoChannel:
    def __init__(self, config: Mapping[str, str], port: Port) -> None:
        self._secret = config["secret"]
        self._port = port

    async def run(self) -> None:
        """There is no connection to hold: the provider calls us."""
        self._port.state(State.CONNECTED)
        await asyncio.Event().wait()

    async def send(
        self,
        to: ConversationId,
        parts: Sequence[Part],
        txn: TxnId,
        *,
        reply_to: MessageId | None = None,
    ) -> MessageId:
        text = text_of(parts)
        try:
            parse_conversation(to)
        except ValueError as err:
            raise Unreachable(str(err)) from None
        await self._port.emit(answer(to, text, txn, datetime.now(UTC)))
        self._port.log(LogEntry(op="send", ok=True, request=f"{len(text)} characters to {to}"))
        return make_message("out", txn)

    def webhook(self, request: HookRequest) -> Hooked:
        if not is_signed(self._secret, request.body, request.headers.get(HEADER, "")):
            return Hooked(accepted=False, status=401, body=b"wrong signature")
        try:
            return Hooked(events=read(request.body, datetime.now(UTC)))
        except Unreadable as err:
            return Hooked(failed=str(err))

    def capabilities(self, about: Facts) -> Capabilities:
        return Capabilities(text_max=TEXT_MAX)

    def pace(self) -> Pace:
        return Pace(per_second=50, burst=50)
