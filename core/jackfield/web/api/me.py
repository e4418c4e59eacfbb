"""Myself: who this session or token is, and what of it I may change."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from jackfield.errors import Forbidden, TooMany, Unauthorised
from jackfield.inbox.views import operator_view
from jackfield.store.rows import MembershipRow
from jackfield.store.tables import Operator, Session
from jackfield.web.auth.rows import operator_by_id
from jackfield.web.auth.sessions import note, tell_rights
from jackfield.web.auth.visitor import Theme
from jackfield.web.problems import WrongCredentials
from jackfield.web.site import workspace_views
from jackfield.web.works import Announce
from jackfield.wire.stream import OperatorChanged
from jackfield.wire.views import OperatorView, WorkspaceView

from .call import Call
from .registry import Api

api = Api("me")

Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Locale = Literal["en", "ru"]


class Me(Struct, frozen=True, kw_only=True):
    """`csrf` goes into X-CSRF-Token with every change; "" for an API token, which needs none."""

    operator: OperatorView
    locale: str
    theme: str
    staff: bool
    workspaces: tuple[WorkspaceView, ...]
    csrf: str


class NewPassword(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`current` may be empty only while there is none yet."""

    password: str
    current: str = ""


class ChangeMe(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Name | None = None
    locale: Locale | None = None
    theme: Theme | None = None


@api.get("/me")
async def me(call: Call) -> Me:
    """Who I am, and the workspaces I see."""
    visitor = call.visitor
    return Me(
        operator=visitor.view,
        locale=visitor.locale,
        theme=visitor.theme,
        staff=visitor.staff,
        workspaces=await workspace_views(call.parts, visitor),
        csrf=visitor.csrf,
    )


@api.patch("/me")
async def change_me(call: Call, body: ChangeMe) -> None:
    """Change my name, language or theme."""
    if call.visitor.by == "token":
        raise Forbidden("a token does not change its operator")
    said = {"name": body.name, "locale": body.locale, "theme": body.theme}
    changes = {field: value for field, value in said.items() if value is not None}
    if not changes:
        return
    await Operator.filter(id=call.visitor.operator).update(**changes)
    if "name" in changes:
        await announce(call, call.visitor.operator)


@api.put("/me/password", refuses=(WrongCredentials, TooMany))
async def change_password(call: Call, body: NewPassword) -> None:
    """Change my password. Every other session of mine ends. Tries count as those of signing in."""
    if call.visitor.by == "token":
        raise Forbidden("a token does not change its operator")
    passwords, operator = call.parts.passwords, await operator_by_id(call.parts.store, call.visitor.operator)
    if operator is None:
        raise Unauthorised()
    limit, account = call.parts.limits.account, operator.email.casefold()
    limit.take(account)
    if operator.password and not await passwords.fits(operator.password, body.current):
        raise WrongCredentials()
    hashed = await passwords.hash(body.password)
    limit.forget(account)
    await Operator.filter(id=operator.id).update(password=hashed)
    await Session.filter(operator_id=operator.id).exclude(id=call.visitor.credential).delete()
    await tell_rights(call.parts.bus, operator.id)
    await note(operator.id, "password.changed")


async def announce(call: Call, operator: int) -> None:
    """Tell every workspace of an operator what he is called now."""
    store = call.parts.store
    row = await operator_by_id(store, operator)
    if row is None:
        return
    for member in await store.rows(MembershipRow, "WHERE operator_id = $1 ORDER BY workspace_id", operator):
        event = OperatorChanged(operator=operator_view(row, role=member.role))
        await store.writer.do(Announce(workspace=member.workspace_id, event=event))
