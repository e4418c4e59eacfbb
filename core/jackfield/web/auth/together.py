"""Together: what many ask for in one turn of the loop is read once for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

V = TypeVar("V")


class Together(Generic[V]):
    """`read` answers what it finds of some keys. Nothing is kept: who asks later has a later read."""

    def __init__(self, read: Callable[[Sequence[str]], Awaitable[Mapping[str, V]]]) -> None:
        self._read = read
        self._asked = set[str]()  # what the next read is for
        self._next: asyncio.Task[Mapping[str, V]] | None = None

    async def find(self, key: str) -> V | None:
        """What is under a key now. Raises what the read raises."""
        self._asked.add(key)
        if self._next is None:
            self._next = asyncio.create_task(self._begin())
        return (await asyncio.shield(self._next)).get(key)  # who goes away takes nobody's answer along

    async def _begin(self) -> Mapping[str, V]:
        asked = tuple(self._asked)
        self._asked.clear()
        self._next = None
        return await self._read(asked)
