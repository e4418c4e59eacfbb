"""Hub: the feeds of this process, fed by the bus, and who is looking at which conversation."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Protocol, TypeVar

import msgspec

from jackfield import ids
from jackfield.bus import Bus, decode_rows
from jackfield.errors import NotFound, Problem, Unavailable
from jackfield.store.rows import StreamRow
from jackfield.wire.realtime import Eph
from jackfield.wire.views import StreamHead

from .feed import Feed, Listener, ReadRows
from .outlet import Packet
from .presence import Presence

T = TypeVar("T")

log = logging.getLogger("jackfield.realtime")

IDLE = 600.0  # seconds a feed nobody listens to is kept
SWEEP = 5.0  # seconds


class Streams(Protocol):
    """Where the truth about a stream is read."""

    async def head(self, workspace: int) -> tuple[StreamHead, int]:
        """The head, and the seq of the last public event. Raises NotFound."""
        ...


class Hub:
    """Feeds are made when the first session of a workspace comes and live as long as it is listened to."""

    def __init__(self, bus: Bus, streams: Streams, read: ReadRows) -> None:
        self._bus, self._streams, self._read = bus, streams, read
        self._feeds: dict[int, Feed] = {}
        self._sessions = set[Listener]()
        self._opening: dict[int, asyncio.Task[Feed]] = {}
        self._unsubscribe: dict[int, list[Callable[[], None]]] = {}
        self._arriving: dict[Feed, list[StreamRow]] = {}  # in this turn of the loop
        self._behind: dict[Feed, bool] = {}  # being caught up; True: look once more afterwards
        self._tasks = set[asyncio.Task[Any]]()
        self._up = False
        self.presence = Presence()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[Hub]:
        """Owns every task of the hub."""
        stops = [
            self._bus.subscribe("operator.*", self._rights),
            self._bus.on_reconnect(self._suspect_all),
        ]
        self._up = True
        self._begin(self._sweep())
        try:
            yield self
        finally:
            self._up = False
            for stop in stops:
                stop()
            for workspace in list(self._feeds):
                self._close(workspace)
            tasks = tuple(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, Problem):  # those who wait for a feed are told it
            log.error("realtime: a task failed", exc_info=error)

    @property
    def sessions(self) -> int:
        return len(self._sessions)

    def enter(self, session: Listener) -> None:
        """Tell this one when the rights of its operator change, whatever feeds it listens to."""
        self._sessions.add(session)

    def leave(self, session: Listener) -> None:
        self._sessions.discard(session)

    async def feed(self, workspace: int) -> Feed:
        """The feed of a workspace, opened if need be. Raises NotFound, Unavailable."""
        feed = self._feeds.get(workspace)
        if feed is not None:
            return feed
        if not self._up:
            raise Unavailable("the hub is not running")
        task = self._opening.get(workspace)
        if task is None:
            task = self._opening[workspace] = self._begin(self._open(workspace))
            task.add_done_callback(lambda _: self._opening.pop(workspace, None))
        return await asyncio.shield(task)

    async def _open(self, workspace: int) -> Feed:
        # Heard from before the head is read: nothing falls in between.
        early: list[bytes] = []
        take: Callable[[bytes], None] = early.append

        def heard(data: bytes) -> None:
            take(data)  # whatever it is by now

        stop = self._bus.subscribe(f"stream.{workspace}", heard)
        try:
            await self._bus.settle()
            head, last_public = await self._streams.head(workspace)
        except BaseException:
            stop()
            raise
        feed = self._feeds[workspace] = Feed(workspace, head, last_public, self._read)
        take = partial(self._arrived, feed)
        self._unsubscribe[workspace] = [
            stop,
            self._bus.subscribe(f"eph.{workspace}", partial(self._heard, feed)),
        ]
        for data in early:
            take(data)
        return feed

    def _close(self, workspace: int) -> None:
        self._feeds.pop(workspace, None)
        for stop in self._unsubscribe.pop(workspace, ()):
            stop()

    # -- what the bus brings ---------------------------------------------------------------------

    def _arrived(self, feed: Feed, data: bytes) -> None:
        """What arrives in one turn of the loop is told at its end, in one write to each client."""
        rows = self._arriving.get(feed)
        if rows is None:
            rows = self._arriving[feed] = []
            asyncio.get_running_loop().call_soon(self._take, feed)
        rows += decode_rows(data)

    def _take(self, feed: Feed) -> None:
        if not feed.take(self._arriving.pop(feed)):
            self._catch_up(feed)

    def _suspect_all(self) -> None:
        """The bus was away: whatever it carried meanwhile is in the database."""
        for feed in list(self._feeds.values()):
            self._catch_up(feed)

    def _catch_up(self, feed: Feed) -> None:
        if feed in self._behind:
            self._behind[feed] = True
        elif self._up:
            self._behind[feed] = False
            self._begin(self._until_caught_up(feed))

    async def _until_caught_up(self, feed: Feed) -> None:
        delay = 0.1
        try:
            while self._feeds.get(feed.workspace) is feed:
                self._behind[feed] = False
                try:
                    reached = await feed.catch_up()
                except Unavailable:
                    log.warning("stream of %s cannot be read; again in %.1f s", feed.workspace, delay)
                    await asyncio.sleep(delay)
                    delay = min(delay * 2, 10)
                    continue
                except NotFound:
                    reached = False
                if not reached:
                    self._give_up(feed)
                elif not self._behind[feed]:
                    return
        finally:
            del self._behind[feed]

    def _give_up(self, feed: Feed) -> None:
        """The log goes on without this feed: its listeners look for the new one, and read again."""
        self._close(feed.workspace)
        for listener in tuple(feed.listeners):
            listener.look_again()

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
        for listener in tuple(feed.listeners):
            listener.hear(by, packet)

    def _rights(self, data: bytes) -> None:
        """Somebody's rights or session changed: {"operator": int}."""
        changed: dict[str, Any] = msgspec.json.decode(data)
        operator = int(changed["operator"])
        for session in tuple(self._sessions):
            if session.operator == operator:
                session.look_again()

    async def say(self, workspace: int, **what: Any) -> None:
        """Publish an ephemeral to every process."""
        await self._bus.publish(f"eph.{workspace}", msgspec.json.encode(what))

    async def _sweep(self) -> None:
        """Close feeds nobody listens to, forget viewers that went without a word, find silent losses."""
        idle: dict[int, float] = {}
        while True:
            await asyncio.sleep(SWEEP)
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
        except NotFound:
            self._give_up(feed)
            return
        except Unavailable:
            log.warning("the head of %s cannot be read", feed.workspace)
            return
        if head.epoch != feed.epoch:
            self._give_up(feed)
        elif head.seq > feed.seq:
            self._catch_up(feed)
