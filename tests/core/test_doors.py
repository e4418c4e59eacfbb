"""The listening socket."""

from __future__ import annotations

import asyncio
import socket

import pytest

from jackfield.app import listen


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_what_is_said_leaves_at_once(host: str) -> None:
    """Nagle's algorithm would keep the second of two frames until the first was acknowledged: 40 ms."""
    at_once: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def met(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found: socket.socket = writer.get_extra_info("socket")
        at_once.set_result(found.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    with listen(host, 0) as door:
        server = await asyncio.start_server(met, sock=door)
        async with server, asyncio.timeout(10):
            _, writer = await asyncio.open_connection(*door.getsockname()[:2])
            assert await at_once == 1
            writer.close()
            await writer.wait_closed()
