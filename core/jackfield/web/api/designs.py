"""Templates as they are made: listed with their history, edited, compared and copied between accounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from jackfield import ids
from jackfield.channel import (
    Channel,
    DesignsTemplates,
    Template,
    TemplateDesign,
    TemplateRecord,
    TemplateRules,
)
from jackfield.errors import NotFound, Problem
from jackfield.inbox.templates import reading
from jackfield.inbox.templates.comparing import Difference, differences
from jackfield.inbox.templates.copies import Keep, account_of, design_of, record_of
from jackfield.inbox.templates.filling import filled
from jackfield.store.rows import ChannelRow, TemplateAccountRow, TemplateNewsRow, TemplateRow
from jackfield.web.auth.sessions import note
from jackfield.web.clock import now_ms
from jackfield.web.locales import locale_of
from jackfield.web.problems import ProblemView, view
from jackfield.wire.views import Role

from .asking import REFUSES, answer_of, lacks, open_channel
from .call import Call
from .paging import Page, Paged, key_of, page
from .registry import Api
from .transfer import Transfer

api = Api("templates")

FRESH = 60_000  # ms: a list that is older is read again when somebody looks
Targets = Annotated[tuple[str, ...], Meta(min_length=1, max_length=50)]


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


class ToBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ids of channels."""

    to: Targets


class PreviewBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`values` by place: "body.1"."""

    design: TemplateDesign
    values: Mapping[str, Annotated[str, Meta(max_length=4096)]] = {}


class Compared(Struct, frozen=True, kw_only=True):
    """How the same template of another channel's account differs; `problem`: it cannot be seen."""

    channel: str
    outcome: Literal["same", "missing", "differs", "failed"]
    differences: tuple[Difference, ...] = ()
    template: TemplateRecord | None = None
    problem: ProblemView | None = None


class Copied(Struct, frozen=True, kw_only=True):
    """What came of one copy. One that failed left its account as it was."""

    channel: str
    outcome: Literal["same", "created", "edited", "failed"]
    template: TemplateRecord | None = None
    problem: ProblemView | None = None


class Desk(Struct, frozen=True, kw_only=True):
    """A channel whose templates can be made, and the account they are in."""

    row: ChannelRow
    channel: DesignsTemplates
    account: str


@api.get("/channels/{channel}/designs", refuses=REFUSES)
async def designs(call: Call, channel: str, query: DesignsQuery) -> Designs:
    """All templates of the channel's account, whatever they stand at. The provider is asked once a minute."""
    desk = await _desk(call, channel, "operator")
    account = await _account(call, desk)
    if query.fresh or account.read_at + FRESH < now_ms():
        try:
            await _read(call, desk)
        except Problem:
            if not account.read_at:
                raise
        account = await _account(call, desk)
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
    desk = await _desk(call, channel, "admin")
    record = await answer_of(desk.channel.create_template(body))
    await _keep(call, desk, record.id, record)
    await _note(call, desk, "template.created", body.name)
    return record


@api.patch("/channels/{channel}/designs/{template}", refuses=REFUSES)
async def edit_design(call: Call, channel: str, template: str, body: TemplateDesign) -> TemplateRecord:
    """Another design in its place; it is reviewed again."""
    desk = await _desk(call, channel, "admin")
    await _template(call, desk, template)
    record = await answer_of(desk.channel.edit_template(template, body))
    await _keep(call, desk, template, record)
    await _note(call, desk, "template.edited", body.name)
    return record


@api.delete("/channels/{channel}/designs/{template}", refuses=REFUSES)
async def delete_design(call: Call, channel: str, template: str, query: DeleteQuery) -> None:
    """In this language, or in every one it has. Its name may be blocked for some time then."""
    desk = await _desk(call, channel, "admin")
    row = await _template(call, desk, template)
    every = query.every_language
    await answer_of(desk.channel.delete_template(template, name=row.name, every_language=every))
    rows = await reading.rows_of(call.parts.store, desk.row.workspace_id, desk.account)
    for one in rows:
        if one.id == row.id or (every and one.name == row.name):
            await _keep(call, desk, one.external_id, None)
    await _note(call, desk, "template.deleted", row.name)


