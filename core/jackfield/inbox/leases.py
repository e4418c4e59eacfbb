"""Leases: which process runs a channel. One at a time, and another one soon if it ends."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from jackfield.errors import Problem
from jackfield.store.indexes import CHANNEL
from jackfield.store.rows import ChannelRow
from jackfield.store.uow import Need, Uow

if TYPE_CHECKING:
    from jackfield.store.store import Store

log = logging.getLogger("jackfield.leases")

LASTS = 15.0  # seconds; the clocks of two machines must agree better than that
EVERY = 5.0  # seconds between renewals

Told = Callable[[int, int], Awaitable[None]]
"""Told of a channel and its workspace."""


class Held(Struct, frozen=True):
    """`taken`: it was not ours until now, whatever we thought."""

    channel: int
    workspace: int
    taken: bool


class Take(Struct, frozen=True, kw_only=True):
    """Take or renew channels of one workspace, as far as they are free; answer the ones held then."""

    workspace: int
    channels: Sequence[int]
    owner: str
    lasts: int  # ms

    def needs(self, uow: Uow) -> Iterator[Need]:
        return (CHANNEL(number) for number in self.channels)

    def apply(self, uow: Uow) -> list[Held]:
        held: list[Held] = []
        for number in self.channels:
            row = uow.one(CHANNEL, number)
            if row is None or not _wanted(row):
                continue
            if row.lease_owner not in ("", self.owner) and row.lease_until > uow.now:
                continue
            held.append(Held(number, self.workspace, row.lease_owner != self.owner))
            uow.edit(row)
            row.lease_owner, row.lease_until = self.owner, uow.now + self.lasts
        return held


class Leave(Struct, frozen=True, kw_only=True):
    """Give channels back, so that another process need not wait for the lease to run out."""

    workspace: int
    channels: Sequence[int]
    owner: str

    def needs(self, uow: Uow) -> Iterator[Need]:
        return (CHANNEL(number) for number in self.channels)

    def apply(self, uow: Uow) -> None:
        for number in self.channels:
            row = uow.one(CHANNEL, number)
            if row is not None and row.lease_owner == self.owner:
                uow.edit(row)
                row.lease_owner, row.lease_until = "", 0


def _wanted(row: ChannelRow) -> bool:
    return row.enabled and row.removed_at is None


class Leases:
    """run() takes every channel that is free and `able` here, renews what it has, and gives it back
    when it is cancelled.

    A channel is lost when it is disabled, when another process has it or had it meanwhile, or when it
    could not be renewed in time: then it must be let go at once, for another process may have it already.
    An answer that comes so late counts for nothing. `lost` may take its
    time, the other channels are renewed meanwhile; the channel is not taken again before it is over. If
    `gained` fails, the channel is let go and taken again later.
    """

    def __init__(
        self,
        store: Store,
        *,
        owner: str,
        gained: Told,
        lost: Told,
        able: Callable[[int], bool] = lambda _: True,
        lasts: float = LASTS,
        every: float = EVERY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._owner, self._gained, self._lost, self._able = store, owner, gained, lost, able
        self._lasts, self._every, self._clock = lasts, every, clock
        self._held: dict[int, tuple[int, float]] = {}  # channel: its workspace, until when (our clock)
        self._leaving: dict[int, asyncio.Task[None]] = {}
        self._look = asyncio.Event()

    def look(self) -> None:
        """A channel came, went or changed: do not wait for the next renewal."""
        self._look.set()

    def held(self) -> frozenset[int]:
        return frozenset(self._held)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            try:
                while True:
                    self._look.clear()
                    try:
                        await self._renew(tasks)
                    except (Problem, TimeoutError) as error:
                        log.warning("leases cannot be renewed: %s", str(error) or "no answer")
                        self._drop_late(tasks)
                    await self._rest()
            finally:
                await self._give_back(tasks)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._every):
                await self._look.wait()
        except TimeoutError:
            pass

    async def _renew(self, tasks: asyncio.TaskGroup) -> None:
        asked_at = self._clock()
        async with asyncio.timeout(self._lasts - self._every):
            answers = await self._ask()
        if self._clock() >= asked_at + self._lasts:
            raise TimeoutError("the answer is older than a lease")  # we stood still meanwhile
        held = {one.channel: one for one in answers}
        for channel in list(self._held):
            if channel not in held or held[channel].taken:
                self._let_go(tasks, channel)
        mine = {one.channel: one.workspace for one in answers if one.channel not in self._leaving}
        new = [channel for channel in mine if channel not in self._held]
        self._held = {channel: (space, asked_at + self._lasts) for channel, space in mine.items()}
        for channel in new:
            await self._begin(tasks, channel, mine[channel])

    async def _ask(self) -> list[Held]:
        now = time.time_ns() // 1_000_000
        found = await self._store.fetch(
            "SELECT id, workspace_id, lease_owner, lease_until FROM channel"
            " WHERE enabled AND removed_at IS NULL ORDER BY id"
        )
        wanted: defaultdict[int, list[int]] = defaultdict(list)
        for channel, workspace, owner, until in found:
            free = owner in ("", self._owner) or until <= now
            if free and channel not in self._leaving and self._able(channel):
                wanted[workspace].append(channel)
        answers = await asyncio.gather(*(self._take(space, ids) for space, ids in wanted.items()))
        return [one for answer in answers for one in answer]

    async def _take(self, workspace: int, channels: list[int]) -> list[Held]:
        take = Take(workspace=workspace, channels=channels, owner=self._owner, lasts=int(self._lasts * 1000))
        return await self._store.writer.do(take)

    async def _begin(self, tasks: asyncio.TaskGroup, channel: int, workspace: int) -> None:
        log.info("channel %d runs here now", channel)
        try:
            await self._gained(channel, workspace)
        except Exception:
            log.exception("channel %d cannot run here", channel)
            self._let_go(tasks, channel)

    def _drop_late(self, tasks: asyncio.TaskGroup) -> None:
        now = self._clock()
        for channel in [channel for channel, (_, until) in self._held.items() if until <= now]:
            self._let_go(tasks, channel)

    def _let_go(self, tasks: asyncio.TaskGroup, channel: int) -> None:
        workspace, _ = self._held.pop(channel)
        self._leaving[channel] = tasks.create_task(
            self._end(channel, workspace), name=f"channel {channel} ends here"
        )

    async def _end(self, channel: int, workspace: int) -> None:
        log.info("channel %d does not run here any more", channel)
        try:
            await self._lost(channel, workspace)
        except Exception:
            log.exception("channel %d did not end well", channel)
        finally:
            self._leaving.pop(channel, None)

    async def _give_back(self, tasks: asyncio.TaskGroup) -> None:
        spaces: defaultdict[int, list[int]] = defaultdict(list)
        for channel, (workspace, _) in list(self._held.items()):
            spaces[workspace].append(channel)
            self._let_go(tasks, channel)
        if self._leaving:
            await asyncio.wait(list(self._leaving.values()))
        for workspace, channels in spaces.items():
            try:
                await self._store.writer.do(Leave(workspace=workspace, channels=channels, owner=self._owner))
            except Problem as error:
                log.warning("leases could not be given back, they run out: %s", error)
