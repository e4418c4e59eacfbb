"""Openings: how many people an account has written to first, and whether it may write to one more.

A provider may allow an account only so many people in 24 hours who are written to outside of a window. The
account is a *pool*: its channels may belong to several workspaces, and all that these see of one another is
the number. It is counted in the database, since any process may run any of the channels.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from typing import TYPE_CHECKING

from jackfield.channel import Pace

if TYPE_CHECKING:
    from jackfield.store.store import Store

SPAN = 24 * 3_600_000  # ms
POOL_MAX = 120  # characters

COUNT = "SELECT COUNT(*) FROM opening WHERE pool = $1 AND at > $2"
OLDEST = "SELECT at FROM opening WHERE pool = $1 AND at > $2 ORDER BY at LIMIT $3 OFFSET $4"


def pool_of(kind: str, channel: int, pace: Pace) -> str:
    """Whose people are counted together: the channel's own where it names no pool."""
    said = f"{kind}:{pace.pool}" if pace.pool else f"{kind}#{channel}"
    return said if len(said) <= POOL_MAX else hashlib.sha256(said.encode()).hexdigest()


def person_of(peer: str) -> str:
    """A person of a pool. Other workspaces of the pool learn nothing of him from their common table."""
    return hashlib.sha256(peer.encode()).hexdigest()


async def used(store: Store, pool: str, *, now: int) -> int:
    """How many people were written to first in the 24 hours before `now`, ms."""
    ((count,),) = await store.fetch(COUNT, pool, now - SPAN)
    return int(count)


class Ledger:
    """What is left of the pools' limits, and what this process is about to use of it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._promised: defaultdict[str, int] = defaultdict(int)
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def take(self, pool: str, wanted: int, limit: int, *, now: int) -> int:
        """Keep up to `wanted` places until give_back(); answer how many there were. `now` in ms.

        What was promised before the count began counts on top of it: it may be stored already, and then
        a place is thought used that is not, for a moment; never the other way round.
        """
        async with self._turns[pool]:
            promised = self._promised[pool]
            left = limit - promised - await used(self._store, pool, now=now)
            taken = max(0, min(wanted, left))
            self._promised[pool] += taken
            return taken

    def give_back(self, pool: str, places: int) -> None:
        """They are stored now, or were not needed."""
        self._promised[pool] -= places

    async def free_at(self, pool: str, limit: int, places: int, *, now: int, ahead: int) -> list[int]:
        """When so many places are free again, each in ms, earliest first; `ahead`: how many wait already."""
        count = await used(self._store, pool, now=now)
        most = max(limit, 1)
        over = max(count - most, 0)  # the limit may have sunk: so many have to fall out first
        first = await self._store.fetch(OLDEST, pool, now - SPAN, most, over)
        ends = [int(at) + SPAN for (at,) in first] or [now + SPAN]
        turns = (divmod(ahead + place, len(ends)) for place in range(places))
        return [ends[place] + round_ * SPAN for round_, place in turns]
