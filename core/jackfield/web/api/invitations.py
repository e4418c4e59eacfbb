"""Invitations: links by which clients connect their own accounts. Made, listed, taken back."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from jackfield import ids
from jackfield.errors import Invalid, NotFound
from jackfield.ids import new_id
from jackfield.inbox.views import maybe
from jackfield.store.rows import InvitationRow
from jackfield.store.tables import Invitation
from jackfield.web.auth.sessions import note
from jackfield.web.clock import now_ms
from jackfield.web.invitations.finding import Stage, client_flows, stage_of
from jackfield.web.invitations.tokens import digest_of, new_token

from .asking import channel_row
from .call import Call
from .paging import Page
from .registry import Api

api = Api("channels")

HOUR = 3_600_000  # ms
SHOWN = 200  # of a workspace, the newest


class NewInvitation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`flow`: one of the kind's ways for clients; without it the client chooses. `again`: the channel whose
    login he renews. `hours` until the link is too old."""

    workspace: str
    kind: str
    flow: str | None = None
    again: str | None = None
    hours: Annotated[int, Meta(ge=1, le=168)] = 24


class InvitationsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    workspace: str


class InvitationView(Struct, frozen=True, kw_only=True):
    """`again`: the channel it renews; `opened_at`: when the client last began; `channel`: what he linked.
    `by`: who made it."""

    id: str
    ws: str
    kind: str
    flow: str | None
    again: str | None
    stage: Stage
    by: str
    created_at: int
    expires_at: int
    opened_at: int | None
    used_at: int | None
    channel: str | None


class Invited(Struct, frozen=True, kw_only=True):
    """`url` is said this once."""

    invitation: InvitationView
    url: str


@api.get("/channels/invitations")
async def invitations(call: Call, query: InvitationsQuery) -> Page[InvitationView]:
    """Links for clients of a workspace, the newest first, whatever became of them."""
    workspace = call.visitor.must_be("admin", ids.read("w", query.workspace))
    sql = "WHERE workspace_id = $1 ORDER BY id DESC LIMIT $2"
    found = await call.parts.store.rows(InvitationRow, sql, workspace, SHOWN)
    return Page(items=tuple(_view(row) for row in found))


@api.post("/channels/invitations")
async def make_invitation(call: Call, body: NewInvitation) -> Invited:
    """A link by which a client connects his own account once, without an account here."""
    workspace = call.visitor.must_be("admin", ids.read("w", body.workspace))
    again = None if body.again is None else await channel_row(call, body.again)
    if again is not None and (again.workspace_id, again.kind) != (workspace, body.kind):
        raise NotFound(what="ch")
    if not client_flows(call.parts, body.kind):
        raise Invalid("no client can connect this kind himself", fields={"kind": "unknown"})
    if not client_flows(call.parts, body.kind, body.flow or ""):
        raise Invalid("no client can go this way himself", fields={"flow": "unknown"})
    token, now = new_token(call.parts.store.box), now_ms()
    row = InvitationRow(
        id=new_id(),
        workspace_id=workspace,
        kind=body.kind,
        flow=body.flow or "",
        again_id=None if again is None else again.id,
        token=digest_of(call.parts.store.box, token),
        by_id=call.visitor.operator,
        created_at=now,
        expires_at=now + body.hours * HOUR,
    )
    await Invitation.create(**msgspec.structs.asdict(row))
    await _noted(call, "channel.invited", row)
    return Invited(invitation=_view(row), url=f"{call.parts.settings.url}/link/{token}")


@api.delete("/channels/invitations/{invitation}")
async def revoke_invitation(call: Call, invitation: str) -> None:
    """Take a link back: it opens nothing any more, and an attempt by it ends."""
    number = ids.read("iv", invitation)
    found = await call.parts.store.rows(InvitationRow, "WHERE id = $1", number)
    if not found or not call.visitor.sees(found[0].workspace_id):
        raise NotFound(what="iv")
    call.visitor.must_be("admin", found[0].workspace_id, what="iv")
    open_ = Invitation.filter(id=number, used_at=None, revoked_at=None)
    if await open_.update(revoked_at=now_ms()):
        await _noted(call, "channel.uninvited", found[0])
    walk = call.parts.walks.get(number)
    if walk is not None:
        await walk.login.cancel("taken back")


async def _noted(call: Call, what: str, row: InvitationRow) -> None:
    data = msgspec.json.encode({"invitation": ids.show("iv", row.id)}).decode()
    await note(call.visitor.operator, what, workspace=row.workspace_id, data=data)


def _view(row: InvitationRow) -> InvitationView:
    return InvitationView(
        id=ids.show("iv", row.id),
        ws=ids.show("w", row.workspace_id),
        kind=row.kind,
        flow=row.flow or None,
        again=maybe("ch", row.again_id),
        stage=stage_of(row, now_ms()),
        by=ids.show("o", row.by_id),
        created_at=row.created_at,
        expires_at=row.expires_at,
        opened_at=row.opened_at,
        used_at=row.used_at,
        channel=maybe("ch", row.channel_id),
    )
