"""Connecting a channel: a login walked through step by step, and the channel it ends in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated

from msgspec import Meta, Struct

from jackfield import ids
from jackfield.channel import ChannelError, ChannelId, Done, Step
from jackfield.errors import Conflict, Invalid, NotFound, Unavailable
from jackfield.host import Ground, LoginEnded, LoginSession, NoSuchKind, Taken
from jackfield.store.rows import ChannelRow
from jackfield.web.auth.sessions import note
from jackfield.web.parts import Attempt
from jackfield.web.works import StoreChannel, join_config, split_config

from .asking import channel_row
from .call import Call
from .channels import about, announce
from .registry import Api

api = Api("channels")

STEP_WITHIN = 30.0  # seconds a provider may take for one step
WAIT_WITHIN = 25.0  # seconds one request waits for the other side


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


class LoginView(Struct, frozen=True, kw_only=True):
    """Where a login stands: a form to fill, something to show, or done, and then `channel` is its id.
    What `done` would hold of secrets is left out."""

    id: str
    kind: str
    step: Step
    channel: str | None = None


@api.post("/channels/logins", refuses=(Conflict,))
async def begin_login(call: Call, body: NewLogin) -> LoginView:
    """Begin to connect a channel. It ends by itself after a quarter of an hour."""
    workspace = call.visitor.must_be("admin", ids.read("w", body.workspace))
    if body.again is not None and body.like is not None:
        raise Invalid("either again or like", fields={"like": "invalid"})
    from_ = body.again or body.like
    row = None if from_ is None else await _row(call, from_, workspace, body.kind)
    again = row.id if row is not None and body.again is not None else None
    renewed = None if again is None else ChannelId(ids.show("ch", again))
    try:
        ground = _ground(call, body.kind, workspace, row, renewed)
        login = call.parts.host.login(body.kind, body.flow, again=renewed, ground=ground)
    except NoSuchKind as error:
        raise Invalid(str(error), fields={"kind": "unknown"}) from error
    except KeyError as error:
        raise Invalid("this kind has no such login", fields={"flow": "unknown"}) from error
    attempt = Attempt(operator=call.visitor.operator, workspace=workspace, again=again)
    call.parts.logins[login] = attempt
    return await _step(call, login, attempt, login.start)


async def _row(call: Call, channel: str, workspace: int, kind: str) -> ChannelRow:
    row = await channel_row(call, channel)
    if row.workspace_id != workspace or row.kind != kind:
        raise NotFound(what="ch")
    return row


def _ground(call: Call, kind: str, workspace: int, row: ChannelRow | None, again: ChannelId | None) -> Ground:
    """What a login begins with. Raises NoSuchKind."""
    secret = [field.name for field in call.parts.host.kind(kind).fields if field.secret]
    known = {} if row is None else join_config(row, call.parts.store.box)
    return Ground(
        channel=again or ChannelId(ids.show("ch", ids.new_id())),
        known=known,
        hidden={name: known[name] for name in secret if name in known},
        taken=partial(_taken, call, kind, workspace, again),
    )


async def _taken(call: Call, kind: str, workspace: int, again: ChannelId | None, external_id: str) -> Taken:
    """Whether an address has a channel already, without saying which."""
    sql = "SELECT id, workspace_id FROM channel WHERE kind = $1 AND external_id = $2 AND removed_at IS NULL"
    for id_, owner in await call.parts.store.fetch(sql, kind, external_id):
        if again is None or ids.read("ch", again) != id_:
            return "here" if owner == workspace else "elsewhere"
    return ""


@api.post("/channels/logins/{login}/submit", refuses=(Conflict,))
async def submit_login(call: Call, login: str, body: Values) -> LoginView:
    """Answer the form."""
    session, attempt = _login(call, login)
    return await _step(call, session, attempt, lambda: session.submit(body.values))


@api.post("/channels/logins/{login}/wait", refuses=(Conflict,))
async def wait_login(call: Call, login: str) -> LoginView:
    """The next step, once the other side has done its part; the same step if it takes long: ask again."""
    session, attempt = _login(call, login)
    return await _step(call, session, attempt, session.wait, within=WAIT_WITHIN)


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


async def _step(
    call: Call,
    login: LoginSession,
    attempt: Attempt,
    take: Callable[[], Awaitable[Step]],
    *,
    within: float = STEP_WITHIN,
) -> LoginView:
    """Take a step; if it is the last, store the channel."""
    try:
        async with asyncio.timeout(within):
            step = await take()
    except LoginEnded as error:
        raise Conflict(str(error), code="login_ended") from error
    except ChannelError as error:
        raise Conflict(error.detail, code="login_refused", remote_code=error.remote_code) from error
    except TimeoutError:
        if login.step is None:
            raise Unavailable("the provider did not answer") from None
        step = login.step
    if not isinstance(step, Done):
        return LoginView(id=login.id, kind=login.kind, step=step)
    channel = await _store(call, login, attempt, step)
    said = Done(name=step.name, external_id=step.external_id, config={})
    return LoginView(id=login.id, kind=login.kind, step=said, channel=ids.show("ch", channel))


async def _store(call: Call, login: LoginSession, attempt: Attempt, done: Done) -> int:
    kind = call.parts.host.kind(login.kind)
    config, hidden = split_config(done.config, [field.name for field in kind.fields if field.secret])
    work = StoreChannel(
        workspace=attempt.workspace,
        kind=login.kind,
        name=done.name[:200],
        external_id=done.external_id,
        config=config,
        secrets=hidden,
        box=call.parts.store.box,
        kept=login.port.kept,
        again=attempt.again,
        id=ids.read("ch", login.channel),
    )
    channel = await call.parts.store.writer.do(work)
    if attempt.again is not None:  # what piled up meanwhile leaves only when a person has looked at it
        await call.parts.outbox.hold(channel)
    await announce(call, channel)
    said = about(ids.show("ch", channel))
    await note(call.visitor.operator, "channel.connected", workspace=attempt.workspace, data=said)
    return channel
