"""Which templates can be sent on a channel: out of our copy, so that one that is paused is not offered."""

from __future__ import annotations

from jackfield.channel import DesignsTemplates, Template
from jackfield.inbox.templates import reading
from jackfield.inbox.templates.copies import account_of, design_of
from jackfield.store.rows import ChannelRow, TemplateAccountRow

from .asking import answer_of
from .call import Call


async def sendable(call: Call, row: ChannelRow, channel: DesignsTemplates) -> tuple[Template, ...]:
    """Raises the problem of a provider that does not list them where it never did."""
    store, workspace = call.parts.store, row.workspace_id
    account = account_of(row.kind, channel.template_account)
    sql = "WHERE workspace_id = $1 AND account = $2 AND read_at > 0"
    if not await store.rows(TemplateAccountRow, sql, workspace, account):
        listed = reading.read(store, workspace=workspace, channel_id=row.id, kind=row.kind, channel=channel)
        await answer_of(listed)
    rows = await reading.rows_of(store, workspace, account)
    designs = [design_of(one) for one in rows if one.standing == "approved"]
    return tuple(channel.template_part(design) for design in designs if design is not None)
