"""API tokens: made once, shown once, kept as a hash, taken back at once."""

from __future__ import annotations

from typing import Annotated, cast

import msgspec
from msgspec import Meta, Struct

from jackfield import ids
from jackfield.errors import Forbidden, Invalid, NotFound
from jackfield.ids import new_id
from jackfield.store.tables import ApiToken
from jackfield.web.auth.keys import API_TOKEN, digest, new_key
from jackfield.web.auth.rows import ApiTokenRow
from jackfield.web.auth.sessions import note, tell_rights
from jackfield.web.clock import now_ms
from jackfield.wire.views import Role

from .call import Call
from .me import Name
from .paging import Page
from .registry import Api

api = Api("tokens")

Moment = Annotated[int, Meta(ge=0, le=(1 << 53) - 1)]  # ms


class TokenView(Struct, frozen=True, kw_only=True):
    """`workspace` None: all of mine. `role` None: whatever I may."""

    id: str
    name: str
    workspace: str | None
    role: Role | None
    created_at: int
    used_at: int | None
    expires_at: int | None


class NewToken(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Name
    workspace: str | None = None
    role: Role | None = None
    expires_at: Moment | None = None


class MadeToken(Struct, frozen=True, kw_only=True):
    """`key` is said this once."""

    token: TokenView
    key: str


@api.get("/tokens")
async def tokens(call: Call) -> Page[TokenView]:
    """My tokens that work, newest first. A token sees itself only."""
    mine = call.visitor
    found = await call.parts.store.rows(
        ApiTokenRow,
        "WHERE operator_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2) "
        "ORDER BY id DESC",
        mine.operator,
        now_ms(),
    )
    return Page(items=tuple(_view(row) for row in found if mine.by == "session" or row.id == mine.credential))


@api.post("/tokens")
async def make_token(call: Call, body: NewToken) -> MadeToken:
    """A new token of mine, for one workspace or all, up to a role. Only a signed-in person makes tokens."""
    if call.visitor.by == "token":
        raise Forbidden("a token makes no tokens")
    workspace = None if body.workspace is None else call.visitor.must_see(ids.read("w", body.workspace))
    if body.expires_at is not None and body.expires_at <= now_ms():
        raise Invalid("expires in the past", fields={"expires_at": "in the past"})
    key = new_key(API_TOKEN)
    row = ApiTokenRow(
        id=new_id(),
        operator_id=call.visitor.operator,
        workspace_id=workspace,
        role=body.role,
        name=body.name,
        token=digest(key),
        created_at=now_ms(),
        expires_at=body.expires_at,
    )
    await ApiToken.create(**msgspec.structs.asdict(row))
    await note(call.visitor.operator, "token.made", workspace=workspace)
    return MadeToken(token=_view(row), key=key)


@api.delete("/tokens/{token}")
async def revoke_token(call: Call, token: str) -> None:
    """Take a token of mine back: its next request is refused. A token may take back itself only."""
    number = ids.read("t", token)
    if call.visitor.by == "token" and number != call.visitor.credential:
        raise Forbidden("a token takes back itself only")
    mine = ApiToken.filter(id=number, operator_id=call.visitor.operator, revoked_at=None)
    if not await mine.update(revoked_at=now_ms()):
        raise NotFound(what="t")
    await tell_rights(call.parts.bus, call.visitor.operator)
    await note(call.visitor.operator, "token.revoked")


def _view(row: ApiTokenRow) -> TokenView:
    return TokenView(
        id=ids.show("t", row.id),
        name=row.name,
        workspace=None if row.workspace_id is None else ids.show("w", row.workspace_id),
        role=cast("Role | None", row.role),
        created_at=row.created_at,
        used_at=row.used_at,
        expires_at=row.expires_at,
    )
