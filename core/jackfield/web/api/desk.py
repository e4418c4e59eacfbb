"""The desk at which a channel's templates are made: their account, our copy of it, and its provider."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from jackfield import ids
from jackfield.channel import DesignsTemplates, TemplateDesign, TemplateRecord
from jackfield.errors import NotFound
from jackfield.inbox.templates import reading
from jackfield.inbox.templates.copies import account_of, design_of
from jackfield.inbox.templates.works import Keep
from jackfield.store.rows import ChannelRow, TemplateAccountRow, TemplateRow
from jackfield.web.auth.sessions import note
from jackfield.wire.views import Role

from .asking import answer_of, lacks, open_channel
from .call import Call


class Desk(Struct, frozen=True, kw_only=True):
    """A channel whose templates can be made, and the account they are in."""

    row: ChannelRow
    channel: DesignsTemplates
    account: str


async def open_desk(call: Call, channel: str, least: Role) -> Desk:
    """Raises what open_channel() raises, and Conflict for a channel whose templates cannot be made."""
    row, opened = await open_channel(call, channel, least)
    if not isinstance(opened, DesignsTemplates):
        raise lacks("design")
    return Desk(row=row, channel=opened, account=account_of(row.kind, opened.template_account))


async def design_at(call: Call, desk: Desk, template: str) -> TemplateDesign:
    """The design of one, read again where our copy has none yet. Raises NotFound."""
    design = design_of(await template_row(call, desk, template))
    if design is None:
        await read_again(call, desk)
        design = design_of(await template_row(call, desk, template))
    if design is None:
        raise NotFound(what="template")
    return design


async def template_row(call: Call, desk: Desk, template: str) -> TemplateRow:
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


async def account_row(call: Call, desk: Desk) -> TemplateAccountRow:
    """When the account was read, and why it could not be; an empty one before the first time."""
    rows = await call.parts.store.rows(
        TemplateAccountRow, "WHERE workspace_id = $1 AND account = $2", desk.row.workspace_id, desk.account
    )
    return rows[0] if rows else TemplateAccountRow(id=0, workspace_id=desk.row.workspace_id, account="")


async def read_again(call: Call, desk: Desk) -> None:
    """Have the provider list them all, and store that."""
    await answer_of(
        reading.read(
            call.parts.store,
            workspace=desk.row.workspace_id,
            channel_id=desk.row.id,
            kind=desk.row.kind,
            channel=desk.channel,
        )
    )


async def keep(call: Call, desk: Desk, template: str, record: TemplateRecord | None) -> None:
    """Into our copy; None: it is deleted."""
    work = Keep(
        workspace=desk.row.workspace_id,
        channel=desk.row.id,
        account=desk.account,
        template=template,
        record=record,
    )
    await call.parts.store.writer.do(work)


async def note_done(call: Call, desk: Desk, what: str, name: str) -> None:
    """Into the record of who did what. `name`: of the template."""
    data = msgspec.json.encode({"channel": ids.show("ch", desk.row.id), "template": name}).decode()
    await note(call.visitor.operator, what, workspace=desk.row.workspace_id, data=data)
