"""The outbox of one process: a lane for each channel whose lease it holds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from .lane import Lane, Tempo
from .openings import Ledger
from .outbox_works import Hold, Release
from .verbs import Channels

if TYPE_CHECKING:
    from jackfield.bus import Bus
    from jackfield.store.store import Store

log = logging.getLogger("jackfield.outbox")

GRACE = 10.0  # seconds that what is on its way is given to end
CHUNK = 200  # rows in one work
IN_STATE = (
    "SELECT id, workspace_id FROM outbox WHERE channel_id = $1 AND state = $2 AND id > $3"
    " ORDER BY id LIMIT $4"
)


class Outbox:
    """Use as `async with Outbox(…) as outbox`: every lane lives inside, and leaving ends them.

    `owner` is the name of this process in the leases.
    """

    def __init__(
        self,
        store: Store,
        bus: Bus,
        channels: Channels,
        *,
        owner: str,
        tempo: Tempo | None = None,
        grace: float = GRACE,
    ) -> None:
        self._store, self._bus, self._channels = store, bus, channels
        self._owner, self._tempo, self._grace = owner, tempo or Tempo(), grace
        self._ledger = Ledger(store)
        self._lanes: dict[int, tuple[Lane, asyncio.Task[None]]] = {}
        self._tasks: asyncio.TaskGroup | None = None

    async def __aenter__(self) -> Self:
        self._tasks = await asyncio.TaskGroup().__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._tasks is not None
        tasks, self._tasks = self._tasks, None
        try:
            await asyncio.gather(*(self.stop(channel) for channel in list(self._lanes)))
        finally:
            if isinstance(err, asyncio.CancelledError):  # maybe the group's own, which it must see
                await tasks.__aexit__(kind, err, trace)
            else:
                await tasks.__aexit__(None, None, None)

    def start(self, channel: int, workspace: int, kind: str = "") -> None:
        """This process holds the channel's lease now. Starting twice is starting once. `kind`: in the name of
        its pool, since two kinds may call theirs the same."""
        assert self._tasks is not None, "the outbox works inside `async with` only"
        if channel in self._lanes and not self._lanes[channel][1].done():
            return
        lane = Lane(
            self._store,
            self._bus,
            self._channels,
            workspace=workspace,
            channel=channel,
            owner=self._owner,
            tempo=self._tempo,
            ledger=self._ledger,
            kind=kind,
        )
        self._lanes[channel] = (lane, self._tasks.create_task(self._keep(lane), name=f"lane {channel}"))

    async def stop(self, channel: int) -> None:
        """Take nothing new; what is on its way may end, for as long as the grace is."""
        found = self._lanes.pop(channel, None)
        if found is None:
            return
        lane, task = found
        lane.stop()
        _, late = await asyncio.wait({task}, timeout=self._grace)
        if late:
            log.warning("lane %d is cut: what was on its way is unknown at the next start", channel)
            task.cancel()
            await asyncio.wait({task})

    def running(self) -> frozenset[int]:
        """The channels that have a lane here."""
        return frozenset(self._lanes)

    async def hold(self, channel: int) -> int:
        """Keep everything that has not left, as after a new login, until a person looks at it. Answers
        how many messages that are. Any process may do this."""
        return await self._each(channel, "waiting", lambda space, rows: Hold(workspace=space, rows=rows))

    async def release(self, channel: int) -> int:
        """Let go what was held. Answers how many that are."""
        freed = await self._each(channel, "held", lambda space, rows: Release(workspace=space, rows=rows))
        await self._bus.publish(f"lane.{channel}", b"")
        return freed

    async def _each(self, channel: int, state: str, work: Callable[[int, list[int]], Hold | Release]) -> int:
        changed, after = 0, 0
        while True:
            found = await self._store.fetch(IN_STATE, channel, state, after, CHUNK)
            if not found:
                return changed
            rows = [row for row, _ in found]
            changed += await self._store.writer.do(work(found[0][1], rows))
            after = rows[-1]

    async def _keep(self, lane: Lane) -> None:
        """A lane that breaks is begun again: nothing of it is only in memory."""
        while True:
            try:
                return await lane.run()
            except Exception:
                log.exception("a lane broke; it begins again in a second")
                await asyncio.sleep(1)
