"""Puts the parts together for one process, and takes them apart again in the right order.

running() opens everything but the doors; serving() opens the doors. The order of opening is the order
of need: bus, store, channels, what works by itself, the web part; closing is the reverse of it.
"""

from __future__ import annotations

import importlib.metadata
import secrets
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from jackfield.bus import Bus, open_bus
from jackfield.host import Host
from jackfield.inbox.clock import Clock
from jackfield.inbox.derive import derive
from jackfield.inbox.fetching import Fetching
from jackfield.inbox.outbox import Outbox
from jackfield.inbox.perform import Inbox
from jackfield.inbox.reading import Reading
from jackfield.inbox.search import older
from jackfield.plugins import Plugins
from jackfield.settings import Settings
from jackfield.store.box import Box
from jackfield.store.store import Store, open_store
from jackfield.web.app import create_app
from jackfield.web.auth.door import Door
from jackfield.web.auth.passwords import Passwords
from jackfield.web.metrics import Sample
from jackfield.web.parts import Parts
from jackfield.web.realtime import Hub, Realtime, RealtimeEndpoint

from .backstage import Backstage
from .counting import Counting
from .crew import crew
from .entrance import entrance
from .heads import Heads
from .intake import Intake
from .leasing import leases
from .lines import OpenLines
from .publisher import Publisher
from .serving import listen, serve
from .speech import speaker
from .templates import TemplateReader

__all__ = ["Jackfield", "listen", "running", "serving"]


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
        publishing = await stack.enter_async_context(crew())
        publishing.begin("publisher", publisher.run(bus))

        backstage = Backstage(store)
        host = await stack.enter_async_context(
            Host(
                plugins.kinds,
                backstage,
                private_network=settings.private_media,
                url=settings.url,
                folders=settings.channel_folders,
            )
        )
        lines = OpenLines(store, store.box, host, bus)
        intake = backstage.intake = Intake(store, bus, lines, plugins)
        backstage.channels = lines.channel
        reading, inbox = Reading(store), Inbox(store, lines.channel, bus)
        outbox = await stack.enter_async_context(Outbox(store, bus, lines.channel, owner=owner))
        hub = await stack.enter_async_context(Hub(bus, Heads(store, reading), reading.events).running())
        await lines.open_all()

        works = await stack.enter_async_context(crew())
        works.begin("channels", lines.follow())
        works.begin("channel log", backstage.keep_log())
        works.begin("observers", intake.observe())
        if settings.role in ("all", "worker"):
            held = leases(store, host, outbox, lines, owner, lasts=settings.lease)
            lines.changed = held.look
            works.begin("leases", held.run())
            works.begin("clock", Clock(store, bus).run())
            works.begin("templates", TemplateReader(store, lines, owner).run())
            works.begin("older messages", older.run(store))
            works.begin("figures", Counting(store, lines, outbox).run())
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
            build=importlib.metadata.version("jackfield"),
        )

        async def sessions() -> list[Sample]:
            return [((), hub.sessions)]

        parts.metrics.gauge("jackfield_websockets", "Open realtime sessions.", sessions)
        works.begin("visits", parts.visits.run())
        realtime = Realtime(
            hub=hub,
            inbox=inbox,
            reading=reading,
            enter=entrance(settings, Door(store, settings, parts.visits)),
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


async def serving(
    jackfield: Jackfield, sock: socket.socket, *, started: Callable[[], None] = lambda: None
) -> None:
    """Open the doors until a signal or a cancellation. `started` is called when somebody is answered."""
    await serve(jackfield.web, sock, started=started)
