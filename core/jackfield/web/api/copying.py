"""Templates between accounts: compared field by field, and copied from one into others."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from jackfield import ids
from jackfield.channel import TemplateDesign, TemplateRecord
from jackfield.errors import Problem
from jackfield.inbox.templates import reading
from jackfield.inbox.templates.comparing import Difference, differences
from jackfield.inbox.templates.copies import record_of
from jackfield.web.locales import locale_of
from jackfield.web.problems import ProblemView, view
from jackfield.wire.views import Role

from .asking import REFUSES, answer_of
from .call import Call
from .desk import Desk, account_row, design_at, keep, note_done, open_desk, read_again
from .paging import Page
from .registry import Api
from .transfer import Transfer

api = Api("templates")

Targets = Annotated[tuple[str, ...], Meta(min_length=1, max_length=50)]


class ToBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ids of channels."""

    to: Targets


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


@api.post("/channels/{channel}/designs/{template}/compare", refuses=REFUSES)
async def compare_design(call: Call, channel: str, template: str, body: ToBody) -> Page[Compared]:
    """The same template, by name and language, in the accounts of other channels: field by field."""
    desk = await open_desk(call, channel, "operator")
    ours = await design_at(call, desk, template)
    targets = [await _target(call, one, "operator") for one in body.to]
    return Page(items=tuple([await _compared(call, ours, target) for target in targets]))


@api.post("/channels/{channel}/designs/{template}/copy", refuses=REFUSES)
async def copy_design(call: Call, channel: str, template: str, body: ToBody) -> Page[Copied]:
    """Make it in the accounts of other channels, or edit what they have of this name and language.

    Each account for itself: what one refuses does not keep the next from its copy."""
    desk = await open_desk(call, channel, "admin")
    ours = await design_at(call, desk, template)
    targets = [await _target(call, one, "admin") for one in body.to]
    transfer = Transfer(call, desk.channel, template, ours)
    copied = [await _copied(call, ours, target, transfer) for target in targets]
    await note_done(call, desk, "template.copied", ours.name)
    return Page(items=tuple(copied))


async def _target(call: Call, channel: str, least: Role) -> Desk | Compared:
    """Another channel. One that cannot be asked now is an outcome; one that is not theirs is NotFound."""
    try:
        return await open_desk(call, channel, least)
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
        await keep(call, target, record.id, record)
    except Problem as problem:
        return Copied(channel=shown, outcome="failed", problem=_shown(call, problem))
    return Copied(channel=shown, outcome="created" if theirs is None else "edited", template=record)


async def _theirs(call: Call, ours: TemplateDesign, target: Desk) -> TemplateRecord | None:
    """The template of this name and language in another account, as our copy has it."""
    if not (await account_row(call, target)).read_at:
        await read_again(call, target)
    rows = await reading.rows_of(call.parts.store, target.row.workspace_id, target.account)
    found = [row for row in rows if (row.name, row.language) == (ours.name, ours.language)]
    live = [row for row in found if row.standing not in ("deleted", "pending_deletion")]
    return record_of(live[-1], target.channel) if live else None


def _shown(call: Call, problem: Problem) -> ProblemView:
    return view(call.parts.translate, locale_of(call.request), problem)
