"""A websocket relay that does to the frames between a client and a server whatever a bad line can do.

Seeded; every fault is counted. `calm()`: from now on it is a good line.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed, WebSocketException

PASSED_ON = ("Cookie", "Origin", "Authorization")
Say = Callable[[str | bytes], Awaitable[None]]


class Torn(Exception):
    """This connection ends now."""


class _Line:
    """One connection. `dead`: nothing gets through any more, and neither side is told."""

    dead = False


class HostileWire:
    """`rate`: how likely a fault is at each frame. `stall`: seconds, longer than either side is patient."""

    def __init__(self, upstream: str, *, seed: int, rate: float, stall: float) -> None:
        self.upstream, self.rate, self.stall = upstream, rate, stall
        self.port = 0
        self.faults: Counter[str] = Counter()
        self.connections = 0
        self._luck = random.Random(seed)
        self._open: dict[ServerConnection, _Line] = {}

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def calm(self) -> None:
        """No faults any more; a line that is dead is torn, and the others go on with what they have lost."""
        self.rate = 0
        for connection, line in tuple(self._open.items()):
            if line.dead:
                connection.transport.abort()

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[HostileWire]:
        server: Server = await serve(
            self._relay, "127.0.0.1", 0, compression=None, max_size=None, ping_interval=None, close_timeout=1
        )
        self.port = next(iter(server.sockets)).getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for connection in tuple(self._open):
                connection.transport.abort()
            await server.wait_closed()

    async def _relay(self, near: ServerConnection) -> None:
        assert near.request is not None
        headers = [(name, near.request.headers[name]) for name in PASSED_ON if name in near.request.headers]
        line = self._open[near] = _Line()
        self.connections += 1
        try:
            async with connect(
                self.upstream + near.request.path,
                additional_headers=headers,
                compression=None,
                max_size=None,
                ping_interval=None,
                close_timeout=1,
            ) as far:
                await self._both(near, far, line)
        except (OSError, WebSocketException):
            near.transport.abort()
        finally:
            del self._open[near]

    async def _both(self, near: ServerConnection, far: ClientConnection, line: _Line) -> None:
        """Until one of the two ends; then so does the other, with the same code."""
        down = asyncio.create_task(self._pipe(far, near.send, line, tells=True))
        up = asyncio.create_task(self._pipe(near, far.send, line, tells=False))
        try:
            await asyncio.wait({down, up}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (down, up):
                task.cancel()
            ended = await asyncio.gather(down, up, return_exceptions=True)
        if any(isinstance(end, Torn) for end in ended):
            near.transport.abort()
            far.transport.abort()
            return
        code = far.close_code if far.close_code not in (None, 1005, 1006) else 1001
        with suppress(ConnectionClosed):
            await near.close(code or 1001)

    async def _pipe(
        self, source: ClientConnection | ServerConnection, say: Say, line: _Line, *, tells: bool
    ) -> None:
        """One direction. Raises Torn. `tells`: from the server, whose events may be lost and are missed."""
        held: list[str | bytes] = []
        async for frame in source:
            if line.dead:
                continue
            fate = self._fate(frame, tells=tells)
            self.faults.update([fate] if fate else [])
            if fate == "half-open":
                line.dead = True
            if fate == "reorder":
                held.append(frame)
            if fate in ("half-open", "reorder", "lose"):
                continue
            if fate in ("drop", "truncate"):
                if fate == "truncate":
                    await say(frame[: len(frame) // 2])
                raise Torn
            await asyncio.sleep(
                {"stall": self.stall, "delay": self._luck.uniform(0, 0.05)}.get(fate or "", 0)
            )
            self._luck.shuffle(held)
            for one in (frame, frame, *held) if fate == "double" else (frame, *held):
                await say(one)
            held.clear()

    def _fate(self, frame: str | bytes, *, tells: bool) -> str | None:
        if self._luck.random() >= self.rate:
            return None
        fates = ["drop", "truncate", "double", "double", "delay", self._luck.choice(("stall", "half-open"))]
        if '"e":"draft"' not in str(frame):  # what one operator alone is told is not missed by a number
            fates += ["reorder", "reorder"]
            fates += ["lose", "lose"] if tells and '"t":"ev"' in str(frame[:12]) else []
        return self._luck.choice(fates)
