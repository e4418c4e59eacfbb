"""Puts the parts together for one process, and takes them apart again in the right order.

running() opens everything but the doors; serving() opens the doors. The order of opening is the order
of need: bus, store, channels, what works by itself, the web part; closing is the reverse of it.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib.metadata
import logging
import secrets
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from jackfield import ids
from jackfield.bus import Bus, open_bus
from jackfield.channel import ChannelId
from jackfield.errors import NotFound, Unavailable
from jackfield.host import Host, HostError
from jackfield.inbox.clock import Clock
from jackfield.inbox.derive import derive
from jackfield.inbox.fetching import Fetching
from jackfield.inbox.leases import Leases
from jackfield.inbox.outbox import Outbox
from jackfield.inbox.perform import Inbox
from jackfield.inbox.reading import Reading
from jackfield.plugins import Plugins, words
from jackfield.settings import Settings
from jackfield.store.box import Box
from jackfield.store.rows import StreamRow
from jackfield.store.store import Store, open_store
from jackfield.web.app import create_app
from jackfield.web.auth.door import Door
from jackfield.web.auth.passwords import Passwords
from jackfield.web.metrics import Sample
from jackfield.web.parts import Parts
from jackfield.web.problems import Translate
from jackfield.web.realtime import Hub, RawWebSocket, Realtime, RealtimeEndpoint
from jackfield.web.realtime.feed import ReadRows
from jackfield.web.realtime.session import MAX_FRAME
from jackfield.wire.views import StreamHead

from .backstage import Backstage
from .entrance import entrance
from .intake import Intake
from .lines import OpenLines
from .publisher import Publisher

log = logging.getLogger("jackfield")

BACKLOG = 2_048  # connections the kernel keeps for us while we are busy
GRACE = 5  # seconds that requests under way are given to end


@dataclass(frozen=True, kw_only=True)
class Jackfield:
    """One process of an install, running."""

    settings: Settings
    plugins: Plugins
    store: Store
    bus: Bus
    host: Host
    lines: OpenLines
    intake: Intake
    inbox: Inbox
    reading: Reading
    outbox: Outbox
    hub: Hub
    passwords: Passwords
    web: Starlette

    @property
    def box(self) -> Box:
        return self.store.box


@asynccontextmanager
async def running(settings: Settings, plugins: Plugins) -> AsyncGenerator[Jackfield]:
    """Everything but the doors. Raises Unavailable if the database cannot be reached."""
    owner = secrets.token_hex(8)
    publisher = Publisher()
    async with AsyncExitStack() as stack:
        bus = await stack.enter_async_context(open_bus(settings.bus))
        store = await stack.enter_async_context(
            open_store(settings, derive=derive, committed=publisher.committed)
        )
        publishing = await stack.enter_async_context(_tasks())
        publishing.begin("publisher", publisher.run(bus))

        backstage = Backstage(store)
        host = await stack.enter_async_context(Host(plugins.kinds, backstage))
        lines = OpenLines(store, store.box, host, bus)
        intake = backstage.intake = Intake(store, bus, lines, plugins)
        reading, inbox = Reading(store), Inbox(store, lines.channel, bus)
        outbox = await stack.enter_async_context(Outbox(store, bus, lines.channel, owner=owner))
        hub = await stack.enter_async_context(Hub(bus, Heads(store, reading), _rows(reading)).running())
        await lines.open_all()

        works = await stack.enter_async_context(_tasks())
        works.begin("channels", lines.follow())
        works.begin("channel log", backstage.keep_log())
        works.begin("observers", intake.observe())
        if settings.role in ("all", "worker"):
            leases = _leases(store, host, outbox, lines, owner, lasts=settings.lease)
            lines.changed = leases.look
            works.begin("leases", leases.run())
            works.begin("clock", Clock(store, bus).run())
            works.begin("fetching", Fetching(store, lines.channel, limit=settings.upload_max).run())

        parts = Parts(
            settings=settings,
            store=store,
            bus=bus,
            host=host,
            lines=lines,
            take=intake,
            inbox=inbox,
            reading=reading,
            outbox=outbox,
            plugins=plugins,
            translate=speaker(plugins),
            build=_build(),
        )
        parts.metrics.gauge("jackfield_websockets", "Open realtime sessions.", _sessions(hub))
        realtime = Realtime(
            hub=hub,
            inbox=inbox,
            reading=reading,
            enter=entrance(settings, Door(store, settings)),
            words=parts.translate,
            build=parts.build,
        )
        endpoint = WebSocketRoute("/realtime", RealtimeEndpoint(realtime))
        yield Jackfield(
            settings=settings,
            plugins=plugins,
            store=store,
            bus=bus,
            host=host,
            lines=lines,
            intake=intake,
            inbox=inbox,
            reading=reading,
            outbox=outbox,
            hub=hub,
            passwords=parts.passwords,
            web=create_app(replace(parts, routes=(endpoint,))),
        )


@asynccontextmanager
async def _tasks() -> AsyncGenerator[_Crew]:
    """Tasks that run until the context ends; one that fails ends the process's work with its error."""
    async with asyncio.TaskGroup() as group:
        crew = _Crew(group)
        try:
            yield crew
        finally:
            crew.dismiss()


