"""One number of the WhatsApp Business API: what it can do, how it sends, what it makes of webhooks.

| protocol     | here because                                                              |
|--------------|---------------------------------------------------------------------------|
| Channel      | every channel is one                                                      |
| Webhooks     | the provider calls us for everything inbound                              |
| HasMedia     | files of webhooks are fetched by their id                                 |
| HasTemplates | approved templates are listed by the provider                             |
| Reacts       | reactions are messages of their own kind                                  |
| MarksRead    | a read mark takes a message's id                                          |
| Types        | the typing sign goes with the message that is being answered              |
| Starts       | people can be written to first, with a template                           |

Not here: Edits and Deletes. The API can do neither to a message that was sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec import Raw

from jackfield.channel import (
    Address,
    Capabilities,
    Channel,
    ConversationId,
    Download,
    Facts,
    HasMedia,
    HasTemplates,
    Hooked,
    HookRequest,
    MarksRead,
    MessageId,
    Pace,
    Part,
    Port,
    Reacts,
    Rejected,
    Starts,
    Template,
    TxnId,
    Types,
    Unrecognised,
    Webhooks,
    files_in,
)

from . import convert_out, limits
from .abilities import PACE, capabilities
from .client import GraphClient
from .config import Config
from .convert_in import Account, convert
from .health import Health
from .ids import address_of, make_conversation, make_message, peer_of
from .listed_templates import listed_template
from .payload import TooDeep, Unreadable, decode
from .signature import HEADER, same_token, signed

if TYPE_CHECKING:

    def protocols(
        it: CloudChannel,
    ) -> tuple[Channel, Webhooks, HasMedia, HasTemplates, Reacts, MarksRead, Types, Starts]:
        """The table above, for the type checker."""
        return it, it, it, it, it, it, it, it


LARGEST = 3 * limits.MIB  # of a webhook's body, as the provider promises


class CloudChannel:
    """Opening does no I/O; run() ends the HTTP session when it is cancelled."""

    def __init__(self, config: Config, port: Port) -> None:
        self._config, self._port = config, port
        self._client = GraphClient(config, port)
        self._health = Health(self._client, port)
        self._account = Account(
            phone_number_id=config.phone_number_id,
            waba_id=config.waba_id,
            scope=config.scope,
            display_phone_number=config.display_phone_number,
        )

    async def run(self) -> None:
        """There is no connection to hold: every call stands for itself, and the provider calls us."""
        async with self._client.held():
            await self._health.watch()  # until cancelled

    async def send(
        self,
        to: ConversationId,
        parts: Sequence[Part],
        txn: TxnId,
        *,
        reply_to: MessageId | None = None,
    ) -> MessageId:
        if len(parts) != 1:
            raise Rejected(f"a WhatsApp message has exactly one part, not {len(parts)}")
        (part,) = parts
        with self._health.watched():
            uploads = await self._uploaded(to, part)
            body = convert_out.message(to, part, txn, reply_to=reply_to, uploads=uploads)
            edge = convert_out.edge(part, marketing=self._config.marketing)
            return make_message(await self._client.send(body, edge))

    async def _uploaded(self, to: ConversationId, part: Part) -> dict[str, str]:
        """Hand the part's files over, after everything that can be checked without them."""
        wanted = files_in(part)
        convert_out.message(to, part, TxnId(""), uploads={media.ref: "" for media in wanted})
        uploads: dict[str, str] = {}
        for media in wanted:
            file = await self._port.media(media.ref)
            mime = file.mime or media.mime or "application/octet-stream"
            limits.file(media.sort, mime, file.size)
            uploads[media.ref] = await self._client.upload(file, mime)
        return uploads

    async def react(self, to: ConversationId, target: MessageId, emoji: str) -> None:
        with self._health.watched():
            await self._client.send(convert_out.reaction(to, target, emoji))

    async def mark_read(self, to: ConversationId, upto: MessageId) -> None:
        with self._health.watched():
            await self._client.annotate(convert_out.read(upto), op="read")

    async def typing(self, to: ConversationId, upto: MessageId | None) -> None:
        if upto is None:
            return  # the provider shows typing only as the answer to a message
        with self._health.watched():
            await self._client.annotate(convert_out.typing(upto), op="typing")

    async def download(self, ref: str) -> Download:
        with self._health.watched():
            return await self._client.download(ref)

    async def templates(self) -> Sequence[Template]:
        with self._health.watched():
            found = [listed_template(said) async for said in self._client.templates()]
        return [template for template in found if template is not None]

    def capabilities(self, about: Facts) -> Capabilities:
        return capabilities(about)

    def pace(self) -> Pace:
        return PACE

    def conversation_with(self, person: Address) -> ConversationId:
        """Raises Rejected for an address that is not of this network, or is another portfolio's."""
        peer = peer_of(person.value)
        if peer is None or peer.kind != person.kind or address_of(peer, self._config.scope) != person:
            raise Rejected(f"WhatsApp does not reach people by this {person.kind}")
        return make_conversation(peer)

    def webhook(self, request: HookRequest) -> Hooked:
        match request.method.upper():
            case "GET":
                return self._handshake(request)
            case "POST":
                return self._delivery(request)
            case _:
                return Hooked(accepted=False, status=405)

    def _handshake(self, request: HookRequest) -> Hooked:
        """The provider asks, once, whether this address wants its calls."""
        query = request.query
        ours = same_token(self._config.verify_token, query.get("hub.verify_token", ""))
        if query.get("hub.mode") != "subscribe" or not ours:
            return Hooked(accepted=False, status=403)
        challenge = query.get("hub.challenge", "").encode("utf-8", "replace")
        return Hooked(stored=False, body=challenge)

    def _delivery(self, request: HookRequest) -> Hooked:
        if len(request.body) > LARGEST:
            return Hooked(accepted=False, status=413)
        if not signed(self._config.app_secret, request.body, request.headers.get(HEADER, "")):
            return Hooked(accepted=False, status=403)
        now = datetime.now(UTC)
        try:
            payload = decode(request.body)
        except Unreadable as error:
            # Answered 200: the same bytes again, for seven days, would be no more readable.
            return Hooked(failed=str(error))
        except TooDeep as error:
            deep = Unrecognised(at=now, kind="payload", raw=Raw(b"null"), note=str(error))
            return Hooked(events=(deep,))
        return Hooked(events=convert(payload, self._account, now))
