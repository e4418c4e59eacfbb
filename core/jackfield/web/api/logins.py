"""Connecting a channel: a login walked through step by step by somebody who may."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from jackfield import ids
from jackfield.errors import Conflict, Invalid, NotFound
from jackfield.host import LoginSession
from jackfield.store.rows import ChannelRow
from jackfield.web.connecting import WAIT_WITHIN, LoginView, begin, take_step
from jackfield.web.parts import Attempt

from .asking import channel_row
from .call import Call
from .registry import Api

api = Api("channels")


class NewLogin(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`again`: the channel whose login is renewed. `like`: one of the same workspace whose configuration
    the new one begins with, so that its secrets need not be typed again."""

    workspace: str
    kind: str
    flow: str
    again: str | None = None
    like: str | None = None


class Values(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    values: dict[str, Annotated[str, Meta(max_length=20_000)]]


@api.post("/channels/logins", refuses=(Conflict,))
async def begin_login(call: Call, body: NewLogin) -> LoginView:
    """Begin to connect a channel. It ends by itself after a quarter of an hour."""
    workspace = call.visitor.must_be("admin", ids.read("w", body.workspace))
    if body.again is not None and body.like is not None:
        raise Invalid("either again or like", fields={"like": "invalid"})
    from_ = body.again or body.like
    row = None if from_ is None else await _row(call, from_, workspace, body.kind)
    again = row.id if row is not None and body.again is not None else None
    attempt = Attempt(operator=call.visitor.operator, workspace=workspace, again=again)
    login = begin(call.parts, attempt, body.kind, body.flow, row)
    call.parts.logins[login] = attempt
    return await take_step(call.parts, login, attempt, login.start)


async def _row(call: Call, channel: str, workspace: int, kind: str) -> ChannelRow:
    row = await channel_row(call, channel)
    if row.workspace_id != workspace or row.kind != kind:
        raise NotFound(what="ch")
    return row


@api.post("/channels/logins/{login}/submit", refuses=(Conflict,))
async def submit_login(call: Call, login: str, body: Values) -> LoginView:
    """Answer the form."""
    session, attempt = _login(call, login)
    return await take_step(call.parts, session, attempt, lambda: session.submit(body.values))


@api.post("/channels/logins/{login}/wait", refuses=(Conflict,))
async def wait_login(call: Call, login: str) -> LoginView:
    """The next step, once the other side has done its part; the same step if it takes long: ask again."""
    session, attempt = _login(call, login)
    return await take_step(call.parts, session, attempt, session.wait, within=WAIT_WITHIN)


@api.delete("/channels/logins/{login}")
async def cancel_login(call: Call, login: str) -> None:
    """Give up."""
    session, _ = _login(call, login)
    await session.cancel()


def _login(call: Call, text: str) -> tuple[LoginSession, Attempt]:
    """A login under way that the visitor began, and may still."""
    session = call.parts.host.session(text)
    attempt = None if session is None else call.parts.logins.get(session)
    if session is None or attempt is None or attempt.operator != call.visitor.operator:
        raise NotFound(what="login")
    call.visitor.must_be("admin", attempt.workspace)
    return session, attempt
