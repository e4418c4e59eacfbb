"""Leases: one process runs a channel, and another one soon if it ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from inbox_world import World

from jackfield.errors import Unavailable
from jackfield.inbox.leases import Leases
from jackfield.store.rows import ChannelRow
from jackfield.store.uow import Work


class Process:
    """What one process was told."""

    def __init__(self, world: World, name: str, *, lasts: float = 1.5) -> None:
        self.said: list[tuple[str, int]] = []
        self.broken: set[int] = set()  # channels that cannot be run
        self.may_end = asyncio.Event()  # letting go takes until then
        self.may_end.set()
        self.ahead = 0.0  # seconds that its clock jumps, as after it was frozen
        self.leases = Leases(
            world.store,
            owner=name,
            gained=self._gained,
            lost=self._lost,
            lasts=lasts,
            every=0.05,
            clock=lambda: time.monotonic() + self.ahead,
        )

    async def _gained(self, channel: int, workspace: int) -> None:
        if channel in self.broken:
            raise RuntimeError("the plugin breaks")
        self.said.append(("gained", channel))

    async def _lost(self, channel: int, workspace: int) -> None:
        await self.may_end.wait()
        self.said.append(("lost", channel))


@asynccontextmanager
async def running(process: Process) -> AsyncGenerator[asyncio.Task[None]]:
    task = asyncio.create_task(process.leases.run())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def held(process: Process, *channels: int) -> None:
    end = time.monotonic() + 5
    while process.leases.held() != frozenset(channels):
        assert time.monotonic() < end, f"it holds {process.leases.held()}"
        await asyncio.sleep(0.01)


async def test_one_process_has_all_channels_and_another_none(world: World) -> None:
    both = {world.here.channel, world.there.channel}
    first, second = Process(world, "one"), Process(world, "two")
    async with running(first):
        await held(first, *both)
        async with running(second):
            await asyncio.sleep(2)  # longer than a lease: the first one renews
            assert first.leases.held() == both
            assert second.leases.held() == frozenset()
    assert sorted(first.said) == [(word, c) for word in ("gained", "lost") for c in sorted(both)]
    assert second.said == []


async def test_at_the_end_of_a_process_the_next_one_need_not_wait(world: World) -> None:
    both = (world.here.channel, world.there.channel)
    first, second = Process(world, "one", lasts=60), Process(world, "two", lasts=60)
    async with running(second):
        async with running(first):
            await asyncio.sleep(0.2)
        await held(second, *both)
    rows = await world.all(ChannelRow)
    assert {(row.lease_owner, row.lease_until) for row in rows} == {("", 0)}


async def test_a_lease_of_a_dead_process_runs_out(world: World) -> None:
    soon = await world.now() + 300
    await world.change(ChannelRow, world.here.channel, lease_owner="dead", lease_until=soon)
    process = Process(world, "one")
    async with running(process):
        await held(process, world.there.channel)
        await held(process, world.here.channel, world.there.channel)
    assert await world.now() >= soon


async def test_who_lost_a_lease_is_told(world: World) -> None:
    process = Process(world, "one")
    async with running(process):
        await held(process, world.here.channel, world.there.channel)
        until = await world.now() + 60_000
        await world.change(ChannelRow, world.here.channel, lease_owner="two", lease_until=until)
        await held(process, world.there.channel)
        assert process.said[-1] == ("lost", world.here.channel)


async def test_a_disabled_channel_is_let_go_and_taken_again_when_enabled(world: World) -> None:
    process = Process(world, "one")
    async with running(process):
        await held(process, world.here.channel, world.there.channel)
        await world.change(ChannelRow, world.here.channel, enabled=False)
        process.leases.look()
        await held(process, world.there.channel)
        await world.change(ChannelRow, world.here.channel, enabled=True)
        process.leases.look()
        await held(process, world.here.channel, world.there.channel)


async def test_what_cannot_be_renewed_in_time_is_let_go(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process may have it already: a lane that goes on would send beside it."""
    process = Process(world, "one", lasts=0.2)
    async with running(process):
        await held(process, world.here.channel, world.there.channel)

        async def away(*_: object) -> None:
            raise Unavailable("the database is away")

        monkeypatch.setattr(world.store, "fetch", away)
        await held(process)
        monkeypatch.undo()
        await held(process, world.here.channel, world.there.channel)


async def test_a_database_that_does_not_answer_does_not_keep_a_lease(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = Process(world, "one", lasts=0.3)
    async with running(process):
        await held(process, world.here.channel, world.there.channel)

        async def silent(*_: object) -> None:
            await asyncio.sleep(60)

        monkeypatch.setattr(world.store, "fetch", silent)
        await held(process)
        monkeypatch.undo()
        await held(process, world.here.channel, world.there.channel)


async def test_a_channel_that_another_process_had_meanwhile_begins_anew(world: World) -> None:
    """Its lane has ended: it would never start again if nobody noticed."""
    process, here = Process(world, "one"), world.here.channel
    async with running(process):
        await held(process, here, world.there.channel)
        await world.change(ChannelRow, here, lease_owner="two", lease_until=1)
        end = time.monotonic() + 5
        while [word for word, channel in process.said if channel == here] != ["gained", "lost", "gained"]:
            assert time.monotonic() < end, process.said
            await asyncio.sleep(0.01)


async def test_a_lease_that_was_over_when_its_answer_came_is_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that stood still finds the answer when another one has the channel already."""
    process, do = Process(world, "one", lasts=30), world.store.writer.do

    async def late(work: Work[Any]) -> Any:
        answer = await do(work)
        process.ahead += 31
        return answer

    monkeypatch.setattr(world.store.writer, "do", late)
    async with running(process):
        await asyncio.sleep(0.3)
        assert process.said == []
        monkeypatch.undo()
        await held(process, world.here.channel, world.there.channel)


async def test_a_renewal_is_no_news_to_anybody(world: World) -> None:
    before = await world.count("stream")
    process = Process(world, "one")
    async with running(process):
        await held(process, world.here.channel, world.there.channel)
        await asyncio.sleep(0.2)
    assert await world.count("stream") == before


async def test_a_channel_that_breaks_disturbs_no_other_and_is_tried_again(world: World) -> None:
    process = Process(world, "one")
    process.broken = {world.here.channel}
    async with running(process):
        await held(process, world.there.channel)
        await asyncio.sleep(0.1)
        assert ("gained", world.here.channel) not in process.said
        process.broken = set()
        await held(process, world.here.channel, world.there.channel)


async def test_letting_one_go_slowly_does_not_lose_the_others(world: World) -> None:
    process = Process(world, "one", lasts=1.5)
    async with running(process):
        await held(process, world.here.channel, world.there.channel)
        process.may_end.clear()
        await world.change(ChannelRow, world.here.channel, enabled=False)
        await held(process, world.there.channel)
        await world.change(ChannelRow, world.here.channel, enabled=True)
        await asyncio.sleep(2)  # longer than a lease
        assert process.leases.held() == {world.there.channel}  # not again before it has ended
        assert (await world.one(ChannelRow, world.there.channel)).lease_until > await world.now()
        process.may_end.set()
        await held(process, world.here.channel, world.there.channel)
    assert process.said.count(("lost", world.there.channel)) == 1
