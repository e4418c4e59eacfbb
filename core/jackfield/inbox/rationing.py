"""Rationing: what one channel may use of the people its account may write to first, and who waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jackfield.channel import Pace

from .openings import Allowance, Ledger, pool_of
from .outbox_rows import LIMIT
from .outbox_works import Hurry

if TYPE_CHECKING:
    from jackfield.store.store import Store

CHUNK = 200  # rows in one work

WAITING = (
    "SELECT id FROM outbox WHERE channel_id = $1 AND state = 'waiting' AND due_at > $2 AND error = $3"
    " ORDER BY due_at, id LIMIT $4"
)
HOW_MANY = (
    "SELECT COUNT(*) FROM outbox WHERE channel_id = $1 AND state = 'waiting' AND due_at > $2 AND error = $3"
)


class Rationing:
    """Of one channel. `ledger` is that of the whole process; `kind` tells apart pools of the same name."""

    def __init__(self, store: Store, ledger: Ledger, *, workspace: int, channel: int, kind: str) -> None:
        self._store, self._ledger = store, ledger
        self._workspace, self._channel, self._kind = workspace, channel, kind

    async def allow(self, pace: Pace, templates: int, *, now: int) -> Allowance | None:
        """What a batch with so many templates may use; give it back once the batch is stored. None: there is
        no limit, or no template. `now` in ms. Raises Unavailable."""
        limit = pace.new_people_per_day
        if limit is None or not templates:
            return None
        pool = pool_of(self._kind, self._channel, pace)
        places = await self._ledger.take(pool, templates, limit, now=now)
        if places == templates:
            return Allowance(pool=pool, places=places)
        try:
            ((ahead,),) = await self._store.fetch(HOW_MANY, self._channel, now, LIMIT)
            free_at = await self._ledger.free_at(pool, limit, templates, now=now, ahead=int(ahead))
        except BaseException:
            self._ledger.give_back(pool, places)
            raise
        return Allowance(pool=pool, places=places, free_at=tuple(free_at))

    def give_back(self, allowance: Allowance | None) -> None:
        if allowance is not None:
            self._ledger.give_back(allowance.pool, allowance.places)

    async def hurry(self, *, now: int) -> None:
        """More people may be written to than before: who waits for that is tried at once."""
        while found := await self._store.fetch(WAITING, self._channel, now, LIMIT, CHUNK):
            rows = [row for (row,) in found]
            await self._store.writer.do(Hurry(workspace=self._workspace, rows=rows))
