"""Figures: asked for once a day by whoever runs the channel, and one that fails keeps no other from it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from inbox_world import World, open_world
from whole_channel import WholeKind

import jackfield.channel as c
from jackfield.app.counting import Counting
from jackfield.app.lines import OpenLines
from jackfield.inbox.outbox import Outbox
from jackfield.settings import Settings
from jackfield.store.rows import ChannelRow, FigureRow
from jackfield.web.parts import Line


@pytest.fixture
async def world(settings: Settings) -> AsyncIterator[World]:
    async with open_world(settings) as opened:
        yield opened


class Counter:
    """A channel as far as it counts. `breaks`: raised when it is asked."""

    def __init__(self, breaks: Exception | None = None) -> None:
        self.breaks, self.asked = breaks, list[timedelta]()

    async def figures(self, since: datetime, until: datetime) -> Sequence[c.Figure]:
        self.asked.append(until - since)
        if self.breaks is not None:
            raise self.breaks
        day = until.replace(hour=0, minute=0, second=0, microsecond=0)
        return [c.Figure(report="messages", start=day, end=day, values={"sent": len(self.asked)})]


class House:
    """The channels that are open here, and those that run here."""

    def __init__(self, world: World, counters: dict[int, Counter], running: frozenset[int]) -> None:
        self._lines = {
            number: Line(
                id=number,
                workspace=world.here.workspace if number == world.here.channel else world.there.workspace,
                kind=WholeKind(),
                channel=cast("Any", counter),
                config={},
            )
            for number, counter in counters.items()
        }
        self._running = running

    def get(self, channel: int) -> Line | None:
        return self._lines.get(channel)

    def running(self) -> frozenset[int]:
        return self._running


def counting(world: World, house: House) -> Counting:
    return Counting(world.store, cast("OpenLines", house), cast("Outbox", house))


async def test_the_channels_that_run_here_are_asked_once_a_day(world: World) -> None:
    ours, theirs = Counter(), Counter()
    house = House(
        world, {world.here.channel: ours, world.there.channel: theirs}, frozenset({world.here.channel})
    )
    look = counting(world, house).look
    assert (await look(), await look()) == (1, 0)
    assert (ours.asked, theirs.asked) == ([timedelta(days=30)], [])
    await world.change(ChannelRow, world.here.channel, counted_at=await world.now() - 25 * 3_600_000)
    assert await look() == 1
    assert ours.asked[1] == timedelta(days=3)
    rows = await world.all(FigureRow)
    assert [row.numbers for row in rows][-1] == '{"sent":2}'
    assert len({row.since for row in rows}) == len(rows)  # the same day again is the same figure


@pytest.mark.parametrize("error", [c.RateLimited("slow"), ZeroDivisionError("bug")])
async def test_one_that_fails_is_left_alone_for_a_while_and_the_others_are_asked(
    world: World, error: Exception
) -> None:
    bad, good = Counter(error), Counter()
    counters = {world.here.channel: bad, world.there.channel: good}
    look = counting(world, House(world, counters, frozenset(counters))).look
    assert await look() == 2
    assert await look() == 0
    assert (len(bad.asked), len(good.asked)) == (1, 1)
    row = await world.one(ChannelRow, world.here.channel)
    assert row.counted_at == 0
