"""Templates as they are made: listed with their history, edited, deleted, and seen before they are sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, Struct

from jackfield.channel import Template, TemplateDesign, TemplateRecord, TemplateRules
from jackfield.errors import Problem
from jackfield.inbox.templates import reading
from jackfield.inbox.templates.copies import record_of
from jackfield.inbox.templates.filling import filled
from jackfield.store.rows import TemplateNewsRow
from jackfield.web.clock import now_ms

from .asking import REFUSES, answer_of
from .call import Call
from .desk import account_row, keep, note_done, open_desk, read_again, template_row
from .paging import Page, Paged, key_of, page
from .registry import Api

api = Api("templates")

FRESH = 60_000  # ms: a list that is older is read again when somebody looks


class DesignsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`fresh`: ask the provider, however new our copy is."""

    fresh: bool = False


class DeleteQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    every_language: bool = False


class NewsQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Designs(Struct, frozen=True, kw_only=True):
    """Our copy. `read_at`: when it was read, ms. `problem`: why it could not be since ("error.<problem>")."""

    rules: TemplateRules
    templates: tuple[TemplateRecord, ...]
    read_at: int
    problem: str


class TemplateNewsView(Struct, frozen=True, kw_only=True):
    """One thing that changed. `what`: "standing", "quality", "category", "next_category" or "design"."""

    id: str
    at: int
    what: str
    value: str
    was: str
    reason: str


class PreviewBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`values` by place: "body.1"."""

    design: TemplateDesign
    values: Mapping[str, Annotated[str, Meta(max_length=4096)]] = {}


@api.get("/channels/{channel}/designs", refuses=REFUSES)
async def designs(call: Call, channel: str, query: DesignsQuery) -> Designs:
    """All templates of the channel's account, whatever they stand at. The provider is asked once a minute."""
    desk = await open_desk(call, channel, "operator")
    account = await account_row(call, desk)
    if query.fresh or account.read_at + FRESH < now_ms():
        try:
            await read_again(call, desk)
        except Problem:
            if not account.read_at:
                raise
        account = await account_row(call, desk)
    rows = await reading.rows_of(call.parts.store, desk.row.workspace_id, desk.account)
    return Designs(
        rules=desk.channel.template_rules(),
        templates=tuple(record_of(row, desk.channel) for row in rows),
        read_at=account.read_at,
        problem=account.problem,
    )


@api.post("/channels/{channel}/designs", refuses=REFUSES)
async def create_design(call: Call, channel: str, body: TemplateDesign) -> TemplateRecord:
    """Hand a new template over for review."""
    desk = await open_desk(call, channel, "admin")
    record = await answer_of(desk.channel.create_template(body))
    await keep(call, desk, record.id, record)
    await note_done(call, desk, "template.created", body.name)
    return record


@api.patch("/channels/{channel}/designs/{template}", refuses=REFUSES)
async def edit_design(call: Call, channel: str, template: str, body: TemplateDesign) -> TemplateRecord:
    """Another design in its place; it is reviewed again."""
    desk = await open_desk(call, channel, "admin")
    await template_row(call, desk, template)
    record = await answer_of(desk.channel.edit_template(template, body))
    await keep(call, desk, template, record)
    await note_done(call, desk, "template.edited", body.name)
    return record


@api.delete("/channels/{channel}/designs/{template}", refuses=REFUSES)
async def delete_design(call: Call, channel: str, template: str, query: DeleteQuery) -> None:
    """In this language, or in every one it has. Its name may be blocked for some time then."""
    desk = await open_desk(call, channel, "admin")
    row = await template_row(call, desk, template)
    every = query.every_language
    await answer_of(desk.channel.delete_template(template, name=row.name, every_language=every))
    rows = await reading.rows_of(call.parts.store, desk.row.workspace_id, desk.account)
    for one in rows:
        if one.id == row.id or (every and one.name == row.name):
            await keep(call, desk, one.external_id, None)
    await note_done(call, desk, "template.deleted", row.name)


@api.post("/channels/{channel}/designs/{template}/unpause", refuses=REFUSES)
async def unpause_design(call: Call, channel: str, template: str) -> TemplateRecord:
    """Ask for it to be sent again. What the provider makes of it comes as news."""
    desk = await open_desk(call, channel, "admin")
    await template_row(call, desk, template)
    await answer_of(desk.channel.unpause_template(template))
    await read_again(call, desk)
    row = await template_row(call, desk, template)
    await note_done(call, desk, "template.unpaused", row.name)
    return record_of(row, desk.channel)


@api.get("/channels/{channel}/designs/{template}/news", refuses=REFUSES)
async def design_news(call: Call, channel: str, template: str, query: NewsQuery) -> Page[TemplateNewsView]:
    """What changed of it, newest first."""
    desk = await open_desk(call, channel, "operator")
    row = await template_row(call, desk, template)
    (before,) = key_of(query.after, first=((1 << 63) - 1,))
    found = await call.parts.store.rows(
        TemplateNewsRow,
        "WHERE template_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        row.id,
        before,
        query.limit + 1,
    )
    return page(found, query.limit, key=lambda news: (news.id,), view=_news_view)


@api.post("/channels/{channel}/designs/preview", refuses=REFUSES)
async def preview_design(call: Call, channel: str, body: PreviewBody) -> Template:
    """The message as a person would see it, made as it is when it is sent."""
    desk = await open_desk(call, channel, "operator")
    return filled(desk.channel.template_part(body.design), body.values)


def _news_view(row: TemplateNewsRow) -> TemplateNewsView:
    return TemplateNewsView(
        id=str(row.id), at=row.at, what=row.what, value=row.value, was=row.was, reason=row.reason
    )
