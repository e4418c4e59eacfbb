"""Streams: nothing is lost, doubled or out of order, however a client comes back."""

from __future__ import annotations

import pytest
from realtime_world import Desk, Process, Renew

from jackfield.ids import show
from jackfield.web.realtime import feed, following


async def test_hello_at_a_position_gets_what_happened_since(desk: Desk, server: Process) -> None:
    async with server.client() as first:
        await first.begin()
        at = first.positions()
    reached = [await desk.happen(), await desk.happen()]
    async with server.client() as client:
        ready = await client.begin(streams=at)
        assert ready["t"] == "ready"
        await client.reach(desk.ws, reached[-1])
        assert client.events == reached
        reached.append(await desk.happen())
        await client.reach(desk.ws, reached[-1])
        assert client.events == reached


async def test_hello_without_a_position_starts_at_the_head(desk: Desk, server: Process) -> None:
    await desk.happen()
    async with server.client() as client:
        ready = await client.begin()
        assert ready["streams"][desk.ws]["seq"] == await desk.seq()
        seq = await desk.happen()
        await client.reach(desk.ws, seq)
        assert client.events == [seq]


async def test_resume_is_whole_and_in_order_with_private_events_in_their_place(
    desk: Desk, server: Process
) -> None:
    me, other = desk.actors["operator"].operator, desk.actors["admin"].operator
    async with server.client() as client:
        await client.begin()
        at = client.positions()
        start = client.last[desk.ws]
        head = await desk.happen(me, None, other, me, None, other)
        await client.reach(desk.ws, head - 1)
        assert client.events == await desk.log(me, start)
        assert client.messages == 1  # one commit is one message
    async with server.client() as again:
        resumed = await again.begin("resume", streams=at)
        assert resumed["count"] == 4
        await again.reach(desk.ws, head - 1)
        assert again.events == await desk.log(me, start)


async def test_what_the_memory_has_no_more_comes_from_the_log(desk: Desk, server: Process) -> None:
    start = await desk.seq()
    me = desk.actors["operator"].operator
    head = await desk.happen(*[None, me] * 50)  # before the feed was made: it is in no memory
    async with server.client() as probe:
        await probe.begin()
        at = {desk.ws: {"epoch": probe.epochs[desk.ws], "seq": start}}
    async with server.client() as client:
        answer = await client.begin("resume", streams=at)
        await client.reach(desk.ws, head)
        assert (answer["count"], client.events) == (100, await desk.log(me, start))


async def test_a_gap_is_filled_by_diff(desk: Desk, server: Process) -> None:
    async with server.client() as client:
        await client.begin()
        start = client.last[desk.ws]
        await client.reach(desk.ws, await desk.happen(None, None, None))
        client.events.clear()
        client.last[desk.ws] = start  # as if it had lost them
        await client.reach(desk.ws, await desk.happen())
        assert client.events == await desk.log(desk.actors["operator"].operator, start)


@pytest.mark.parametrize(
    ("epoch", "beyond", "why"), [("another", 0, "epoch"), ("", 1_000, "epoch")], ids=["epoch", "future"]
)
async def test_a_position_of_another_stream_is_reset(
    desk: Desk, server: Process, epoch: str, beyond: int, why: str
) -> None:
    async with server.client() as first:
        await first.begin()
        at = first.positions()
    at[desk.ws]["epoch"] = epoch or at[desk.ws]["epoch"]
    at[desk.ws]["seq"] += beyond
    async with server.client() as client:
        await client.begin("resume", streams=at)
        reset = await client.until("reset")
        assert (reset["ws"], reset["why"], reset["stream"]["seq"]) == (desk.ws, why, await desk.seq())
        seq = await desk.happen()
        await client.reach(desk.ws, seq)
        assert client.events == [seq]


async def test_a_position_older_than_the_log_is_reset(desk: Desk, server: Process) -> None:
    start = await desk.seq()
    await desk.happen(*[None] * 20)
    await desk.world.store.fetch("SELECT 1")
    async with server.client() as first:
        await first.begin()
        at = {desk.ws: {"epoch": first.epochs[desk.ws], "seq": start}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(following, "RING", 10)
        async with server.client() as client:
            await client.begin("resume", streams=at)
            assert (await client.until("reset"))["why"] == "too_old"


async def test_more_than_the_ring_holds_while_the_log_is_read_is_reset(
    desk: Desk, server: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = await desk.seq()
    await desk.happen(*[None] * 8)
    async with server.client() as first:
        await first.begin()
        at = {desk.ws: {"epoch": first.epochs[desk.ws], "seq": start}}
    monkeypatch.setattr(following, "RING", 8)  # reads eight; the feed gets ahead by one more
    opened = await server.hub.feed(desk.here)
    opened._ring = feed.deque(maxlen=1)  # pyright: ignore[reportPrivateUsage]  # a small memory
    read = following.Following._bridge  # pyright: ignore[reportPrivateUsage]

    async def slowly(self: following.Following, *args: object) -> following.Start:
        start_ = await read(self, *args)  # type: ignore[arg-type]
        await desk.happen(None)
        await desk.happen(None)
        return start_

    monkeypatch.setattr(following.Following, "_bridge", slowly)
    async with server.client() as client:
        await client.begin("resume", streams=at)
        assert (await client.until("reset"))["why"] == "overflow"


async def test_a_restored_backup_resets_whoever_is_connected(
    desk: Desk, server: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jackfield.web.realtime.hub.SWEEP", 0.05)
    async with Process(desk, desk.world.bus, True).running() as quick, quick.client() as client:
        await client.begin()
        await desk.world.store.writer.do(Renew(workspace=desk.here, epoch="restored"))
        reset = await client.until("reset")
        assert (reset["why"], reset["stream"]["epoch"]) == ("epoch", "restored")
        seq = await desk.happen()
        await client.reach(desk.ws, seq)
        assert client.events == [seq]


async def test_workspaces_of_others_are_never_heard(desk: Desk, server: Process) -> None:
    async with server.client() as client:
        ready = await client.begin(streams={desk.other: {"epoch": "x", "seq": 1}})
        assert list(ready["streams"]) == [desk.ws]
        reset = await client.until("reset")
        assert reset == {"t": "reset", "ws": show("w", desk.there), "why": "rights"}
