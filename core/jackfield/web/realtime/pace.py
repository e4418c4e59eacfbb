"""Pace: how much one session may ask for."""

from __future__ import annotations

import asyncio
import time

PER_SECOND = 20
BURST = 60
PATIENCE = 300  # refusals in a row, at the same pace, before we stop listening


class Bucket:
    """Tokens that come back by themselves, PER_SECOND of them and at most `size`."""

    __slots__ = ("_at", "_size", "_tokens")

    def __init__(self, size: int) -> None:
        self._size, self._tokens, self._at = size, float(size), time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        self._tokens = min(self._size, self._tokens + (now - self._at) * PER_SECOND)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Pace:
    """A bucket for each thing that costs us work, and one for what we refuse."""

    __slots__ = ("_allowed", "_borne")

    def __init__(self) -> None:
        self._allowed, self._borne = Bucket(BURST), Bucket(PATIENCE)

    def take(self) -> bool:
        """Whether one more is allowed now."""
        return self._allowed.take()

    def bear(self) -> bool:
        """Whether one that was refused is still answered; False: this client does not listen."""
        return self._borne.take()

    async def turn(self) -> None:
        """Wait until one more is allowed: at most 1 / PER_SECOND seconds."""
        while not self.take():  # noqa: ASYNC110  # time is what it waits for
            await asyncio.sleep(1 / PER_SECOND)
