"""The simulator's clock: real time, and as far ahead or behind as was asked for."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta


class Clock:
    def __init__(self) -> None:
        self._shift = timedelta()
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._shift

    def ago(self, seconds: float) -> datetime:
        return self.now() - timedelta(seconds=seconds)

    def forward(self, by: timedelta) -> None:
        self._move(self._shift + by)

    def set(self, to: datetime) -> None:
        """Raises ValueError for a time without a zone."""
        if to.tzinfo is None:
            raise ValueError("the time needs a zone")
        self._move(to - datetime.now(UTC))

    def _move(self, shift: timedelta) -> None:
        self._shift = shift
        self._moved.set()
        self._moved = asyncio.Event()

    async def sleep(self, seconds: float, *, speed: float = 1) -> None:
        """Wait for so many seconds by this clock, `speed` times shorter: moving it ahead ends the wait."""
        due = self.now() + timedelta(seconds=seconds / speed)
        while (left := (due - self.now()).total_seconds()) > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._moved.wait()
