"""Channels: what is connected, how it is, and switching it off."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from jackfield import ids
from jackfield.channel import (
    ChannelError,
    DesignsTemplates,
    Field,
    HasTemplates,
    SharedWebhooks,
    Template,
)
from jackfield.errors import Unavailable
from jackfield.inbox.views import channel_view
from jackfield.web.auth.sessions import note
from jackfield.web.connecting import announce
from jackfield.web.hooks import hooked_channel
from jackfield.web.invitations.finding import Screen, client_flows
from jackfield.web.works import ChangeChannel, RemoveChannel
from jackfield.wire.views import ChannelView

from .asking import channel_row
from .call import Call
from .me import Name
from .paging import Page, Paged, key_of, page
from .picking import sendable
from .registry import Api

api = Api("channels")

TEMPLATES_WITHIN = 15.0  # seconds


class ChannelsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without a workspace: of all that I see."""

    workspace: str | None = None


class OfChannel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    channel: str


class KindView(Struct, frozen=True, kw_only=True):
    """What can be connected. `logins`: the ways to do it, each with the key of its words; `clients`: those a
    client goes himself, by an invitation, and the screen it can be done on."""

    name: str
    title: str
    logins: Mapping[str, str]
    clients: Mapping[str, Screen]
    fields: tuple[Field, ...]


class ChangeBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Name | None = None
    enabled: bool | None = None


class Setup(Struct, frozen=True, kw_only=True):
    """What the provider's side has to be told. `shared`: the address for all channels of the kind."""

    webhook: str | None
    shared: str | None
    config: Mapping[str, str]


class Released(Struct, frozen=True, kw_only=True):
    """How many messages may leave now."""

    released: int


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
            KindView(
                name=kind.name,
                title=kind.title,
                logins=dict(kind.logins()),
                clients=client_flows(call.parts, kind.name),
                fields=kind.fields,
            )
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


@api.get("/channels/{channel}")
async def channel(call: Call, channel: str) -> ChannelView:
    """One channel."""
    return channel_view(await channel_row(call, channel))


@api.get("/channels/{channel}/setup")
async def setup(call: Call, channel: str) -> Setup:
    """Where the provider has to call, and the open part of the configuration."""
    row = await channel_row(call, channel)
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
    row = await channel_row(call, channel)
    workspace = call.visitor.must_be("admin", row.workspace_id, what="ch")
    work = ChangeChannel(workspace=workspace, channel=row.id, name=body.name, enabled=body.enabled)
    changed = await call.parts.store.writer.do(work)
    await announce(call.parts, row.id)
    await note(call.visitor.operator, "channel.changed", workspace=workspace, data=about(channel))
    return channel_view(changed)


@api.delete("/channels/{channel}")
async def remove_channel(call: Call, channel: str) -> None:
    """Disconnect it for good. Its conversations stay."""
    row = await channel_row(call, channel)
    workspace = call.visitor.must_be("admin", row.workspace_id, what="ch")
    await call.parts.store.writer.do(RemoveChannel(workspace=workspace, channel=row.id))
    await announce(call.parts, row.id)
    await note(call.visitor.operator, "channel.removed", workspace=workspace, data=about(channel))


@api.post("/channels/{channel}/release")
async def release(call: Call, channel: str) -> Released:
    """Let go what was held when the login was renewed, after a look at it."""
    row = await channel_row(call, channel)
    workspace = call.visitor.must_be("admin", row.workspace_id, what="ch")
    released = await call.parts.outbox.release(row.id)
    await note(call.visitor.operator, "channel.released", workspace=workspace, data=about(channel))
    return Released(released=released)


@api.get("/channels/{channel}/log")
async def channel_log(call: Call, channel: str, query: LogQuery) -> Page[LogView]:
    """What was said to the provider lately and what it answered, newest first."""
    row = await channel_row(call, channel)
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
    row = await channel_row(call, query.channel)
    call.visitor.must_be("operator", row.workspace_id, what="ch")
    line = call.parts.lines.get(row.id)
    if line is None:
        raise Unavailable("this channel is not open now")
    if not isinstance(line.channel, HasTemplates):
        return Page(items=())
    if isinstance(line.channel, DesignsTemplates):
        return Page(items=await sendable(call, row, line.channel))
    try:
        async with asyncio.timeout(TEMPLATES_WITHIN):
            return Page(items=tuple(await line.channel.templates()))
    except (ChannelError, TimeoutError) as error:
        raise Unavailable(f"the provider did not answer: {error}") from error


def about(channel: str) -> str:
    return msgspec.json.encode({"channel": channel}).decode()


def _log_view(entry: tuple[object, ...]) -> LogView:
    fields = dict(zip(LogView.__struct_fields__, entry, strict=True))
    fields["id"], fields["ok"] = str(fields["id"]), bool(fields["ok"])
    return msgspec.convert(fields, LogView)
