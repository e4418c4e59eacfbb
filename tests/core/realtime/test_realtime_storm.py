"""Everybody comes back after a restart: the log is read once, and each gets exactly what he missed."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Sequence

import pytest

from jackfield.store.rows import StreamRow
from jackfield.web.realtime.feed import RING, Event, Feed, replay
from jackfield.wire.views import StreamHead

ANNA, BORIS = 1, 2


class Log:
    """The rows of one stream, and how often they were read."""

    def __init__(self, many: int, *, since: int = 0) -> None:
        luck = random.Random(many)
        audiences = (None, None, None, ANNA, BORIS)
        self.rows = [
            StreamRow(id=seq, workspace_id=5, seq=seq, audience=luck.choice(audiences), data=f'"{seq}"', at=1)
            for seq in range(1, many + 1)
        ]
        self.since, self.reads = since, 0

    async def read(self, workspace: int, after: int, limit: int) -> Sequence[StreamRow] | None:
        self.reads += 1
        await asyncio.sleep(0)
        return None if after < self.since else self.rows[after : after + limit]

    def feed(self) -> Feed:
        """As the hub opens it after a restart: nothing in memory."""
        public = max((row.seq for row in self.rows if row.audience is None), default=0)
        return Feed(5, StreamHead(epoch="e", seq=len(self.rows)), public, self.read)

    def more(self, many: int) -> list[StreamRow]:
        head = len(self.rows)
        new = [
            StreamRow(id=seq, workspace_id=5, seq=seq, data=f'"{seq}"', at=1)
            for seq in range(head + 1, head + many + 1)
        ]
        self.rows += new
        return new


def told(events: Sequence[Event]) -> list[int]:
    return [event.seq for event in events]


async def test_the_log_is_read_once_however_many_come_back() -> None:
    log = Log(900)
    feed = log.feed()
    await asyncio.gather(*(feed.reach_back(0) for _ in range(1_000)))
    assert log.reads == 1
    assert feed.covers(0)


@pytest.mark.parametrize("operator", [ANNA, BORIS, 3])
async def test_each_gets_what_he_missed_and_can_apply_it_in_order(operator: int) -> None:
    log = Log(400)
    feed = log.feed()
    await feed.reach_back(0)
    for seq in range(401):
        found = feed.since(seq, operator)
        assert told(found) == told(replay("w", log.rows[seq:], after=seq, operator=operator))
        last = seq
        for event in found:
            frame = json.loads(event.payload)
            assert frame["prev"] <= last < frame["seq"]
            last = frame["seq"]


async def test_what_comes_while_the_log_is_read_stays_behind_it() -> None:
    log = Log(50)
    feed = log.feed()
    reading = asyncio.create_task(feed.reach_back(0))
    await asyncio.sleep(0)
    assert feed.take(log.more(20))
    await reading
    assert told(feed.since(0, 3)) == told(replay("w", log.rows, after=0, operator=3))


async def test_memory_is_bounded_and_the_newest_stay() -> None:
    log = Log(RING + 100)
    feed = log.feed()
    reading = asyncio.create_task(feed.reach_back(0))
    await asyncio.sleep(0)
    assert feed.take(log.more(30))
    await reading
    assert feed.covers(130)
    assert not feed.covers(129)


async def test_a_log_that_begins_late_gives_what_was_asked_for() -> None:
    log = Log(100, since=90)
    feed = log.feed()
    await feed.reach_back(95)
    assert told(feed.since(95, 3)) == told(replay("w", log.rows[95:], after=95, operator=3))
    assert not feed.covers(94)


async def test_a_log_that_does_not_reach_back_covers_nothing() -> None:
    log = Log(100, since=90)
    feed = log.feed()
    await feed.reach_back(50)
    assert not feed.covers(95)
    assert feed.covers(100)
