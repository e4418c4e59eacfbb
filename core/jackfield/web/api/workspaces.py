"""Workspaces and who works in them."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from jackfield import ids
from jackfield.errors import Conflict, Forbidden, Invalid, NotFound
from jackfield.ids import new_id
from jackfield.inbox.views import operator_view
from jackfield.store.rows import MembershipRow, OperatorRow
from jackfield.store.tables import Membership, Operator, Session
from jackfield.web.auth.rows import operator_by_email
from jackfield.web.auth.sessions import make_link, note, tell_rights
from jackfield.web.clock import now_ms
from jackfield.web.site import workspace_views
from jackfield.web.works import MakeWorkspace, SetRole
from jackfield.wire.views import OperatorView, Role, WorkspaceView

from .call import Call
from .me import Name
from .paging import Page
from .registry import Api

api = Api("workspaces")

INVITATION = 7 * 86_400_000  # ms an invitation's link is good for

Colour = Annotated[str, Meta(pattern="^#[0-9a-f]{6}$")]
Email = Annotated[str, Meta(min_length=3, max_length=254, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$")]


class NewWorkspace(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Name
    color: Colour | None = None


class InWorkspace(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    workspace: str


class Invite(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody known by this e-mail keeps the name he has."""

    email: Email
    name: Name
    role: Role = "operator"


class Invited(Struct, frozen=True, kw_only=True):
    """`link` signs in once, within seven days; None for somebody who has a way in already."""

    operator: OperatorView
    link: str | None


class NewRole(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    role: Role


class Link(Struct, frozen=True, kw_only=True):
    """An address that signs in once, within ten minutes."""

    link: str


@api.get("/workspaces")
async def workspaces(call: Call) -> Page[WorkspaceView]:
    """The workspaces I see, by name."""
    return Page(items=await workspace_views(call.parts, call.visitor))


@api.post("/workspaces")
async def make_workspace(call: Call, body: NewWorkspace) -> WorkspaceView:
    """A new workspace, with me as its owner. For people of the agency."""
    if not call.visitor.staff:
        raise Forbidden("only people of the agency make workspaces")
    work = MakeWorkspace(name=body.name, color=body.color or "", owner=call.visitor.operator, id=new_id())
    made = await call.parts.store.writer.do(work)
    await tell_rights(call.parts.bus, call.visitor.operator)
    await note(call.visitor.operator, "workspace.made", workspace=made)
    return WorkspaceView(id=ids.show("w", made), name=body.name, color=body.color or "", role="owner")


@api.get("/operators")
async def operators(call: Call, query: InWorkspace) -> Page[OperatorView]:
    """Who works in a workspace."""
    workspace = call.visitor.must_see(ids.read("w", query.workspace))
    return Page(items=tuple(await call.parts.reading.operators(workspace)))


@api.post("/workspaces/{workspace}/operators", refuses=(Conflict,))
async def invite(call: Call, workspace: str, body: Invite) -> Invited:
    """Let somebody into a workspace. A new person gets a link with which to sign in and set a password."""
    where = call.visitor.must_be("admin", ids.read("w", workspace))
    _may_grant(call, where, body.role)
    email = body.email.strip().casefold()
    known = await operator_by_email(call.parts.store, email)
    if known is not None and await Membership.filter(workspace_id=where, operator_id=known.id).exists():
        raise Conflict("is in this workspace already")
    operator = known or OperatorRow(id=new_id(), email=email, name=body.name, created_at=now_ms())
    if known is None:
        await Operator.create(**msgspec.structs.asdict(operator))
    await call.parts.store.writer.do(SetRole(workspace=where, operator=operator.id, role=body.role))
    await _noted(call, "member.invited", where, operator.id, role=body.role)
    link = None
    if known is None:
        link = call.parts.settings.url + await make_link(operator.id, life=INVITATION)
    return Invited(operator=operator_view(operator, role=body.role), link=link)


@api.patch("/workspaces/{workspace}/operators/{operator}", refuses=(Conflict,))
async def change_role(call: Call, workspace: str, operator: str, body: NewRole) -> None:
    """Give somebody another role. A workspace keeps at least one owner."""
    where = call.visitor.must_be("admin", ids.read("w", workspace))
    who = await _member(call, where, operator)
    _may_grant(call, where, body.role)
    await call.parts.store.writer.do(SetRole(workspace=where, operator=who, role=body.role))
    await _noted(call, "member.role", where, who, role=body.role)


@api.delete("/workspaces/{workspace}/operators/{operator}", refuses=(Conflict,))
async def remove_member(call: Call, workspace: str, operator: str) -> None:
    """Take somebody out of a workspace. Everybody may leave by himself."""
    where = call.visitor.must_see(ids.read("w", workspace))
    if ids.read("o", operator) != call.visitor.operator:
        call.visitor.must_be("admin", where)
    who = await _member(call, where, operator)
    await call.parts.store.writer.do(SetRole(workspace=where, operator=who, role=None))
    await _noted(call, "member.removed", where, who)


@api.post("/operators/{operator}/link")
async def sign_in_link(call: Call, operator: str) -> Link:
    """A link that signs in once: for somebody who forgot his password. For people of the agency."""
    if not call.visitor.staff:
        raise Forbidden("only people of the agency make sign-in links")
    who = ids.read("o", operator)
    if not await Operator.filter(id=who, disabled=False).exists():
        raise NotFound(what="o")
    await note(call.visitor.operator, "link.made", data=_data(operator=operator))
    return Link(link=call.parts.settings.url + await make_link(who))


@api.post("/operators/{operator}/disable")
async def disable_operator(call: Call, operator: str) -> None:
    """Shut somebody out at once: his sessions end, his tokens stop. For people of the agency."""
    if not call.visitor.staff:
        raise Forbidden("only people of the agency shut somebody out")
    who = ids.read("o", operator)
    if who == call.visitor.operator:
        raise Invalid("nobody shuts himself out", fields={"operator": "yourself"})
    if not await Operator.filter(id=who).update(disabled=True):
        raise NotFound(what="o")
    await Session.filter(operator_id=who).delete()
    await tell_rights(call.parts.bus, who)
    await note(call.visitor.operator, "operator.disabled", data=_data(operator=operator))


def _may_grant(call: Call, workspace: int, role: Role) -> None:
    """Only an owner makes owners."""
    if role == "owner":
        call.visitor.must_be("owner", workspace)


async def _member(call: Call, workspace: int, operator: str) -> int:
    """Somebody of this workspace whom the visitor may change: an owner only by an owner."""
    who = ids.read("o", operator)
    found = await call.parts.store.rows(
        MembershipRow, "WHERE workspace_id = $1 AND operator_id = $2", workspace, who
    )
    if not found:
        raise NotFound(what="o")
    if found[0].role == "owner":
        call.visitor.must_be("owner", workspace)
    return who


async def _noted(call: Call, what: str, workspace: int, operator: int, **data: str) -> None:
    """A membership changed: his websockets look again, and the audit log has a line."""
    await tell_rights(call.parts.bus, operator)
    said = _data(operator=ids.show("o", operator), **data)
    await note(call.visitor.operator, what, workspace=workspace, data=said)


def _data(**data: str) -> str:
    return msgspec.json.encode(data).decode()
