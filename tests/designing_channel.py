"""A channel for tests whose templates are made and reviewed in memory; channels may share an account."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from msgspec.structs import replace
from web_world import TodaysChannel

import jackfield.channel as c

WELCOME = c.TemplateDesign(
    name="welcome",
    language="en",
    category="utility",
    body="Hello {{1}}, your order {{2}} is here",
    footer="Corner Shop",
    buttons=(
        c.TemplateButton(form="reply", title="Thanks"),
        c.TemplateButton(form="url", title="Track", value="https://example.org/{{1}}"),
    ),
    examples={"body.1": "Ann", "body.2": "17", "button.1": "a"},
)
LONGEST = 60  # characters of a body in this network


@dataclass
class TemplateHouse:
    """What the provider has of one account."""

    records: dict[str, c.TemplateRecord] = field(default_factory=dict[str, c.TemplateRecord])
    asked: list[str] = field(default_factory=list[str])
    fails: list[c.ChannelError] = field(default_factory=list[c.ChannelError])  # the next calls
    made: int = 0

    def add(
        self, design: c.TemplateDesign = WELCOME, standing: c.TemplateStanding = "approved", **more: Any
    ) -> c.TemplateRecord:
        self.made += 1
        record = c.TemplateRecord(id=str(1000 + self.made), design=design, standing=standing, **more)
        self.records[record.id] = record
        return record

    def becomes(self, record: c.TemplateRecord, **changes: Any) -> None:
        self.records[record.id] = replace(self.records[record.id], **changes)

    def note(self, what: str) -> None:
        self.asked.append(what)
        if self.fails:
            raise self.fails.pop(0)


class DesigningChannel(TodaysChannel):
    """`houses` by account; the account is the line, unless `account_of_line` says another."""

    houses: ClassVar[dict[str, TemplateHouse]] = {}
    account_of_line: ClassVar[dict[str, str]] = {}

    @property
    def template_account(self) -> str:
        return self.account_of_line.get(self.config["line"], self.config["line"])

    @property
    def house(self) -> TemplateHouse:
        return self.houses.setdefault(self.template_account, TemplateHouse())

    def capabilities(self, about: c.Facts) -> c.Capabilities:
        return replace(super().capabilities(about), template=c.Level.FULL)

    def template_rules(self) -> c.TemplateRules:
        return c.TemplateRules(
            name=20, header=20, body=LONGEST, footer=20, buttons=3, button_title=20, languages=("en", "ru")
        )

    def template_problems(self, standing: c.TemplateStanding) -> Mapping[str, str]:
        return {} if standing in ("approved", "paused", "rejected") else {"edit": "whole.not_now"}

    def template_part(self, design: c.TemplateDesign) -> c.Template:
        media = c.Media(sort="image", ref=design.header.file) if design.header.form == "image" else None
        return c.Template(
            name=design.name,
            language=design.language,
            category=design.category,
            header_media=media,
            body=design.body,
            footer=design.footer,
            buttons=tuple(
                c.Option(id=button.form, title=button.title, url=button.value if button.form == "url" else "")
                for button in design.buttons
            ),
            parameters=design.examples,
        )

    async def templates(self) -> Sequence[c.Template]:
        return [
            self.template_part(one.design)
            for one in self.house.records.values()
            if one.standing == "approved"
        ]

    async def designs(self) -> Sequence[c.TemplateRecord]:
        self.house.note("designs")
        return list(self.house.records.values())

    async def create_template(self, design: c.TemplateDesign) -> c.TemplateRecord:
        self.house.note("create")
        self._check(design)
        return self.house.add(self._without_files(design), "pending")

    async def edit_template(self, template: str, design: c.TemplateDesign) -> c.TemplateRecord:
        self.house.note("edit")
        self._check(design)
        known = self.house.records[template]
        self.house.becomes(known, design=self._without_files(design), standing="pending")
        return self.house.records[template]

    async def delete_template(self, template: str, *, name: str, every_language: bool) -> None:
        self.house.note("delete")
        for record in list(self.house.records.values()):
            if record.id == template or (every_language and record.design.name == name):
                del self.house.records[record.id]

    async def unpause_template(self, template: str) -> None:
        self.house.note("unpause")
        self.house.becomes(self.house.records[template], standing="approved")

    async def template_file(self, template: str, place: str) -> c.Download:
        self.house.note(f"file {place}")
        return c.Download(chunks=_bytes(), mime="image/png")

    def _check(self, design: c.TemplateDesign) -> None:
        if len(design.body) > LONGEST:
            raise c.Rejected("too long", field="body", words="whole.too_long", limit=LONGEST)
        if design.header.form == "image" and not design.header.file:
            raise c.Rejected("no file", field="header.file")

    def _without_files(self, design: c.TemplateDesign) -> c.TemplateDesign:
        return replace(design, header=replace(design.header, file=""))


PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)


async def _bytes() -> AsyncIterator[bytes]:
    yield PICTURE
