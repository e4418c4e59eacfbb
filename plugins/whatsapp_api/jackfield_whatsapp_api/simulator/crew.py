"""The simulator's tasks and feed: every task has an owner, and one can wait until all is done."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from contextlib import contextmanager

from .model import Json


class Crew:
    """Tasks that end with the simulator, and a count of what is still under way."""

    def __init__(self, group: asyncio.TaskGroup, speed: float) -> None:
        self._group, self._speed = group, speed
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Run for as long as the simulator; nobody waits for it."""
        task = self._group.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        """Run something that ends by itself; idle() waits for it."""
        self.begin()
        self.start(self._counted(work))

    async def _counted(self, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        finally:
            self.end()

    def begin(self) -> None:
        self._under_way += 1
        self._idle.clear()

    def end(self) -> None:
        self._under_way -= 1
        if self._under_way == 0:
            self._idle.set()

    @property
    def busy(self) -> bool:
        return self._under_way > 0

    async def idle(self) -> None:
        await self._idle.wait()

    async def pause(self, seconds: float) -> None:
        """Sleep the simulator's way: `speed` times shorter."""
        await asyncio.sleep(seconds / self._speed)

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()


class Feed:
    """What happens, told to every phone page that listens. A listener too slow to follow is let go."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[Json | None]] = set()

    def tell(self, event: Json) -> None:
        for queue in list(self._listeners):
            try:
                queue.put_nowait(event)
            except asyncio.QueueFull:
                self._let_go(queue)

    def close(self) -> None:
        for queue in list(self._listeners):
            self._let_go(queue)

    def _let_go(self, queue: asyncio.Queue[Json | None]) -> None:
        self._listeners.discard(queue)
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)

    @contextmanager
    def listen(self) -> Generator[asyncio.Queue[Json | None]]:
        """A queue of events; None is its end."""
        queue: asyncio.Queue[Json | None] = asyncio.Queue(maxsize=1000)
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)
