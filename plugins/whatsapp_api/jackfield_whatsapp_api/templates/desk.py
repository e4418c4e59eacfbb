"""Templates at the provider's: listed, made, edited, deleted, with the files of their headers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from msgspec.structs import replace

from jackfield.channel import (
    Download,
    HeaderForm,
    Port,
    Rejected,
    TemplateDesign,
    TemplateHeader,
    TemplateRecord,
)
from jackfield_whatsapp_api import limits
from jackfield_whatsapp_api.client import GraphClient
from jackfield_whatsapp_api.payload import Node, listed, name, node, text

from .checking import PROBLEMS, RULES, check, problems
from .files import fetched, hand_over, held, mime_of
from .reading import example_file, record
from .words import FILES, category, standing
from .writing import created, edited

FIELDS = (
    "name,language,status,category,components,parameter_format,quality_score,rejected_reason,correct_category,"
    "message_send_ttl_seconds,sub_category,cta_url_link_tracking_opted_out"
)
AT_ONCE, PAGES = "200", 100  # templates a page; pages: a guard against a listing that never ends
UNKNOWN_FIELD = "100"  # the code for a field that this version of the API does not have
MOST_BYTES: Mapping[HeaderForm, int] = {
    "image": limits.FILES["image"].max_bytes,
    "video": limits.FILES["video"].max_bytes,
    "document": limits.FILES["document"].max_bytes,
}
EDITS_A_DAY, EDITS_A_MONTH = 1, 10  # of one approved template
DAY, MONTH = timedelta(days=1), timedelta(days=30)
KEPT_EDITS = "template_edits"
_EDITS = msgspec.json.Decoder(dict[str, list[datetime]])


class TemplateDesk:
    """Of one WhatsApp Business Account. Raises ChannelErrors; a design that is wrong is a Rejected."""

    def __init__(
        self, client: GraphClient, port: Port, waba_id: str, *, now: Callable[[], datetime] | None = None
    ) -> None:
        self._client, self._port, self._waba = client, port, waba_id
        self._now = now or (lambda: datetime.now(UTC))

    async def designs(self) -> Sequence[TemplateRecord]:
        """Every template with whatever standing."""
        try:
            found = await self._listed({"limit": AT_ONCE, "fields": FIELDS})
        except Rejected as error:
            if error.remote_code != UNKNOWN_FIELD:
                raise
            found = await self._listed({"limit": AT_ONCE})
        return [read for read in map(record, found) if read is not None]

    async def _listed(self, query: Mapping[str, str]) -> list[Node]:
        found: list[Node] = []
        for _ in range(PAGES):
            page = await self._client.ask("GET", self._edge, op="templates", query=query)
            found += map(node, listed(page.get("data")))
            paging = node(page.get("paging"))
            after = text(node(paging.get("cursors")).get("after"))
            if not paging.get("next") or not after:
                break
            query = {**query, "after": after}
        return found

    async def create(self, design: TemplateDesign) -> TemplateRecord:
        check(design)
        body = created(design, await self._handles(design, None))
        answer = await self._client.ask("POST", self._edge, op="template", body=body)
        if not (number := text(answer.get("id"))):
            raise Rejected("the answer names no template")
        return self._made(
            number, design, name(answer.get("status")) or "PENDING", name(answer.get("category"))
        )

    async def edit(self, template: str, design: TemplateDesign) -> TemplateRecord:
        """Every component is another then, and is reviewed again."""
        check(design)
        said = await self._read(template)
        known = record(said)
        if known is None:
            raise Rejected("there is no such template")
        if "edit" in known.problems:
            raise Rejected(f"it is {known.standing} and cannot be edited", words=PROBLEMS["edit"])
        for field in ("name", "language"):
            if getattr(design, field) != getattr(known.design, field):
                raise Rejected(f"the {field} stays", field=field, words="whatsapp_api.template.stays")
        approved = known.standing == "approved"
        if approved and design.category != known.design.category:
            raise Rejected(
                "the category stays", field="category", words="whatsapp_api.template.category_stays"
            )
        edits = await self._count_edits(template) if approved else None
        body = edited(design, await self._handles(design, said), category=not approved)
        await self._client.ask("POST", template, op="template", body=body)
        if edits is not None:
            await self._port.put(KEPT_EDITS, msgspec.json.encode(edits))
        return self._made(template, design, "PENDING", design.category)

    async def delete(self, template: str, *, called: str, every_language: bool) -> None:
        query = {"name": called}
        if not every_language:
            known = record(await self._read(template))
            if known is not None and "delete" in known.problems:
                raise Rejected(f"it is {known.standing} and cannot be deleted", words=PROBLEMS["delete"])
            query["hsm_id"] = template
        await self._client.ask("DELETE", self._edge, op="template", query=query)

    async def unpause(self, template: str) -> None:
        answer = await self._client.ask("POST", f"{template}/unpause", op="template")
        if answer.get("success") is False:
            raise Rejected(
                text(answer.get("reason")) or "not now", words="whatsapp_api.template.not_unpaused"
            )

    async def file(self, template: str, place: str) -> Download:
        url = example_file(await self._read(template), place)
        if not url:
            raise Rejected(f"{place} has no example", field=place)
        return await fetched(self._port, url, home=self._client.is_home)

    @property
    def _edge(self) -> str:
        return f"{self._waba}/message_templates"

    async def _read(self, template: str) -> Node:
        if not template.isdecimal():
            raise Rejected("that is no template's id")
        return await self._client.ask("GET", template, op="template", query={"fields": FIELDS})

    def _made(self, number: str, design: TemplateDesign, word: str, said: str) -> TemplateRecord:
        """As it stands now, without asking. The provider may have put it into another category."""
        stands = standing(word)
        header = replace(design.header, file="")
        cards = tuple(replace(card, header=replace(card.header, file="")) for card in design.cards)
        return TemplateRecord(
            id=number,
            design=replace(
                design, header=header, cards=cards, category=category(said) if said else design.category
            ),
            standing=stands,
            word=word.lower(),
            changed_at=self._now(),
            problems=problems(stands),
        )

    async def _count_edits(self, template: str) -> dict[str, list[datetime]]:
        """The edits of approved templates with this one. Raises Rejected if it is one too many."""
        kept, now = await self._port.get(KEPT_EDITS), self._now()
        known = _EDITS.decode(kept) if kept else {}
        edits = {
            one: recent
            for one, times in known.items()
            if (recent := [at for at in times if now - at < MONTH])
        }
        ours = edits.get(template, [])
        for most, span in ((EDITS_A_DAY, DAY), (EDITS_A_MONTH, MONTH)):
            if sum(now - at < span for at in ours) >= most:
                raise Rejected(
                    f"an approved template is edited {EDITS_A_DAY} time a day and {EDITS_A_MONTH} in 30 days",
                    words="whatsapp_api.template.edited_enough",
                    limit=most,
                )
        return {**edits, template: [*ours, now]}

    async def _handles(self, design: TemplateDesign, known: Node | None) -> dict[str, str]:
        """The files of headers, handed over: our own, or the examples of the template as it was."""
        headers = {"header": design.header}
        headers |= {f"card.{index}": card.header for index, card in enumerate(design.cards)}
        wanted = {place: header for place, header in headers.items() if header.form in FILES}
        return {place: await self._handle(place, header, known) for place, header in wanted.items()}

    async def _handle(self, place: str, header: TemplateHeader, known: Node | None) -> str:
        field = "header.file" if place == "header" else f"cards.{place.partition('.')[2]}.header.file"
        allowed, most = RULES.header_files[header.form], MOST_BYTES[header.form]
        if header.file:
            file = await self._port.media(header.file)
            mime = mime_of(file, allowed, field)
            if file.size > most:
                raise Rejected(
                    f"{field}: {file.size} bytes, at most {most} are allowed",
                    field=field,
                    words="whatsapp_api.template.file_size",
                    limit=most,
                )
            return await hand_over(self._client, file, mime)
        url = example_file(known, place) if known is not None else ""
        if not url:
            raise Rejected(f"{field}: the file is missing", field=field, words="whatsapp_api.template.file")
        file = await held(await fetched(self._port, url, home=self._client.is_home), allowed, most)
        return await hand_over(self._client, file, file.mime)
