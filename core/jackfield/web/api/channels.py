"""Channels: what is connected, connecting more, and switching off."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from jackfield import ids
from jackfield.channel import (
    ChannelError,
    ChannelId,
    Done,
    Field,
    HasTemplates,
    SharedWebhooks,
    Step,
    Template,
)
from jackfield.errors import Conflict, Invalid, NotFound, Unavailable
from jackfield.host import LoginEnded, LoginSession, NoSuchKind
from jackfield.inbox.views import channel_view
from jackfield.store.rows import ChannelRow
from jackfield.web.auth.sessions import note
from jackfield.web.hooks import hooked_channel
from jackfield.web.parts import Attempt
from jackfield.web.works import ChangeChannel, RemoveChannel, StoreChannel, split_config
from jackfield.wire.views import ChannelView

from .call import Call
from .me import Name
from .paging import Page, Paged, key_of, page
from .registry import Api

api = Api("channels")

STEP_WITHIN = 30.0  # seconds a provider may take for one step
WAIT_WITHIN = 25.0  # seconds one request waits for the other side
TEMPLATES_WITHIN = 15.0


class ChannelsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without a workspace: of all that I see."""

    workspace: str | None = None


class OfChannel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    channel: str


class KindView(Struct, frozen=True, kw_only=True):
    """What can be connected. `logins`: the ways to do it, each with the key of its words."""

    name: str
    title: str
    logins: Mapping[str, str]
    fields: tuple[Field, ...]


