"""Slow consumers: they delay nobody, cost a bounded memory, are told 4008, and miss nothing in the end."""

from __future__ import annotations

import asyncio
import socket as sockets
from contextlib import AsyncExitStack

import pytest
from realtime_world import Client, Desk, Process
from websockets.asyncio.client import connect

from jackfield.web.realtime import outlet
from jackfield.web.realtime.session import Session

STALLED, WELL = 12, 4
SIZE = 60_000  # bytes of one event: the kernel's own buffers take megabytes


async def stalled_client(stack: AsyncExitStack, server: Process) -> Client:
    """One whose kernel takes little, and who reads nothing once it has begun."""
    small = sockets.socket()
    small.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    small.connect(("127.0.0.1", server.port))
    small.setblocking(False)
    url = f"ws://127.0.0.1:{server.port}/realtime?who=admin"
    client = Client(
        await stack.enter_async_context(
            connect(url, sock=small, compression=None, max_queue=1, ping_interval=None)
        )
    )
    stack.callback(client.socket.transport.abort)  # no long farewell
    await client.begin()
    client.socket.transport.pause_reading()
    return client


def kept(server: Process) -> list[int]:
    """Bytes that wait, of each session."""
    found: list[int] = []
    for session in server.hub._sessions:  # pyright: ignore[reportPrivateUsage]  # what nobody else may know
        assert isinstance(session, Session)
        found.append(session._outlet._backlog.bytes)  # type: ignore[attr-defined]  # pyright: ignore
    return found


async def test_many_that_do_not_read_delay_nobody_and_cost_little(desk: Desk, server: Process) -> None:
    async with AsyncExitStack() as stack:
        well = [await stack.enter_async_context(server.client()) for _ in range(WELL)]
        await asyncio.gather(*(client.begin() for client in well))
        stalled = [await stalled_client(stack, server) for _ in range(STALLED)]
        positions, start = stalled[0].positions(), await desk.seq()
        most = 0
        async with asyncio.timeout(60):
            while server.hub.sessions > WELL:
                head = await desk.happen(size=SIZE)
                await asyncio.gather(*(client.reach(desk.ws, head) for client in well))  # at once
                most = max(most, *kept(server))
        wanted = list(range(start + 1, await desk.seq() + 1))
        assert all(client.events == wanted for client in well)
        assert 0 < most <= outlet.MAX_BYTES
        again = await stack.enter_async_context(server.client("admin"))
        await again.begin("resume", streams=positions)
        await again.reach(desk.ws, wanted[-1])
        assert again.events == wanted


@pytest.mark.parametrize(
    ("size", "most"),
    [(1, outlet.MAX_QUEUED), (outlet.MAX_BYTES // 4, 4)],
    ids=["packets", "bytes"],
)
def test_a_backlog_is_bounded_by_packets_and_by_bytes(size: int, most: int) -> None:
    backlog = outlet.Backlog()
    packet = outlet.Packet(b"x" * size)
    assert all(backlog.push(packet) for _ in range(most))
    assert not backlog.push(packet)


async def test_who_does_not_read_loses_what_may_be_lost_before_anything_else(
    desk: Desk, server: Process
) -> None:
    async with AsyncExitStack() as stack:
        stalled = await stalled_client(stack, server)
        other = await stack.enter_async_context(server.client())
        await other.begin()
        while not any(kept(server)):
            await desk.happen(size=SIZE)
        before = kept(server)
        for _ in range(50):
            await other.say(t="typing", conv=desk.world.here.conv, mode="reply")
            await other.say(t="typing", conv=desk.world.here.conv, mode="stopped")
        await other.say(t="probe")
        await other.until("ping")
        assert sorted(kept(server)) == sorted(before)
        stalled.socket.transport.resume_reading()
        await stalled.reach(desk.ws, await desk.seq())
        assert not any(frame["t"] == "eph" and frame["e"] == "typing" for frame in stalled.frames)
