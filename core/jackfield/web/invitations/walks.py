"""A client's attempt: goes on by itself while his browser sleeps, as a phone's does beside another app."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import msgspec
from msgspec import Struct

from jackfield.channel import Show, Step
from jackfield.errors import Problem
from jackfield.host import LoginSession
from jackfield.web import connecting
from jackfield.web.parts import Attempt, Parts

REMEMBERED = 1800.0  # seconds: twice what a login may take


class WalkView(Struct, frozen=True, kw_only=True):
    """Where an attempt stands. `seen` counts its steps: wait() for what comes after that one."""

    id: str
    kind: str
    seen: int
    step: Step


class Walk:
    """One attempt. Whoever looks is told the last step; a fault of its own is told until the next answer."""

    def __init__(self, parts: Parts, login: LoginSession, attempt: Attempt) -> None:
        self.login = login
        self.old_at = time.monotonic() + REMEMBERED
        self._parts, self._attempt = parts, attempt
        self._step: Step | None = None
        self._came_at, self._seen = 0.0, 0
        self._fault: Problem | None = None
        self._news = asyncio.Condition()
        self._following: asyncio.Task[None] | None = None

    @property
    def view(self) -> WalkView:
        """Raises the problem that the last step ended in."""
        if self._fault is not None:
            raise self._fault
        step = self._step
        assert step is not None, "start() comes first"
        if isinstance(step, Show) and step.expires_in is not None:  # who comes late has less of it
            left = max(0.0, step.expires_in - (time.monotonic() - self._came_at))
            step = msgspec.structs.replace(step, expires_in=left)
        return WalkView(id=self.login.id, kind=self.login.kind, seen=self._seen, step=step)

    async def start(self) -> WalkView:
        return await self._go(self.login.start)

    async def submit(self, values: dict[str, str]) -> WalkView:
        if self._following is not None and isinstance(self.login.step, Show) and not self.login.ended:
            self._following.cancel()
            await asyncio.wait({self._following})
        return await self._go(lambda: self.login.submit(values))

    async def wait(self, seen: int) -> WalkView:
        """The step after the one that was seen; the same if it takes long, or there is none to wait for."""
        try:
            async with asyncio.timeout(connecting.WAIT_WITHIN), self._news:
                await self._news.wait_for(lambda: self._seen != seen or not self._waiting)
        except TimeoutError:
            pass
        return self.view

    @property
    def _waiting(self) -> bool:
        """The other side has to do something."""
        return isinstance(self._step, Show) and self._fault is None

    async def _go(self, take: Callable[[], Awaitable[Step]]) -> WalkView:
        await self._take(take, within=connecting.STEP_WITHIN)
        if self._waiting:
            self._following = self._parts.host.beside(self.login, self._follow())
        return self.view

    async def _follow(self) -> None:
        """Wait for the other side, whoever looks, to the end: then the channel is stored."""
        while self._waiting:
            await self._take(self.login.wait, within=None)

    async def _take(self, take: Callable[[], Awaitable[Step]], *, within: float | None) -> None:
        self._fault = None
        try:
            found = await connecting.take_step(self._parts, self.login, self._attempt, take, within=within)
        except Problem as problem:
            self._fault = problem
        else:
            self._step, self._came_at = found.step, time.monotonic()
        async with self._news:
            self._seen += 1
            self._news.notify_all()
