"""The back door of a fan-out contender: each byte that comes in is an event to tell."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Self

TEXT = "Здравствуйте! Подскажите, пожалуйста, когда будет готов заказ 4417? " * 3


def event(now: int) -> str:
    """About as long as a new message is. `now`: nanoseconds of the monotonic clock, 19 digits."""
    return f'{{"e":"bench","at":"{now:019d}","msg":{{"type":"text","body":"{TEXT}"}}}}'


class Publishing:
    """Listens on a port of its own for as long as the context is open."""

    def __init__(self, tell: Callable[[int], Awaitable[None]]) -> None:
        self._tell = tell
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while wanted := await reader.read(4096):  # as long as the load is connected
            await self._tell(len(wanted))
        writer.close()
