"""Templates as they are made: designed, reviewed by the provider, edited, copied, deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

from msgspec import Struct

from .abilities import Download, HasTemplates
from .events import TemplateStanding
from .parts import Template

HeaderForm = Literal["none", "text", "image", "video", "document", "location", "product", "other"]
ButtonForm = Literal[
    "reply",
    "url",
    "phone",
    "copy_code",
    "flow",
    "otp",
    "catalog",
    "product",
    "products",
    "call",
    "contact_request",  # what is your number?
    "other",  # one that we do not know: its data keeps it as it came
]


class TemplateHeader(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`file`: for a picture, video or document the id of a file in Jackfield's store, as the example that
    the reviewer sees; on what was read from the provider it is empty, and stays what it is."""

    form: HeaderForm = "none"
    text: str = ""
    file: str = ""


class TemplateButton(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`value`: the address, the number, the code's example, the form's id. `data`: what else the
    provider wants (otp_type, navigate_screen …)."""

    form: ButtonForm
    title: str = ""
    value: str = ""
    data: Mapping[str, str] = {}


class TemplateCard(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One card of a carousel."""

    header: TemplateHeader
    body: str = ""
    buttons: tuple[TemplateButton, ...] = ()


class TemplateDesign(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that a template is made of.

    Places in texts are {{1}}, {{2}} … or {{name}}: `places` says which of the two. `examples`: a value
    for each, by where it stands: "header.1", "body.name", "button.0", "card.2.body.1".
    """

    name: str
    language: str
    category: Literal["marketing", "utility", "authentication"]
    body: str = ""
    places: Literal["numbered", "named"] = "numbered"
    header: TemplateHeader = TemplateHeader()
    footer: str = ""
    limited: str = ""  # the line of a limited offer
    buttons: tuple[TemplateButton, ...] = ()
    cards: tuple[TemplateCard, ...] = ()
    examples: Mapping[str, str] = {}
    ttl: int | None = None  # seconds the provider tries to deliver it
    data: Mapping[str, str] = {}  # what else the provider wants (add_security_recommendation …)


class TemplateRecord(Struct, frozen=True, kw_only=True):
    """A template at the provider's: its design and how it fares. `problem`: what may not be done with it
    and why, by what: "edit", "delete", "send" → a key of the catalogue."""

    id: str
    design: TemplateDesign
    standing: TemplateStanding
    word: str = ""  # the provider's own for it
    reason: str = ""  # of a rejection or a pause
    quality: Literal["", "high", "medium", "low"] = ""
    next_category: str = ""  # it is about to become this one
    changed_at: datetime | None = None
    problems: Mapping[str, str] = {}


class TemplateRules(Struct, frozen=True, kw_only=True):
    """Limits in characters and numbers."""

    name: int
    header: int
    body: int
    footer: int
    buttons: int
    button_title: int
    forms: Mapping[str, int] = {}  # by ButtonForm: how many of a kind
    header_files: Mapping[str, tuple[str, ...]] = {}  # by HeaderForm: MIME types
    languages: tuple[str, ...] = ()
    cards: int = 0
    card_body: int = 0
    limited: int = 0
    ttl: Mapping[str, tuple[int, int]] = {}  # by category: seconds, at least and at most


@runtime_checkable
class DesignsTemplates(HasTemplates, Protocol):
    """Templates can be made here. What is wrong with a design is a Rejected that names its field.

    Core keeps a copy of designs() for each `template_account` of a workspace, follows it by TemplateState
    events, and asks again now and then.
    """

    @property
    def template_account(self) -> str:
        """Channels with the same word share their templates."""
        ...

    def template_rules(self) -> TemplateRules: ...
    def template_problems(self, standing: TemplateStanding) -> Mapping[str, str]:
        """What may not be done with a template that stands so: TemplateRecord.problems. No I/O."""
        ...

    def template_part(self, design: TemplateDesign) -> Template:
        """What is sent of such a template, its blanks not filled: `parameters` are its places with their
        examples. No I/O."""
        ...

    async def designs(self) -> Sequence[TemplateRecord]: ...
    async def create_template(self, design: TemplateDesign) -> TemplateRecord: ...
    async def edit_template(self, template: str, design: TemplateDesign) -> TemplateRecord: ...
    async def delete_template(self, template: str, *, name: str, every_language: bool) -> None: ...
    async def unpause_template(self, template: str) -> None: ...
    async def template_file(self, template: str, place: str) -> Download:
        """The example in the header of a template, or of its card: `place` is "header", "card.0" …"""
        ...