@api.post("/channels/{channel}/designs/{template}/unpause", refuses=REFUSES)
async def unpause_design(call: Call, channel: str, template: str) -> TemplateRecord:
    """Ask for it to be sent again. What the provider makes of it comes as news."""
    desk = await _desk(call, channel, "admin")
    await _template(call, desk, template)
    await answer_of(desk.channel.unpause_template(template))
    await _read(call, desk)
    row = await _template(call, desk, template)
    await _note(call, desk, "template.unpaused", row.name)
    return record_of(row, desk.channel)


@api.get("/channels/{channel}/designs/{template}/news", refuses=REFUSES)
async def design_news(call: Call, channel: str, template: str, query: NewsQuery) -> Page[TemplateNewsView]:
    """What changed of it, newest first."""
    desk = await _desk(call, channel, "operator")
    row = await _template(call, desk, template)
    (before,) = key_of(query.after, first=((1 << 63) - 1,))
    found = await call.parts.store.rows(
        TemplateNewsRow,
        "WHERE template_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        row.id,
        before,
        query.limit + 1,
    )
    return page(found, query.limit, key=lambda news: (news.id,), view=_news_view)


@api.post("/channels/{channel}/designs/{template}/compare", refuses=REFUSES)
async def compare_design(call: Call, channel: str, template: str, body: ToBody) -> Page[Compared]:
    """The same template, by name and language, in the accounts of other channels: field by field."""
    desk = await _desk(call, channel, "operator")
    ours = await _design(call, desk, template)
    targets = [await _target(call, one, "operator") for one in body.to]
    return Page(items=tuple([await _compared(call, ours, target) for target in targets]))


@api.post("/channels/{channel}/designs/{template}/copy", refuses=REFUSES)
async def copy_design(call: Call, channel: str, template: str, body: ToBody) -> Page[Copied]:
    """Make it in the accounts of other channels, or edit what they have of this name and language.

    Each account for itself: what one refuses does not keep the next from its copy."""
    desk = await _desk(call, channel, "admin")
    ours = await _design(call, desk, template)
    targets = [await _target(call, one, "admin") for one in body.to]
    transfer = Transfer(call, desk.channel, template, ours)
    copied = [await _copied(call, ours, target, transfer) for target in targets]
    await _note(call, desk, "template.copied", ours.name)
    return Page(items=tuple(copied))


@api.post("/channels/{channel}/designs/preview", refuses=REFUSES)
async def preview_design(call: Call, channel: str, body: PreviewBody) -> Template:
    """The message as a person would see it, made as it is when it is sent."""
    desk = await _desk(call, channel, "operator")
    return filled(desk.channel.template_part(body.design), body.values)


async def _desk(call: Call, channel: str, least: Role) -> Desk:
    row, opened = await open_channel(call, channel, least)
    return _desk_of(row, opened)


def _desk_of(row: ChannelRow, channel: Channel) -> Desk:
    if not isinstance(channel, DesignsTemplates):
        raise lacks("design")
    return Desk(row=row, channel=channel, account=account_of(row.kind, channel.template_account))


async def _target(call: Call, channel: str, least: Role) -> Desk | Compared:
    """Another channel. One that cannot be asked now is an outcome; one that is not theirs is NotFound."""
    try:
        return await _desk(call, channel, least)
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        return Compared(channel=channel, outcome="failed", problem=_shown(call, problem))


async def _compared(call: Call, ours: TemplateDesign, target: Desk | Compared) -> Compared:
    if isinstance(target, Compared):
        return target
    shown = ids.show("ch", target.row.id)
    try:
        theirs = await _theirs(call, ours, target)
    except Problem as problem:
        return Compared(channel=shown, outcome="failed", problem=_shown(call, problem))
    if theirs is None:
        return Compared(channel=shown, outcome="missing")
    found = differences(ours, theirs.design)
    return Compared(channel=shown, outcome="differs" if found else "same", differences=found, template=theirs)


