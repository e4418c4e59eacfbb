"""Pace: how much one session may ask for."""

from __future__ import annotations

import asyncio
import time

PER_SECOND = 20
BURST = 60


class Pace:
    """A bucket of tokens, one for each thing that costs us work."""

    def __init__(self) -> None:
        self._tokens, self._at = float(BURST), time.monotonic()

    def take(self) -> bool:
        """Whether one more is allowed now."""
        now = time.monotonic()
        self._tokens = min(BURST, self._tokens + (now - self._at) * PER_SECOND)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    async def turn(self) -> None:
        """Wait until one more is allowed: at most 1 / PER_SECOND seconds."""
        while not self.take():  # noqa: ASYNC110  # time is what it waits for
            await asyncio.sleep(1 / PER_SECOND)
