"""A channel that does what the test wrote down: every outcome a provider can have, without a provider."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from msgspec import Struct, structs

from jackfield.channel import (
    Address,
    Capabilities,
    CarouselLimit,
    ChoiceLimit,
    ConversationId,
    Facts,
    Level,
    MediaLimit,
    MessageId,
    Pace,
    Part,
    Protection,
    TxnId,
)

WINDOW = timedelta(hours=24)
FAST = Pace(per_second=10_000, burst=10_000)


class Call(Struct, frozen=True):
    """What the channel was asked to do."""

    op: str
    to: str
    target: str = ""
    parts: tuple[Part, ...] = ()
    emoji: str = ""
    reply_to: str | None = None


class Plain:
    """Sends and nothing else. `script`: what becomes of the next sends: an id, or an error to raise;
    when it is over every send is accepted. `gate`: cleared, sends wait."""

    def __init__(self, *script: str | BaseException, pace: Pace = FAST) -> None:
        self.script: list[str | BaseException] = list(script)
        self.calls: list[Call] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.flying = 0
        self.most_flying = 0
        self.windowed = True
        self._pace = pace

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def send(
        self,
        to: ConversationId,
        parts: Sequence[Part],
        txn: TxnId,
        *,
        reply_to: MessageId | None = None,
    ) -> MessageId:
        self.calls.append(Call("send", to, txn, tuple(parts), reply_to=reply_to))
        return MessageId(await self._outcome(f"ext.{txn}"))

    def capabilities(self, about: Facts) -> Capabilities:
        seen = about.last_inbound_at
        until = None if seen is None else seen + WINDOW
        closed = until is None or until <= about.now
        return Capabilities(
            text_max=100,
            media={"image/jpeg": MediaLimit(max_bytes=1000, caption_max=20), "video/*": MediaLimit()},
            reply=Level.FULL,
            location=Level.FULL,
            template=Level.FULL,
            choices=ChoiceLimit(level=Level.FULL, buttons=3, button_title=20, body=50),
            media_links=Level.FULL,
            carousel=CarouselLimit(level=Level.FULL, least=2, most=10, media=("image",)),
            free_form_until=until if self.windowed else None,
            free_form_closed=closed and self.windowed,
        )

    def pace(self) -> Pace:
        return self._pace

    async def _outcome(self, accepted: str) -> str:
        self.flying += 1
        self.most_flying = max(self.most_flying, self.flying)
        try:
            await self.gate.wait()
            next_one = self.script.pop(0) if self.script else accepted
            if isinstance(next_one, BaseException):
                raise next_one
            return next_one
        finally:
            self.flying -= 1

    def sent(self) -> list[str]:
        """The txns, in the order they were sent."""
        return [call.target for call in self.calls if call.op == "send"]


class Able(Plain):
    """Does everything there is a protocol for. The script is for all but read marks and typing."""

    def capabilities(self, about: Facts) -> Capabilities:
        full = Level.FULL
        return structs.replace(
            super().capabilities(about),
            react=full,
            pin=full,
            pin_days=30,
            edit=full,
            edit_within=timedelta(minutes=15),
            delete=full,
            mark_read=full,
            typing=full,
        )

    async def edit(self, to: ConversationId, target: MessageId, parts: Sequence[Part]) -> None:
        self.calls.append(Call("edit", to, target, tuple(parts)))
        await self._outcome("")

    async def delete(self, to: ConversationId, target: MessageId) -> None:
        self.calls.append(Call("delete", to, target))
        await self._outcome("")

    async def pin(self, to: ConversationId, target: MessageId, days: int) -> None:
        self.calls.append(Call("pin", to, target, emoji=str(days)))
        await self._outcome("")

    async def react(self, to: ConversationId, target: MessageId, emoji: str) -> None:
        self.calls.append(Call("react", to, target, emoji=emoji))
        await self._outcome("")

    async def mark_read(self, to: ConversationId, upto: MessageId) -> None:
        self.calls.append(Call("read", to, upto))

    async def typing(self, to: ConversationId, upto: MessageId | None) -> None:
        self.calls.append(Call("typing", to, upto or ""))

    def conversation_with(self, person: Address) -> ConversationId:
        return ConversationId(f"phone:{person.value}")


class Careful(Able):
    """An account that its network takes away from whoever writes too much. It has no window of its own."""

    def __init__(self, *script: str | BaseException, rules: Protection | None = None) -> None:
        super().__init__(*script)
        self.rules = Protection(jitter=0) if rules is None else rules
        self.windowed = False

    def protection(self) -> Protection:
        return self.rules
