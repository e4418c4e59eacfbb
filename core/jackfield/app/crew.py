"""Tasks that work by themselves, and end when what they work for ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def crew() -> AsyncGenerator[Crew]:
    """Tasks that run until the context ends; one that fails ends the process's work with its error."""
    async with asyncio.TaskGroup() as group:
        hands = Crew(group)
        try:
            yield hands
        finally:
            hands.dismiss()


class Crew:
    """A task group whose tasks never end by themselves."""

    def __init__(self, group: asyncio.TaskGroup) -> None:
        self._group = group
        self.crew: list[asyncio.Task[None]] = []

    def begin(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self.crew.append(self._group.create_task(work, name=name))

    def dismiss(self) -> None:
        for task in self.crew:
            task.cancel()