class _Crew:
    """A task group whose tasks never end by themselves."""

    def __init__(self, group: asyncio.TaskGroup) -> None:
        self._group = group
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(self._group.create_task(work, name=name))

    def dismiss(self) -> None:
        for task in self._tasks:
            task.cancel()


def speaker(plugins: Plugins) -> Translate:
    """Words by key. A refusal to send is a problem too, and has its words where can_send has them."""

    def speak(locale: str, key: str, parameters: Mapping[str, Any]) -> str:
        said = words(plugins, locale, key, parameters)
        if said != key or not key.startswith("problem."):
            return said
        refusal = f"can_send.{key.removeprefix('problem.')}"
        said = words(plugins, locale, refusal, parameters)
        return key if said == refusal else said

    return speak


def _leases(
    store: Store, host: Host, outbox: Outbox, lines: OpenLines, owner: str, *, lasts: float
) -> Leases:
    """A channel whose lease we hold is connected, and what waits for it leaves through us."""

    async def gained(channel: int, workspace: int) -> None:
        host.run(ChannelId(ids.show("ch", channel)))
        outbox.start(channel, workspace)

    async def lost(channel: int, _: int) -> None:
        await outbox.stop(channel)
        with suppress(HostError):  # closed meanwhile: it runs no more either
            await host.stop(ChannelId(ids.show("ch", channel)))

    return Leases(
        store,
        owner=owner,
        gained=gained,
        lost=lost,
        able=lambda channel: lines.get(channel) is not None,
        lasts=lasts,
        every=lasts / 3,
    )


def _sessions(hub: Hub) -> Callable[[], Awaitable[list[Sample]]]:
    async def read() -> list[Sample]:
        return [((), hub.sessions)]

    return read


class Heads:
    """web.realtime.Streams from the store."""

    def __init__(self, store: Store, reading: Reading) -> None:
        self._store, self._reading = store, reading

    async def head(self, workspace: int) -> tuple[StreamHead, int]:
        head = (await self._reading.heads([workspace])).get(workspace)
        if head is None:
            raise NotFound(what="w")
        found = await self._store.fetch(
            "SELECT seq FROM stream WHERE workspace_id = $1 AND audience IS NULL AND seq <= $2"
            " ORDER BY seq DESC LIMIT 1",
            workspace,
            head.seq,
        )
        return head, int(found[0][0]) if found else 0


def _rows(reading: Reading) -> ReadRows:
    async def read(workspace: int, after: int, limit: int) -> Sequence[StreamRow]:
        rows = await reading.events(workspace, after, limit)
        if rows is None:
            raise Unavailable("the stream does not reach back so far")
        return rows

    return read


def _build() -> str:
    """What is running, in eight letters: another after every change of the page or of this package."""
    version = importlib.metadata.version("jackfield")
    return hashlib.sha256(version.encode()).hexdigest()[:8]


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises OSError if the port cannot be had."""
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(BACKLOG)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


class _Server(uvicorn.Server):
    """Says when it answers."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._started()


async def serving(
    jackfield: Jackfield, sock: socket.socket, *, started: Callable[[], None] = lambda: None
) -> None:
    """Open the doors until a signal or a cancellation."""
    config = uvicorn.Config(
        jackfield.web,
        ws=RawWebSocket,
        ws_max_size=MAX_FRAME + 1024,
        ws_per_message_deflate=False,
        http="httptools",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=GRACE,
    )
    await _Server(config, started).serve(sockets=[sock])
