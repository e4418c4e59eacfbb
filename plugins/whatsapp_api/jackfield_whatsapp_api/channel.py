"""One number of the WhatsApp Business API: what it can do, how it sends, what it makes of webhooks.

| protocol     | here because                                                              |
|--------------|---------------------------------------------------------------------------|
| Channel      | every channel is one                                                      |
| Webhooks     | the provider calls us for everything inbound                              |
| HasMedia     | files of webhooks are fetched by their id                                 |
| HasTemplates | approved templates are listed by the provider                             |
| DesignsTemplates | templates are made, edited and deleted here                           |
| Reacts       | reactions are messages of their own kind                                  |
| Pins         | groups keep messages at their head                                        |
| MarksRead    | a read mark takes a message's id                                          |
| Types        | the typing sign goes with the message that is being answered              |
| Starts       | people can be written to first, with a template                           |
| HasProfile   | the card of the business, its picture and its username                    |
| HasCatalogue | the shop in the chat, and the goods of the catalogue that is connected    |
| HasLinks     | short addresses that open a chat, with their QR codes                     |
| Blocks       | people who may not write to the number                                    |
| Automates    | what the app offers by itself: questions to tap, commands                 |
| Counts       | the provider's figures of the number                                      |
| BringsHistory | the phone that shares the number tells its past, once                    |

Not here: Edits and Deletes. The API can do neither to a message that was sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Literal

from msgspec import Raw

from jackfield.channel import (
    Address,
    Automates,
    Automation,
    AutomationRules,
    BlockedPage,
    Blocks,
    BringsHistory,
    BusinessProfile,
    Capabilities,
    CatalogPage,
    Channel,
    ChatLink,
    ConversationId,
    Counts,
    DesignsTemplates,
    Download,
    Facts,
    Figure,
    HasCatalogue,
    HasLinks,
    HasMedia,
    HasProfile,
    Hooked,
    HookRequest,
    MarksRead,
    MessageId,
    NotBlocked,
    Pace,
    Part,
    Pins,
    Port,
    ProfileChange,
    ProfileRules,
    Reacts,
    Rejected,
    Shop,
    Starts,
    Template,
    TemplateDesign,
    TemplateRecord,
    TemplateRules,
    TemplateStanding,
    TxnId,
    Types,
    Unrecognised,
    Webhooks,
    files_in,
)

from . import convert_out, limits, out_files, voice
from .abilities import capabilities
from .client import GraphClient
from .coexistence import Signs
from .config import Config
from .convert_in import Account, convert
from .health import Health
from .ids import address_of, make_conversation, make_message, peer_of
from .payload import TooDeep, Unreadable, decode
from .signature import HEADER, same_token, signed
from .templates import RULES, TemplateDesk, design, problems
from .templates import part as template_of
from .templates.files import hand_over
from .tools import Desk, automation, profile

if TYPE_CHECKING:

    def protocols(
        it: CloudChannel,
    ) -> tuple[Channel, Webhooks, HasMedia, DesignsTemplates, Reacts, Pins, MarksRead, Types, Starts]:
        """The table above, for the type checker."""
        return it, it, it, it, it, it, it, it, it

    def tools(
        it: CloudChannel,
    ) -> tuple[HasProfile, HasCatalogue, HasLinks, Blocks, Automates, Counts, BringsHistory]:
        return it, it, it, it, it, it, it


LARGEST = 3 * limits.MIB  # of a webhook's body, as the provider promises


class CloudChannel:
    """Opening does no I/O; run() ends the HTTP session when it is cancelled."""

    def __init__(self, config: Config, port: Port) -> None:
        self._config, self._port = config, port
        self._client = GraphClient(config, port)
        self._health = Health(self._client, port)
        self._signs = Signs()
        self._templates = TemplateDesk(self._client, port, config.waba_id)
        self._desk = Desk(config, self._client, port, partial(hand_over, self._client))
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
        with self._health.watched(), limits.explained():
            if len(parts) != 1:
                raise Rejected(f"a WhatsApp message has exactly one part, not {len(parts)}")
            (part,) = parts
            uploads = await self._uploaded(to, part)
            body = convert_out.message(to, part, txn, reply_to=reply_to, uploads=uploads)
            edge = convert_out.edge(part, marketing=self._config.marketing)
            return make_message(await self._client.send(body, edge))

    async def _uploaded(self, to: ConversationId, part: Part) -> dict[str, str]:
        """Hand the part's files over, after everything that can be checked without them."""
        wanted = files_in(part)
        if not wanted:
            return {}
        convert_out.message(to, part, TxnId(""), uploads={media.ref: "" for media in wanted})
        uploads: dict[str, str] = {}
        for media in wanted:
            file = await self._port.media(media.ref, want=out_files.wanted(media))
            mime = file.mime or media.mime or "application/octet-stream"
            limits.file(out_files.sent_as(media, mime), mime, file.size)
            if media.sort == "voice" and out_files.is_voice(mime):
                await voice.check(file)
            uploads[media.ref] = await self._client.upload(file, mime)
        return uploads

    async def react(self, to: ConversationId, target: MessageId, emoji: str) -> None:
        with self._health.watched():
            await self._client.send(convert_out.reaction(to, target, emoji))

    async def pin(self, to: ConversationId, target: MessageId, days: int) -> None:
        with self._health.watched():
            await self._client.send(convert_out.pin(to, target, days))

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
            found = [design(said) async for said in self._client.templates()]
        return [template_of(one) for one in found if one.name and one.language]

    @property
    def template_account(self) -> str:
        return self._config.waba_id

    def template_rules(self) -> TemplateRules:
        return RULES

    def template_problems(self, standing: TemplateStanding) -> Mapping[str, str]:
        return problems(standing)

    def template_part(self, design: TemplateDesign) -> Template:
        return template_of(design)

    async def designs(self) -> Sequence[TemplateRecord]:
        with self._health.watched():
            return await self._templates.designs()

    async def create_template(self, design: TemplateDesign) -> TemplateRecord:
        with self._health.watched():
            return await self._templates.create(design)

    async def edit_template(self, template: str, design: TemplateDesign) -> TemplateRecord:
        with self._health.watched():
            return await self._templates.edit(template, design)

    async def delete_template(self, template: str, *, name: str, every_language: bool) -> None:
        with self._health.watched():
            await self._templates.delete(template, called=name, every_language=every_language)

    async def unpause_template(self, template: str) -> None:
        with self._health.watched():
            await self._templates.unpause(template)

    async def template_file(self, template: str, place: str) -> Download:
        with self._health.watched():
            return await self._templates.file(template, place)

    def profile_rules(self) -> ProfileRules:
        return profile.RULES

    async def profile(self) -> BusinessProfile:
        return await self._desk.profile()

    async def save_profile(self, change: ProfileChange) -> None:
        await self._desk.save_profile(change)

    async def shop(self) -> Shop:
        return await self._desk.shop()

    async def save_shop(self, *, cart: bool, visible: bool) -> None:
        await self._desk.save_shop(cart=cart, visible=visible)

    async def catalogue(self, query: str = "", after: str = "") -> CatalogPage:
        return await self._desk.catalogue(query, after)

    async def links(self) -> Sequence[ChatLink]:
        return await self._desk.links()

    async def save_link(self, text: str, link: str = "") -> ChatLink:
        return await self._desk.save_link(text, link)

    async def delete_link(self, link: str) -> None:
        await self._desk.delete_link(link)

    async def link_picture(self, link: str, form: Literal["svg", "png"]) -> Download:
        return await self._desk.link_picture(link, form)

    async def block(self, people: Sequence[Address]) -> Sequence[NotBlocked]:
        return await self._desk.block(people)

    async def unblock(self, people: Sequence[Address]) -> Sequence[NotBlocked]:
        return await self._desk.unblock(people)

    async def blocked(self, after: str = "") -> BlockedPage:
        return await self._desk.blocked(after)

    def automation_rules(self) -> AutomationRules:
        return automation.RULES

    async def automation(self) -> Automation:
        return await self._desk.automation()

    async def save_automation(self, automation: Automation) -> None:
        await self._desk.save_automation(automation)

    async def figures(self, since: datetime, until: datetime) -> Sequence[Figure]:
        return await self._desk.figures(since, until)

    def capabilities(self, about: Facts) -> Capabilities:
        return capabilities(about)

    def pace(self) -> Pace:
        return self._health.pace()

    async def bring_history(self) -> None:
        with self._health.watched():
            await self._health.bring_past()

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
        kept = self._signs.of(payload, self._config.phone_number_id, now)
        return Hooked(events=convert(payload, self._account, now), keep=kept)