async def _copied(call: Call, ours: TemplateDesign, target: Desk | Compared, transfer: Transfer) -> Copied:
    if isinstance(target, Compared):
        return Copied(channel=target.channel, outcome="failed", problem=target.problem)
    shown = ids.show("ch", target.row.id)
    try:
        theirs = await _theirs(call, ours, target)
        if theirs is not None and not differences(ours, theirs.design):
            return Copied(channel=shown, outcome="same", template=theirs)
        design = await transfer.design_for(target.row.workspace_id)
        if theirs is None:
            record = await answer_of(target.channel.create_template(design))
        else:
            record = await answer_of(target.channel.edit_template(theirs.id, design))
        await _keep(call, target, record.id, record)
    except Problem as problem:
        return Copied(channel=shown, outcome="failed", problem=_shown(call, problem))
    return Copied(channel=shown, outcome="created" if theirs is None else "edited", template=record)


async def _theirs(call: Call, ours: TemplateDesign, target: Desk) -> TemplateRecord | None:
    """The template of this name and language in another account, as our copy has it."""
    if not (await _account(call, target)).read_at:
        await _read(call, target)
    rows = await reading.rows_of(call.parts.store, target.row.workspace_id, target.account)
    found = [row for row in rows if (row.name, row.language) == (ours.name, ours.language)]
    live = [row for row in found if row.standing not in ("deleted", "pending_deletion")]
    return record_of(live[-1], target.channel) if live else None


async def _design(call: Call, desk: Desk, template: str) -> TemplateDesign:
    design = design_of(await _template(call, desk, template))
    if design is None:
        await _read(call, desk)
        design = design_of(await _template(call, desk, template))
    if design is None:
        raise NotFound(what="template")
    return design


async def _template(call: Call, desk: Desk, template: str) -> TemplateRow:
    """Our copy of one. Raises NotFound for one that is not of this account."""
    rows = await call.parts.store.rows(
        TemplateRow,
        "WHERE workspace_id = $1 AND account = $2 AND external_id = $3",
        desk.row.workspace_id,
        desk.account,
        template[:80],
    )
    if not rows:
        raise NotFound(what="template")
    return rows[0]


async def _account(call: Call, desk: Desk) -> TemplateAccountRow:
    rows = await call.parts.store.rows(
        TemplateAccountRow, "WHERE workspace_id = $1 AND account = $2", desk.row.workspace_id, desk.account
    )
    return rows[0] if rows else TemplateAccountRow(id=0, workspace_id=desk.row.workspace_id, account="")


async def _read(call: Call, desk: Desk) -> None:
    await answer_of(
        reading.read(
            call.parts.store,
            workspace=desk.row.workspace_id,
            channel_id=desk.row.id,
            kind=desk.row.kind,
            channel=desk.channel,
        )
    )


async def _keep(call: Call, desk: Desk, template: str, record: TemplateRecord | None) -> None:
    work = Keep(
        workspace=desk.row.workspace_id,
        channel=desk.row.id,
        account=desk.account,
        template=template,
        record=record,
    )
    await call.parts.store.writer.do(work)


async def _note(call: Call, desk: Desk, what: str, name: str) -> None:
    data = msgspec.json.encode({"channel": ids.show("ch", desk.row.id), "template": name}).decode()
    await note(call.visitor.operator, what, workspace=desk.row.workspace_id, data=data)


def _news_view(row: TemplateNewsRow) -> TemplateNewsView:
    return TemplateNewsView(
        id=str(row.id), at=row.at, what=row.what, value=row.value, was=row.was, reason=row.reason
    )


def _shown(call: Call, problem: Problem) -> ProblemView:
    return view(call.parts.translate, locale_of(call.request), problem)
