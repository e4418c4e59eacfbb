"""Opening the doors: the socket, and the server behind it."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette

from jackfield.web.realtime import RawWebSocket
from jackfield.web.realtime.frames import MAX_FRAME

BACKLOG = 2_048  # connections the kernel keeps for us while we are busy
GRACE = 5  # seconds that requests under way are given to end


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises OSError if the port cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # the protocol by name: else asyncio does not know it for TCP, and leaves Nagle's 40 ms between two frames
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(BACKLOG)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


class _Server(uvicorn.Server):
    """Says when it answers."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._started()


async def serve(web: Starlette, sock: socket.socket, *, started: Callable[[], None] = lambda: None) -> None:
    """Open the doors until a signal or a cancellation."""
    config = uvicorn.Config(
        web,
        ws=RawWebSocket,
        ws_max_size=4 * MAX_FRAME,  # beyond our own limit, so that we say what is wrong
        ws_per_message_deflate=False,
        http="httptools",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=GRACE,
    )
    await _Server(config, started).serve(sockets=[sock])
