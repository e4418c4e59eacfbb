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

from msgspec import Struct

from jackfield.channel import Pace
from jackfield.ids import new_id
from jackfield.store.indexes import OPENING
from jackfield.store.rows import ConversationRow, OpeningRow
from jackfield.store.uow import Need, Uow

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


class Allowance(Struct, frozen=True, kw_only=True):
    """What a batch may use of a pool: so many new people; for the others, when a place is free, in ms."""

    pool: str
    places: int
    free_at: tuple[int, ...] = ()


class Gate:
    """Lets the people of one batch pass, as many as it may use; for one transaction."""

    def __init__(self, uow: Uow, allowance: Allowance) -> None:
        self._uow, self._pool, self._left = uow, allowance.pool, allowance.places
        self._turns = iter(allowance.free_at)

    def wait_for(self, conversation: ConversationRow) -> int | None:
        """None: he may be written to, and is counted. Else when there is a place for him, ms.

        Needs opening_need(). Whoever was counted in the last 24 hours, or has the window open, needs none.
        """
        uow, until = self._uow, conversation.window_until
        if conversation.is_group or not conversation.windowed or (until is not None and until > uow.now):
            return None
        person = person_of(conversation.peer)
        row = uow.one(OPENING, self._pool, person)
        if row is None or row.at <= uow.now - SPAN:
            if self._left <= 0:
                return next(self._turns, uow.now + SPAN)
            self._left -= 1
        if row is None:
            row = uow.add(OpeningRow(id=new_id(), pool=self._pool, person=person, at=uow.now))
        uow.edit(row).at = uow.now
        return None


def opening_need(pool: str, conversation: ConversationRow) -> Need:
    return OPENING(pool, person_of(conversation.peer))


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
