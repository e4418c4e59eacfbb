"""What comes in, from webhooks and from connections alike: stored first, then told to observers."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Sequence

from jackfield import ids
from jackfield.bus import Bus
from jackfield.channel import AnyEvent, ChannelId
from jackfield.errors import NotFound
from jackfield.inbox.facts import ChannelFacts
from jackfield.inbox.receive import KeepUnassigned, Raw, Received, receive
from jackfield.plugins import Plugins, notify_stored
from jackfield.store.store import Store
from jackfield.web.parts import Came, Line, Lines

from .standing import KeepValue

log = logging.getLogger("jackfield.intake")

MOST = 10_000  # events that wait for observers; older ones are given up


class Intake:
    """web.parts.Take, and the same for what a channel's own connection brings."""

    def __init__(self, store: Store, bus: Bus, lines: Lines, plugins: Plugins) -> None:
        self._store, self._bus, self._lines, self._plugins = store, bus, lines, plugins
        self._stored: deque[tuple[ChannelId, AnyEvent]] = deque(maxlen=MOST)
        self._wake = asyncio.Event()
        self._observed = bool(plugins.manager.hook.jackfield_event_stored.get_hookimpls())

    async def __call__(self, came: Came) -> None:
        request = came.request
        raw = Raw(body=request.body, headers=dict(request.headers), at=time.time_ns() // 1_000_000)
        if came.line is None:
            await self._store.writer.do(KeepUnassigned(came.kind, raw, reason=came.failed))
            return
        again = came.replays is not None
        await self._take(
            came.line, came.events, raw=None if again else raw, failed=came.failed, replays=came.replays
        )
        for key, value in came.keep.items():
            await self._store.writer.do(KeepValue(channel=came.line.id, key=key, value=value))

    async def events(self, channel: int, events: Sequence[AnyEvent], raw: bytes = b"") -> Received:
        """What a channel emitted. Raises NotFound for one that is not open here."""
        line = self._lines.get(channel)
        if line is None:
            raise NotFound(what="ch")
        return await self._take(line, events, raw=Raw(body=raw) if raw else None)

    async def _take(
        self,
        line: Line,
        events: Sequence[AnyEvent],
        *,
        raw: Raw | None,
        failed: str = "",
        replays: int | None = None,
    ) -> Received:
        received = await receive(
            self._store, self._bus, facts_of(line), events, raw=raw, failed=failed, replays=replays
        )
        if self._observed and events:
            name = ChannelId(ids.show("ch", line.id))
            self._stored.extend((name, event) for event in events)
            self._wake.set()
        return received

    async def observe(self) -> None:
        """Tell observers, one event after another, until cancelled. They delay nobody else."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._stored:
                channel, event = self._stored.popleft()
                await notify_stored(self._plugins, channel, event)


def facts_of(line: Line) -> ChannelFacts:
    window = line.kind.free_form_window
    return ChannelFacts(
        workspace=line.workspace,
        channel=line.id,
        kind=line.kind.name,
        window_ms=None if window is None else int(window.total_seconds() * 1000),
    )