class NewLogin(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`again`: the channel whose login is renewed."""

    workspace: str
    kind: str
    flow: str
    again: str | None = None


class Values(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    values: dict[str, Annotated[str, Meta(max_length=20_000)]]


class LoginView(Struct, frozen=True, kw_only=True):
    """Where a login stands: a form to fill, something to show, or done, and then `channel` is its id.
    What `done` would hold of secrets is left out."""

    id: str
    kind: str
    step: Step
    channel: str | None = None


class ChangeBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Name | None = None
    enabled: bool | None = None


class Setup(Struct, frozen=True, kw_only=True):
    """What the provider's side has to be told. `shared`: the address for all channels of the kind."""

    webhook: str | None
    shared: str | None
    config: Mapping[str, str]


class LogView(Struct, frozen=True, kw_only=True):
    """One interaction with the provider, secrets redacted."""

    id: str
    at: int
    op: str
    ok: bool
    status: int
    request: str
    response: str
    error: str
    elapsed_ms: int


class LogQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


@api.get("/kinds")
async def kinds(call: Call) -> Page[KindView]:
    """The kinds of channel this install knows."""
    known = call.parts.plugins.kinds.values()
    return Page(
        items=tuple(
            KindView(name=kind.name, title=kind.title, logins=dict(kind.logins()), fields=kind.fields)
            for kind in known
        )
    )


@api.get("/channels")
async def channels(call: Call, query: ChannelsQuery) -> Page[ChannelView]:
    """What is connected, and how it is."""
    where = list(call.visitor.roles)
    if query.workspace is not None:
        where = [call.visitor.must_see(ids.read("w", query.workspace))]
    return Page(items=tuple([view for ws in where for view in await call.parts.reading.channels(ws)]))


@api.post("/channels/logins", refuses=(Conflict,))
async def begin_login(call: Call, body: NewLogin) -> LoginView:
    """Begin to connect a channel. It ends by itself after a quarter of an hour."""
    workspace = call.visitor.must_be("admin", ids.read("w", body.workspace))
    again = None
    if body.again is not None:
        row = await _row(call, body.again)
        if row.workspace_id != workspace or row.kind != body.kind:
            raise NotFound(what="ch")
        again = row.id
    renewed = None if again is None else ChannelId(ids.show("ch", again))
    try:
        login = call.parts.host.login(body.kind, body.flow, again=renewed)
    except NoSuchKind as error:
        raise Invalid(str(error), fields={"kind": "unknown"}) from error
    except KeyError as error:
        raise Invalid("this kind has no such login", fields={"flow": "unknown"}) from error
    attempt = Attempt(operator=call.visitor.operator, workspace=workspace, again=again)
    call.parts.logins[login] = attempt
    return await _step(call, login, attempt, login.start)


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


@api.get("/channels/{channel}")
async def channel(call: Call, channel: str) -> ChannelView:
    """One channel."""
    return channel_view(await _row(call, channel))


@api.get("/channels/{channel}/setup")
async def setup(call: Call, channel: str) -> Setup:
    """Where the provider has to call, and the open part of the configuration."""
    row = await _row(call, channel)
    call.visitor.must_be("admin", row.workspace_id, what="ch")
    url, line = call.parts.settings.url, call.parts.lines.get(row.id)
    hooked = line is not None and hooked_channel(line) is not None
    shared = line is not None and isinstance(line.kind, SharedWebhooks)
    return Setup(
        webhook=f"{url}/hooks/{channel}" if hooked else None,
        shared=f"{url}/hooks/{row.kind}" if shared else None,
        config=msgspec.json.decode(row.config, type=dict[str, str]),
    )


@api.patch("/channels/{channel}")
async def change_channel(call: Call, channel: str, body: ChangeBody) -> ChannelView:
    """Rename it, switch it on or off."""
    row = await _row(call, channel)
    workspace = call.visitor.must_be("admin", row.workspace_id, what="ch")
    work = ChangeChannel(workspace=workspace, channel=row.id, name=body.name, enabled=body.enabled)
    changed = await call.parts.store.writer.do(work)
    await _announce(call, row.id)
    await note(call.visitor.operator, "channel.changed", workspace=workspace, data=_about(channel))
    return channel_view(changed)


@api.delete("/channels/{channel}")
async def remove_channel(call: Call, channel: str) -> None:
    """Disconnect it for good. Its conversations stay."""
    row = await _row(call, channel)
    workspace = call.visitor.must_be("admin", row.workspace_id, what="ch")
    await call.parts.store.writer.do(RemoveChannel(workspace=workspace, channel=row.id))
    await _announce(call, row.id)
    await note(call.visitor.operator, "channel.removed", workspace=workspace, data=_about(channel))


@api.get("/channels/{channel}/log")
async def channel_log(call: Call, channel: str, query: LogQuery) -> Page[LogView]:
    """What was said to the provider lately and what it answered, newest first."""
    row = await _row(call, channel)
    call.visitor.must_be("admin", row.workspace_id, what="ch")
    (before,) = key_of(query.after, first=((1 << 63) - 1,))
    found = await call.parts.store.fetch(
        "SELECT id, at, op, ok, status, request, response, error, elapsed_ms FROM channel_log "
        "WHERE channel_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        row.id,
        before,
        query.limit + 1,
    )
    return page(found, query.limit, key=lambda entry: (entry[0],), view=_log_view)


@api.get("/templates")
async def templates(call: Call, query: OfChannel) -> Page[Template]:
    """What can be sent at any time on this channel; nothing where the channel knows no templates."""
    row = await _row(call, query.channel)
    call.visitor.must_be("operator", row.workspace_id, what="ch")
    line = call.parts.lines.get(row.id)
    if line is None:
        raise Unavailable("this channel is not open now")
    if not isinstance(line.channel, HasTemplates):
        return Page(items=())
    try:
        async with asyncio.timeout(TEMPLATES_WITHIN):
            return Page(items=tuple(await line.channel.templates()))
    except (ChannelError, TimeoutError) as error:
        raise Unavailable(f"the provider did not answer: {error}") from error


async def _row(call: Call, text: str) -> ChannelRow:
    """A connected channel the visitor sees. Raises NotFound."""
    sql = "WHERE id = $1 AND removed_at IS NULL"
    rows = await call.parts.store.rows(ChannelRow, sql, ids.read("ch", text))
    if not rows or not call.visitor.sees(rows[0].workspace_id):
        raise NotFound(what="ch")
    return rows[0]


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
    )
    channel = await call.parts.store.writer.do(work)
    await _announce(call, channel)
    about = _about(ids.show("ch", channel))
    await note(call.visitor.operator, "channel.connected", workspace=attempt.workspace, data=about)
    return channel


async def _announce(call: Call, channel: int) -> None:
    """Every process opens, reopens or closes it."""
    await call.parts.bus.publish("channels", msgspec.json.encode({"channel": channel}))


def _about(channel: str) -> str:
    return msgspec.json.encode({"channel": channel}).decode()


def _log_view(entry: tuple[object, ...]) -> LogView:
    fields = dict(zip(LogView.__struct_fields__, entry, strict=True))
    fields["id"], fields["ok"] = str(fields["id"]), bool(fields["ok"])
    return msgspec.convert(fields, LogView)
