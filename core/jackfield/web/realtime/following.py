"""Following: the streams one session listens to, and how it is brought up to where they stand."""

from __future__ import annotations

from typing import Literal, NamedTuple

from jackfield import ids
from jackfield.errors import NotFound
from jackfield.wire.realtime import Reset
from jackfield.wire.views import StreamHead

from .feed import RING, Event, Feed, Listener, ReadRows, replay
from .hub import Hub

Why = Literal["too_old", "epoch", "rights", "overflow"]


class Start(NamedTuple):
    """From where a session goes on. `after` None: from the head, with nothing replayed."""

    feed: Feed
    after: int | None = None
    older: tuple[Event, ...] = ()  # from the log, what the ring has no more
    why: Why | None = None  # the client has to read the workspace again


class Following:
    """The feeds of one session, by workspace."""

    def __init__(self, hub: Hub, read: ReadRows, listener: Listener) -> None:
        self._hub, self._read, self._listener = hub, read, listener
        self.feeds: dict[int, Feed] = {}

    async def reach(self, workspace: int, at: StreamHead | None) -> Start:
        """Find where to go on from a position of the client. Raises NotFound, Unavailable."""
        feed = await self._hub.feed(workspace)
        if at is None:
            return Start(feed)
        if at.epoch == feed.epoch and at.seq > feed.seq:
            await feed.catch_up()  # the client read the database before the bus came here
        if at.epoch != feed.epoch or at.seq > feed.seq:
            return Start(feed, why="epoch")
        if feed.seq - at.seq > RING:
            return Start(feed, why="too_old")
        return await self._bridge(workspace, feed, at.seq)

    async def _bridge(self, workspace: int, feed: Feed, seq: int) -> Start:
        """Read the log from `seq` to where the ring takes over."""
        if not feed.covers(seq):
            await feed.reach_back(seq)
        if feed.covers(seq):
            return Start(feed, seq)
        rows = await self._read(workspace, seq, RING)
        if rows is None:
            return Start(feed, why="too_old")
        older = replay(ids.show("w", workspace), rows, after=seq, operator=self._listener.operator)
        return Start(feed, rows[-1].seq if rows else seq, tuple(older))

    def attach(self, workspace: int, start: Start) -> tuple[list[Event], Reset | None]:
        """Listen from now on; return what was missed, or what the client has to be told."""
        self.leave(workspace)
        feed = self.feeds[workspace] = start.feed
        feed.listeners.add(self._listener)
        if start.why is not None:
            return [], self._reset(workspace, start.why)
        if start.after is None:
            return [], None
        if not feed.covers(start.after):  # more poured in while the log was read than the ring holds
            return [], self._reset(workspace, "overflow")
        return [*start.older, *feed.since(start.after, self._listener.operator)], None

    async def since(self, workspace: int, seq: int) -> tuple[list[Event], Reset | None]:
        """What came after `seq`, for a client that misses something. Raises Unavailable."""
        start = await self._bridge(workspace, self.feeds[workspace], seq)
        if start.after is None or not start.feed.covers(start.after):
            return [], self._reset(workspace, "too_old", start.feed)
        return [*start.older, *start.feed.since(start.after, self._listener.operator)], None

    async def renew(self, workspaces: set[int]) -> list[Reset]:
        """Leave what is not among these, join what is new, change to feeds that were made anew.

        Raises Unavailable.
        """
        told: list[Reset] = []
        for workspace in self.feeds.keys() - workspaces:
            self.leave(workspace)
            told.append(Reset(ws=ids.show("w", workspace), why="rights"))
        for workspace in sorted(workspaces):
            try:
                feed = await self._hub.feed(workspace)
            except NotFound:
                continue
            old = self.feeds.get(workspace)
            if old is feed:
                continue
            why: Why = "rights" if old is None else "epoch" if old.epoch != feed.epoch else "too_old"
            _, reset = self.attach(workspace, Start(feed, why=why))
            assert reset is not None
            told.append(reset)
        return told

    def leave(self, workspace: int) -> None:
        feed = self.feeds.pop(workspace, None)
        if feed is not None:
            feed.listeners.discard(self._listener)

    def find(self, name: str) -> int | None:
        """The workspace of this name, if this session follows it."""
        try:
            workspace = ids.read("w", name)
        except NotFound:
            return None
        return workspace if workspace in self.feeds else None

    def heads(self) -> dict[str, StreamHead]:
        return {ids.show("w", workspace): feed.head for workspace, feed in self.feeds.items()}

    def sent(self) -> dict[str, int]:
        """How far the client must have come in each stream."""
        operator = self._listener.operator
        return {ids.show("w", workspace): feed.position(operator) for workspace, feed in self.feeds.items()}

    def _reset(self, workspace: int, why: Why, feed: Feed | None = None) -> Reset:
        return Reset(ws=ids.show("w", workspace), why=why, stream=(feed or self.feeds[workspace]).head)
