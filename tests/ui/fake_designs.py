"""Templates of the fake server: made, reviewed, changed, compared, copied, drawn."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from jackfield.channel import (
    Media,
    Option,
    Template,
    TemplateButton,
    TemplateDesign,
    TemplateHeader,
    TemplateRecord,
    TemplateRules,
)

if TYPE_CHECKING:
    from fake_admin import Business
    from fake_server import World

RULES = TemplateRules(
    name=512,
    header=60,
    body=1024,
    footer=60,
    buttons=10,
    button_title=25,
    forms={"reply": 10, "url": 2, "phone": 1, "copy_code": 1, "flow": 1, "other": 10},
    header_files={
        "image": ("image/jpeg", "image/png"),
        "video": ("video/mp4",),
        "document": ("application/pdf",),
    },
    languages=("en", "en_US", "ru"),
    cards=10,
    card_body=160,
    limited=16,
    ttl={"utility": (30, 43_200), "marketing": (43_200, 2_592_000), "authentication": (30, 900)},
)
BLANK = re.compile(r"\{\{(\w+)\}\}")


def records() -> list[TemplateRecord]:
    at = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

    def record(number: int, name: str, body: str, **more: Any) -> TemplateRecord:
        design = TemplateDesign(
            name=name,
            language=more.pop("language", "ru"),
            category=more.pop("category", "utility"),
            body=body,
            **more.pop("design", {}),
        )
        return TemplateRecord(id=str(1000 + number), design=design, changed_at=at, **more)

    order: dict[str, Any] = {
        "header": TemplateHeader(form="text", text="Заказ {{1}}"),
        "footer": "Северный свет",
        "buttons": (
            TemplateButton(form="url", title="Где забрать", value="https://shop.example/{{1}}"),
            TemplateButton(form="reply", title="Перенести"),
        ),
        "examples": {
            "header.1": "4821",
            "body.1": "Мария",
            "body.2": "пятницы",
            "button.0": "https://shop.example/4821",
        },
    }
    ready = "Здравствуйте, {{1}}! Ваш заказ готов и ждёт вас до {{2}}."
    return [
        record(1, "order_ready", ready, standing="approved", quality="high", design=order),
        record(2, "order_ready", "Hello {{1}}!", standing="approved", language="en",
               design={"examples": {"body.1": "Maria"}}),
        record(3, "autumn_sale", "Скидки до *30 %* на всё тёплое!", category="marketing", standing="paused",
               quality="low", reason="Too many people blocked or reported it."),
        record(4, "review_us", "Оцените нас", category="marketing", standing="rejected",
               reason="INVALID_FORMAT"),
        record(5, "courier_call", "Курьер позвонит вам в течение часа.", standing="pending"),
        record(6, "old_news", "Новости", category="marketing", standing="disabled",
               problems={"edit": "problem.conflict", "send": "error.template_stopped"}),
        record(7, "delivery_time", "Доставим с {{1}} до {{2}}", standing="approved",
               next_category="marketing",
               design={"examples": {"body.1": "10", "body.2": "14"}}),
    ]  # fmt: skip


class Desk:
    def __init__(self, world: World) -> None:
        self.world = world
        self.records = records()
        self.copied: list[str] = []

    async def listed(self, _request: Request, _: Any) -> Any:
        return {"rules": RULES, "templates": self.records, "read_at": 1, "problem": ""}

    async def made(self, _request: Request, body: Any) -> Any:
        design = msgspec.convert(body, TemplateDesign)
        record = TemplateRecord(id=str(2000 + len(self.records)), design=design, standing="pending")
        self.records.append(record)
        return record

    async def changed(self, request: Request, body: Any) -> Any:
        return self._put(request, design=msgspec.convert(body, TemplateDesign), standing="pending", reason="")

    async def deleted(self, request: Request, _: Any) -> Any:
        name = self._one(request).design.name
        every = request.query_params.get("every_language") == "true"
        gone = request.path_params["template"]
        self.records = [
            one for one in self.records if one.id != gone and not (every and one.design.name == name)
        ]

    async def unpaused(self, request: Request, _: Any) -> Any:
        return self._put(request, standing="approved", reason="")

    async def news(self, _request: Request, _: Any) -> Any:
        at = 1_790_000_000_000
        items = [
            {"id": "2", "at": at, "what": "standing", "value": "paused", "was": "approved",
             "reason": "Too many people blocked or reported it."},
            {"id": "1", "at": at - 9_000_000, "what": "standing", "value": "approved", "was": "pending",
             "reason": ""},
        ]  # fmt: skip
        return {"items": items, "next": None}

    async def compared(self, _request: Request, body: Any) -> Any:
        difference = {"field": "body", "ours": "Здравствуйте, {{1}}!", "theirs": "Привет, {{1}}!"}
        items = [
            {"channel": one, "outcome": "differs" if n == 0 else "missing", "template": None, "problem": None,
             "differences": [difference] if n == 0 else []}
            for n, one in enumerate(body["to"])
        ]  # fmt: skip
        return {"items": items, "next": None}

    async def copies(self, _request: Request, body: Any) -> Any:
        self.copied += body["to"]
        items = [
            {"channel": one, "outcome": "edited" if n == 0 else "created", "template": None, "problem": None}
            for n, one in enumerate(body["to"])
        ]
        return {"items": items, "next": None}

    async def preview(self, _request: Request, body: Any) -> Any:
        design, values = msgspec.convert(body["design"], TemplateDesign), body["values"]

        def put(text: str, where: str) -> str:
            return BLANK.sub(lambda found: values.get(f"{where}.{found[1]}") or found[0], text)

        picture = design.header.form == "image" and design.header.file
        return Template(
            name=design.name,
            language=design.language,
            category=design.category,
            header=put(design.header.text, "header") if design.header.form == "text" else "",
            header_media=Media(sort="image", ref=design.header.file) if picture else None,
            body=put(design.body, "body"),
            footer=design.footer,
            buttons=tuple(
                Option(id=str(n), title=one.title, url=one.value if one.form == "url" else "")
                for n, one in enumerate(design.buttons)
            ),
        )

    def _one(self, request: Request) -> TemplateRecord:
        return next(one for one in self.records if one.id == request.path_params["template"])

    def _put(self, request: Request, **change: Any) -> TemplateRecord:
        record = msgspec.structs.replace(self._one(request), **change)
        self.records = [record if one.id == record.id else one for one in self.records]
        return record


def design_routes(business: Business) -> list[BaseRoute]:
    desk, top = business.desk, "/api/v1/channels/{channel}/designs"
    one = top + "/{template}"
    table = [
        ("GET", top, desk.listed),
        ("POST", top, desk.made),
        ("POST", f"{top}/preview", desk.preview),
        ("GET", f"{one}/news", desk.news),
        ("POST", f"{one}/compare", desk.compared),
        ("POST", f"{one}/copy", desk.copies),
        ("POST", f"{one}/unpause", desk.unpaused),
        ("PATCH", one, desk.changed),
        ("DELETE", one, desk.deleted),
    ]
    return [Route(path, business.answer(run), methods=[method]) for method, path, run in table]
