"""What may leave a channel that is used with care: counted from what left it, whichever process that was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from jackfield.channel import Channel
from jackfield.ids import new_id
from jackfield.store.indexes import DEPARTURE
from jackfield.store.rows import ChannelRow, DepartureRow, MessageRow, OutboxRow
from jackfield.store.uow import Uow

from .limits import HOUR, MINUTE, Watch, guarded, quiet_until, watch

if TYPE_CHECKING:
    from jackfield.store.store import Store

Gone = tuple[int, bool]
"""When a message left, ms, and whether it was an automatic one."""

GONE = "SELECT gone_at, automatic FROM departure WHERE channel_id = $1 AND gone_at > $2 ORDER BY gone_at"


class Room(Struct, frozen=True, kw_only=True):
    """So many messages may leave now, and so many automatic ones among them. `look_at`: when there may be
    more, ms; None: there is room, or somebody rings. `jitter`: seconds, as the plugin says."""

    watch: Watch
    messages: int
    automatic: int
    look_at: int | None = None
    jitter: float = 0

    def rest(self, now: int, most: float) -> float:
        """Seconds until it is worth looking again, `most` at most. `now` in ms."""
        return most if self.look_at is None else min(most, max((self.look_at - now) / 1000, 0.0))


class Doorkeeper:
    """Of one channel's lane, which lets nothing else leave meanwhile: what it counts stays true."""

    def __init__(self, store: Store, channel: int) -> None:
        self._store, self._channel = store, channel

    async def room(self, channel: Channel, *, now: int) -> Room | None:
        """None: as much as there is. Raises Unavailable."""
        if not guarded(channel):
            return None
        rows = await self._store.rows(ChannelRow, "WHERE id = $1", self._channel)
        seen = watch(channel, rows[0]) if rows else None
        if seen is None:
            return None
        gone = await gone_since(self._store, self._channel, now - HOUR)
        return room(seen, gone, now=now, jitter=channel.protection().jitter)


async def gone_since(store: Store, channel: int, since: int) -> list[Gone]:
    """What left after `since`, ms, oldest first."""
    found = await store.fetch(GONE, channel, since)
    return [(int(at), bool(automatic)) for at, automatic in found]


def room(seen: Watch, gone: Sequence[Gone], *, now: int, jitter: float = 0) -> Room:
    """`gone`: of the last hour, oldest first."""
    limits = seen.limits
    messages, free_at = _left([at for at, _ in gone], limits.per_minute, limits.per_hour, now=now)
    automatic, look_at = messages, free_at
    if seen.paused:
        automatic, look_at = 0, free_at
    elif (ends := quiet_until(limits, now)) is not None:
        automatic, look_at = 0, ends if free_at is None else min(ends, free_at)
    elif now < seen.warm_at:
        share = [max(1, int(most * seen.share)) for most in (limits.per_minute, limits.per_hour)]
        fewer, later = _left([at for at, by_itself in gone if by_itself], *share, now=now)
        if fewer < automatic:
            automatic, look_at = fewer, later if free_at is None else free_at
    return Room(watch=seen, messages=messages, automatic=automatic, look_at=look_at, jitter=jitter)


def left(uow: Uow, row: OutboxRow, message: MessageRow) -> None:
    """It leaves now. Needs DEPARTURE(message.id)."""
    departure = uow.one(DEPARTURE, message.id)
    if departure is None:  # it waited longer than its record was kept
        departure = uow.add(
            DepartureRow(
                id=new_id(),
                workspace_id=message.workspace_id,
                channel_id=message.channel_id,
                conversation_id=message.conversation_id,
                message_id=message.id,
                due_at=uow.now,
            )
        )
    uow.edit(departure)
    departure.due_at, departure.gone_at, departure.automatic = uow.now, uow.now, row.automatic


def _left(gone: Sequence[int], per_minute: int, per_hour: int, *, now: int) -> tuple[int, int | None]:
    """How many may go, and, where that is none, when one may."""
    rooms: list[int] = []
    free_at: list[int] = []
    for span, most in ((MINUTE, per_minute), (HOUR, per_hour)):
        within = [at for at in gone if at > now - span]
        rooms.append(max(0, most - len(within)))
        if len(within) >= most:
            free_at.append(within[len(within) - most] + span)
    return min(rooms), max(free_at, default=None)
