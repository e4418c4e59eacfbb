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

PAGE = 1_000  # rows read at once

# workspace, after seq, limit; None: the log does not reach back so far
ReadRows = Callable[[int, int, int], Awaitable[Sequence[StreamRow] | None]]


class Event(NamedTuple):
    """One stream event, encoded. `prev`: seq of the public event before it."""

    seq: int
    prev: int
    audience: int | None
    payload: bytes


class Listener:
    """Who gets a feed's events: `operator` decides which private ones. Nothing here may raise or wait."""

    __slots__ = ("__weakref__",)

    operator: int

    def deliver(self, packet: Packet) -> None:
        """What one commit says to this operator."""
        raise NotImplementedError

    def hear(self, operator: int, packet: Packet) -> None:
        """What may be lost. `operator`: whose doing it is, 0 for nobody's."""
        raise NotImplementedError

    def look_again(self) -> None:
        """The rights of this operator, or the feeds, may be others now."""
        raise NotImplementedError


class Feed:
    """Nothing may be awaited between reading covers() or since() and adding a listener."""

    def __init__(self, workspace: int, head: StreamHead, last_public: int, read: ReadRows) -> None:
        self.workspace, self.epoch, self.seq = workspace, head.epoch, head.seq
        self.last_public = last_public
        self.listeners: set[Listener] = set()
        self._name = ids.show("w", workspace)
        self._private: dict[int, int] = {}  # by operator: seq of the last event for him alone
        self._ring: deque[Event] = deque(maxlen=RING)
        self._read = read
        self._reaching, self._reached = asyncio.Lock(), False

    @property
    def head(self) -> StreamHead:
        return StreamHead(epoch=self.epoch, seq=self.seq)

    def take(self, rows: Sequence[StreamRow]) -> bool:
        """Rows from the bus, doubled or in disorder. False: some are missing, catch_up() is due."""
        fresh = {row.seq: row for row in rows if row.seq > self.seq}
        ready: list[StreamRow] = []
        while (row := fresh.pop(self.seq + len(ready) + 1, None)) is not None:
            ready.append(row)
        self._deliver(ready)
        return not fresh

    async def catch_up(self) -> bool:
        """Read from the database what the bus did not bring. False: the log does not reach back so far.

        Raises NotFound, Unavailable.
        """
        while True:
            rows = await self._read(self.workspace, self.seq, PAGE)
            if rows is None:
                return False
            # The bus may have been quicker. What it brought has no gaps, so what is left has none.
            self._deliver([row for row in rows if row.seq > self.seq])
            if len(rows) < PAGE:
                return True

    def _deliver(self, rows: Sequence[StreamRow]) -> None:
        """One packet to everybody; those with an event of their own get it in its place among the others."""
        events = [self._event(row) for row in rows]
        self._ring.extend(events)
        public = [event for event in events if event.audience is None]
        shared = pack(public) if public else None
        own = {
            operator: pack([event for event in events if event.audience in (None, operator)])
            for operator in {event.audience for event in events if event.audience is not None}
        }
        for listener in tuple(self.listeners):
            packet = own.get(listener.operator, shared)
            if packet is not None:
                listener.deliver(packet)

    def _event(self, row: StreamRow) -> Event:
        event = encode(self._name, row, prev=self.last_public)
        self.seq = row.seq
        if row.audience is None:
            self.last_public = row.seq
        else:
            self._private[row.audience] = row.seq
        return event

    def position(self, operator: int) -> int:
        """The seq of the last event this operator was to get; one for another is none of his."""
        return max(self.last_public, self._private.get(operator, 0))

    def covers(self, seq: int) -> bool:
        """Whether everything after `seq` is in memory."""
        return seq >= self.seq or bool(self._ring and self._ring[0].seq <= seq + 1)

    async def reach_back(self, seq: int) -> None:
        """Take what was before us into memory, read once for all who come back after a restart.

        As much as memory holds, or at least what came after `seq`; nothing if the log does not reach
        back so far. Raises Unavailable.
        """
        async with self._reaching:
            if self._reached:
                return
            floor = max(self.seq - RING, 0)
            rows = await self._read(self.workspace, floor, RING)
            if rows is None:
                floor, rows = seq, await self._read(self.workspace, seq, RING)
            first = self._ring[0].seq if self._ring else self.seq + 1
            older, public = list[Event](), floor
            for row in rows or ():
                if row.seq < first:
                    older.append(encode(self._name, row, prev=public))
                    public = row.seq if row.audience is None else public
            room = RING - len(self._ring)  # what came meanwhile has pushed out the oldest
            self._ring.extendleft(reversed(older[max(len(older) - room, 0) :]))
            self._reached = True

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
    """Events as one message: an object, or an array of them."""
    if len(events) == 1:
        return Packet(events[0].payload)
    return Packet(b"[" + b",".join(event.payload for event in events) + b"]")
