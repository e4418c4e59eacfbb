"""Connecting a channel: what a login begins with, its steps, and the channel it ends in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import msgspec
from msgspec import Struct

from jackfield import ids
from jackfield.channel import ChannelError, ChannelId, Done, Step
from jackfield.errors import Conflict, Invalid, Problem, Unavailable
from jackfield.host import Ground, LoginEnded, LoginSession, NoSuchKind, Taken
from jackfield.store.rows import ChannelRow

from .auth.sessions import note
from .invitations.works import UseInvitation
from .parts import Attempt, Parts
from .works import StoreChannel, join_config, split_config

STEP_WITHIN = 30.0  # seconds a provider may take for one step
WAIT_WITHIN = 25.0  # seconds one request waits for the other side


class LoginView(Struct, frozen=True, kw_only=True):
    """Where a login stands: a form to fill, something to show, or done, and then `channel` is its id.
    What `done` would hold of secrets is left out."""

    id: str
    kind: str
    step: Step
    channel: str | None = None


def begin(parts: Parts, attempt: Attempt, kind: str, flow: str, row: ChannelRow | None) -> LoginSession:
    """An attempt to take the first step of. `row`: the channel whose configuration it begins with, and
    which it renews if the attempt says so. Raises Invalid for a kind or a flow that is not there."""
    again = None if attempt.again is None else ChannelId(ids.show("ch", attempt.again))
    try:
        ground = _ground(parts, kind, attempt.workspace, row, again)
        return parts.host.login(kind, flow, again=again, ground=ground)
    except NoSuchKind as error:
        raise Invalid(str(error), fields={"kind": "unknown"}) from error
    except KeyError as error:
        raise Invalid("this kind has no such login", fields={"flow": "unknown"}) from error


async def take_step(
    parts: Parts,
    login: LoginSession,
    attempt: Attempt,
    take: Callable[[], Awaitable[Step]],
    *,
    within: float | None = STEP_WITHIN,
) -> LoginView:
    """Take a step; if it is the last, store the channel. `within` seconds, or the login stays where it is.

    Raises Conflict (`login_ended`, `login_refused`, or why the channel cannot be stored), Unavailable.
    """
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
    channel = await _store(parts, login, attempt, step)
    said = Done(name=step.name, external_id=step.external_id, config={})
    return LoginView(id=login.id, kind=login.kind, step=said, channel=channel)


async def announce(parts: Parts, channel: int) -> None:
    """Every process opens, reopens or closes it."""
    await parts.bus.publish("channels", msgspec.json.encode({"channel": channel}))


def _ground(
    parts: Parts, kind: str, workspace: int, row: ChannelRow | None, again: ChannelId | None
) -> Ground:
    """What a login begins with. Raises NoSuchKind."""
    secret = [field.name for field in parts.host.kind(kind).fields if field.secret]
    known = {} if row is None else join_config(row, parts.store.box)
    return Ground(
        channel=again or ChannelId(ids.show("ch", ids.new_id())),
        known=known,
        hidden={name: known[name] for name in secret if name in known},
        taken=partial(_taken, parts, kind, workspace, again),
    )


async def _taken(parts: Parts, kind: str, workspace: int, again: ChannelId | None, external_id: str) -> Taken:
    """Whether an address has a channel already, without saying which."""
    sql = "SELECT id, workspace_id FROM channel WHERE kind = $1 AND external_id = $2 AND removed_at IS NULL"
    for id_, owner in await parts.store.fetch(sql, kind, external_id):
        if again is None or ids.read("ch", again) != id_:
            return "here" if owner == workspace else "elsewhere"
    return ""


async def _store(parts: Parts, login: LoginSession, attempt: Attempt, done: Done) -> str:
    """The id of the channel."""
    kind = parts.host.kind(login.kind)
    config, hidden = split_config(done.config, [field.name for field in kind.fields if field.secret])
    work = StoreChannel(
        workspace=attempt.workspace,
        kind=login.kind,
        name=done.name[:200],
        external_id=done.external_id,
        config=config,
        secrets=hidden,
        box=parts.store.box,
        kept=login.port.kept,
        again=attempt.again,
        id=ids.read("ch", login.channel),
        by_client=attempt.invitation is not None,
    )
    writer, invitation = parts.store.writer, attempt.invitation
    try:
        number = await writer.do(
            work if invitation is None else UseInvitation(invitation=invitation, channel=work)
        )
    except Problem:
        await parts.host.throw_away(login)
        raise
    channel = ids.show("ch", number)
    await parts.host.hand_over(login, ChannelId(channel))
    if attempt.again is not None:  # what piled up meanwhile leaves only when a person has looked at it
        await parts.outbox.hold(number)
    await announce(parts, number)
    said = {"channel": channel}
    if invitation is not None:
        said["invitation"] = ids.show("iv", invitation)
    data = msgspec.json.encode(said).decode()
    await note(attempt.operator, "channel.connected", workspace=attempt.workspace, data=data)
    return channel
