"""Hub: the feeds of this process, fed by the bus, and who is looking at which conversation."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol

import msgspec

from jackfield import ids
from jackfield.bus import Bus, decode_rows
from jackfield.errors import Unavailable
from jackfield.wire.realtime import Eph
from jackfield.wire.views import StreamHead

from .feed import Feed, Listener, ReadRows
from .outlet import Packet
from .presence import Presence

log = logging.getLogger("jackfield.realtime")

IDLE = 600.0  # seconds a feed nobody listens to is kept


class Streams(Protocol):
    """Where the truth about a stream is read."""

    async def head(self, workspace: int) -> tuple[StreamHead, int]:
        """The head, and the seq of the last public event. Raises NotFound."""
        ...


class Audience(Listener):
    """A listener that also hears what may be lost."""

    __slots__ = ()

    def hear(self, operator: int, packet: Packet) -> None:
        """`operator`: whose doing it is, 0 for nobody's."""
        raise NotImplementedError


class Hub:
    """Feeds are made when the first session of a workspace comes and live as long as it is listened to."""

    def __init__(self, bus: Bus, streams: Streams, read: ReadRows) -> None:
        self._bus, self._streams, self._read = bus, streams, read
        self._feeds: dict[int, Feed] = {}
        self._opening: dict[int, asyncio.Task[Feed]] = {}
        self._unsubscribe: dict[int, list[Callable[[], None]]] = {}
        self._tasks: asyncio.TaskGroup | None = None
        self._behind: dict[int, bool] = {}  # being caught up; True: look once more afterwards
        self.presence = Presence()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Hub]:
        """Owns every task of the hub."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            sweep = tasks.create_task(self._sweep())
            stop = self._bus.subscribe("operator.*", self._rights)
            self._bus.on_reconnect(self._suspect_all)
            try:
                yield self
            finally:
                stop()
                sweep.cancel()
                for workspace in list(self._feeds):
                    self._close(workspace)

    @property
    def sessions(self) -> int:
        return len({listener for feed in self._feeds.values() for listener in feed.listeners})

    async def feed(self, workspace: int) -> Feed:
        """The feed of a workspace, opened if need be. Raises NotFound, Unavailable."""
        feed = self._feeds.get(workspace)
        if feed is not None:
            return feed
        if self._tasks is None:
            raise Unavailable("the hub is not running")
        task = self._opening.get(workspace)
        if task is None:
            task = self._opening[workspace] = asyncio.create_task(self._open(workspace))
        try:
            return await asyncio.shield(task)
        finally:
            if task.done():
                self._opening.pop(workspace, None)

    async def _open(self, workspace: int) -> Feed:
        # Subscribed before the head is read: what comes in between is found by the first gap check.
        arrived: list[bytes] = []
        stop = self._bus.subscribe(f"stream.{workspace}", arrived.append)
        try:
            head, last_public = await self._streams.head(workspace)
        finally:
            stop()
        feed = Feed(workspace, head, last_public, self._read)
        self._feeds[workspace] = feed
        self._unsubscribe[workspace] = [
            self._bus.subscribe(f"stream.{workspace}", lambda data: self._arrived(feed, data)),
            self._bus.subscribe(f"eph.{workspace}", lambda data: self._heard(feed, data)),
        ]
        for data in arrived:
            self._arrived(feed, data)
        return feed

    def _close(self, workspace: int) -> None:
        self._feeds.pop(workspace, None)
        for stop in self._unsubscribe.pop(workspace, ()):
            stop()

    # -- what the bus brings ---------------------------------------------------------------------

    def _arrived(self, feed: Feed, data: bytes) -> None:
        if not feed.take(decode_rows(data)):
            self._catch_up(feed)

    def _suspect_all(self) -> None:
        """The bus was away: whatever it carried meanwhile is in the database."""
        for feed in list(self._feeds.values()):
            self._catch_up(feed)

    def _catch_up(self, feed: Feed) -> None:
        if self._tasks is None:
            return
        if feed.workspace in self._behind:
            self._behind[feed.workspace] = True
            return
        self._behind[feed.workspace] = False
        self._tasks.create_task(self._until_caught_up(feed))

    async def _until_caught_up(self, feed: Feed) -> None:
        delay = 0.1
        try:
            while True:
                self._behind[feed.workspace] = False
                try:
                    await feed.catch_up()
                except Unavailable:
                    log.warning("stream of %s cannot be read; again in %.1f s", feed.workspace, delay)
                    await asyncio.sleep(delay)
                    delay = min(delay * 2, 10)
                else:
                    if not self._behind[feed.workspace]:
                        return
        finally:
            del self._behind[feed.workspace]

    def _heard(self, feed: Feed, data: bytes) -> None:
        """An ephemeral of this workspace: {"e", "conv", "by", "d", "ttl"}."""
        heard: dict[str, Any] = msgspec.json.decode(data)
        conversation = str(heard.get("conv", ""))
        by = int(heard.get("by") or 0)
        body: dict[str, Any] = heard.get("d") or {}
        if heard["e"] == "viewing":
            body = {"who": self.presence.seen(conversation, str(heard["sid"]), by, bool(heard["on"]))}
            by = 0
        frame = Eph(
            e=heard["e"],
            ws=ids.show("w", feed.workspace),
            conv=conversation,
            d=body,
            ttl=int(heard.get("ttl", 6000)),
        )
        packet = Packet(msgspec.json.encode(frame))
        for listener in feed.listeners:
            if isinstance(listener, Audience):
                listener.hear(by, packet)

    def _rights(self, data: bytes) -> None:
        """Somebody's rights or session changed: {"operator", "session"?}."""
        changed: dict[str, Any] = msgspec.json.decode(data)
        operator = int(changed["operator"])
        for feed in list(self._feeds.values()):
            for listener in list(feed.listeners):
                if listener.operator == operator:
                    listener.rights_changed()

    async def say(self, workspace: int, **what: Any) -> None:
        """Publish an ephemeral to every process."""
        await self._bus.publish(f"eph.{workspace}", msgspec.json.encode(what))

    async def _sweep(self) -> None:
        """Close feeds nobody listens to, forget viewers that went without a word, find silent losses."""
        idle: dict[int, float] = {}
        while True:
            await asyncio.sleep(5)
            now = asyncio.get_running_loop().time()
            self.presence.forget_silent()
            for workspace, feed in list(self._feeds.items()):
                if feed.listeners:
                    idle.pop(workspace, None)
                    await self._check_position(feed)
                elif now - idle.setdefault(workspace, now) > IDLE:
                    self._close(workspace)
                    idle.pop(workspace, None)

    async def _check_position(self, feed: Feed) -> None:
        """The last message of a burst can be lost without a gap showing: look at the head now and then."""
        try:
            head, _ = await self._streams.head(feed.workspace)
        except Exception:
            log.warning("the head of %s cannot be read", feed.workspace)
            return
        if head.epoch != feed.epoch:
            self._close(feed.workspace)
            for listener in list(feed.listeners):
                listener.rights_changed()
        elif head.seq > feed.seq:
            self._catch_up(feed)
