"""Feed: one workspace's stream in this process, framed once, with a ring of the newest events.

The rows in the database are the truth; the bus only makes it fast. A feed that sees a gap in `seq`
reads the rows, so neither a lost message of the bus nor a doubled one reaches a client.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import NamedTuple

from jackfield import ids
from jackfield.store.rows import StreamRow
from jackfield.wire.views import StreamHead

from .outlet import Packet

RING = 5_000  # events kept in memory for those who come back

ReadRows = Callable[[int, int, int], Awaitable[Sequence[StreamRow]]]  # workspace, after seq, limit


class Event(NamedTuple):
    """One stream event, encoded. `prev`: seq of the public event before it."""

    seq: int
    prev: int
    audience: int | None
    payload: bytes


class Listener:
    """Who gets a feed's events: `operator` decides which private ones."""

    __slots__ = ("__weakref__",)

    operator: int

    def deliver(self, packet: Packet) -> None:
        raise NotImplementedError

    def deliver_own(self, workspace: int, seq: int, packet: Packet) -> None:
        """An event for this operator alone."""
        raise NotImplementedError

    def rights_changed(self) -> None:
        raise NotImplementedError


class Feed:
    """Attach only between an await-free check of covers() and attach()."""

    def __init__(self, workspace: int, head: StreamHead, last_public: int, read: ReadRows) -> None:
        self.workspace, self.epoch, self.seq = workspace, head.epoch, head.seq
        self.last_public = last_public
        self.listeners: set[Listener] = set()
        self._name = ids.show("w", workspace)
        self._ring: deque[Event] = deque(maxlen=RING)
        self._read = read
        self._lock = asyncio.Lock()

    @property
    def head(self) -> StreamHead:
        return StreamHead(epoch=self.epoch, seq=self.seq)

    def take(self, rows: Sequence[StreamRow]) -> bool:
        """Rows from the bus. False: something is missing before them, catch_up() is due."""
        fresh = [row for row in rows if row.seq > self.seq]
        if not fresh:
            return True
        if fresh[0].seq != self.seq + 1 or fresh[-1].seq != self.seq + len(fresh):
            return False
        self._deliver(fresh)
        return True

    async def catch_up(self) -> None:
        """Read from the database what the bus did not bring."""
        async with self._lock:
            while True:
                rows = await self._read(self.workspace, self.seq, 1_000)
                fresh = [row for row in rows if row.seq > self.seq]  # the bus may have been quicker
                self._deliver(fresh)
                if len(rows) < 1_000:
                    return

    def _deliver(self, rows: Sequence[StreamRow]) -> None:
        events = [self._event(row) for row in rows]
        self._ring.extend(events)
        public = [event for event in events if event.audience is None]
        if public:
            packet = pack(public)
            for listener in self.listeners:
                listener.deliver(packet)
        for event in events:
            if event.audience is not None:
                packet = Packet(event.payload)
                for listener in self.listeners:
                    if listener.operator == event.audience:
                        listener.deliver_own(self.workspace, event.seq, packet)

    def _event(self, row: StreamRow) -> Event:
        event = encode(self._name, row, prev=self.last_public)
        self.seq = row.seq
        if row.audience is None:
            self.last_public = row.seq
        return event

    def covers(self, seq: int) -> bool:
        """Whether everything after `seq` is in memory."""
        return seq >= self.seq or bool(self._ring and self._ring[0].seq <= seq + 1)

    def since(self, seq: int, operator: int) -> list[Event]:
        """What this operator would have been sent after `seq`. Only if covers(seq)."""
        missed: list[Event] = []
        for event in reversed(self._ring):
            if event.seq <= seq:
                break
            if event.audience in (None, operator):
                missed.append(event)
        missed.reverse()
        return missed


def encode(workspace: str, row: StreamRow, *, prev: int) -> Event:
    """An `ev` frame around the stored bytes, which are not parsed again."""
    head = f'{{"t":"ev","ws":"{workspace}","seq":{row.seq},"prev":{prev},"d":'
    return Event(row.seq, prev, row.audience, head.encode() + row.data.encode() + b"}")


def replay(workspace: str, rows: Iterable[StreamRow], *, after: int, operator: int) -> list[Event]:
    """Events read from the database for one operator. `prev` of the first is where he stands."""
    events: list[Event] = []
    for row in rows:
        if row.audience in (None, operator):
            events.append(encode(workspace, row, prev=after))
            after = row.seq
    return events


def pack(events: Sequence[Event]) -> Packet:
    """Events of one commit as one message: an object, or an array of them."""
    if len(events) == 1:
        return Packet(events[0].payload)
    return Packet(b"[" + b",".join(event.payload for event in events) + b"]")
