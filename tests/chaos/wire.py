"""A wire between two parts that can be cut: a small TCP relay, also a balancer over several backends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress

PIECE = 64 * 1024


class Wire:
    """Connections go to the first backend that takes them, beginning with another one each time."""

    def __init__(self, backends: Sequence[int]) -> None:
        self._backends = list(backends)
        self._turn = 0
        self._down = False
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """Every connection ends at once, as a torn cable's does when the far end resets it."""
        for writer in tuple(self._open):
            writer.transport.abort()

    def down(self) -> None:
        """Cut, and nothing gets through until up()."""
        self._down = True
        self.cut()

    def up(self) -> None:
        self._down = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            far = None if self._down else await self._connect()
            if far is None:
                writer.transport.abort()
                return
            self._open.add(far[1])
            try:
                async with asyncio.TaskGroup() as pipes:
                    pipes.create_task(_pipe(reader, far[1]))
                    pipes.create_task(_pipe(far[0], writer))
            finally:
                self._open.discard(far[1])
                far[1].transport.abort()
        finally:
            self._open.discard(writer)
            writer.transport.abort()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        self._turn += 1
        for place in range(len(self._backends)):
            port = self._backends[(self._turn + place) % len(self._backends)]
            with suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", port)
        return None


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(PIECE):
            writer.write(piece)
            await writer.drain()
    with suppress(OSError, RuntimeError):
        writer.write_eof()


@asynccontextmanager
async def wire_to(*backends: int) -> AsyncGenerator[Wire]:
    """A wire to these ports of loopback, for as long as the context is open."""
    wire = Wire(backends)
    server = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        server.close()
        wire.down()
        await asyncio.sleep(0.05)  # aborted connections end in the next rounds of the loop
