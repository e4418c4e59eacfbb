"""The clock: what happens by itself because its time has come. Wakes, queues, and cleans up."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from tortoise.exceptions import BaseORMException
from tortoise.models import Model

from jackfield.errors import Problem
from jackfield.ids import first_id
from jackfield.store import tables
from jackfield.store.indexes import CONVERSATION
from jackfield.store.uow import Need, Uow

from .alerts import CHANNELS, GRACE, Alert
from .outbox_works import Due
from .thread import HOUSE
from .verbs.workflow import reopen

if TYPE_CHECKING:
    from jackfield.bus import Bus
    from jackfield.store.store import Store

log = logging.getLogger("jackfield.clock")

CHUNK = 500  # rows in one work, and in one deletion
HOUR, DAY = 3_600_000, 24 * 3_600_000  # ms
DONE_KEPT, LOG_KEPT, OUTBOX_KEPT, STREAM_KEPT, WAITING_KEPT = DAY, 7 * DAY, 7 * DAY, 7 * DAY, 30 * DAY
OPENING_KEPT = 2 * DAY  # ms: who was written to first counts for one
DEPARTURE_KEPT = DAY  # ms: what left counts for an hour, and what is to leave lives so long
HISTORY_KEPT = 500  # remarks, and states, of each channel
STREAM_LEAST = 5000  # events of a workspace that are kept however old they are

SLEEPERS = (
    "SELECT id, workspace_id FROM conversation WHERE status = 'snoozed' AND snoozed_until <= $1"
    " ORDER BY snoozed_until LIMIT $2"
)
SCHEDULED = (
    "SELECT m.id, m.workspace_id FROM channel c"
    " JOIN outbox o ON o.channel_id = c.id AND o.state = 'waiting' AND o.due_at <= $1 AND o.op = 'send'"
    " JOIN message m ON m.id = o.message_id AND m.st = 'scheduled' ORDER BY o.due_at LIMIT $2"
)


class Wake(Struct, frozen=True, kw_only=True):
    """Snoozed conversations whose time is over are open again, and the thread says so."""

    workspace: int
    conversations: Sequence[int]

    def needs(self, uow: Uow) -> Iterator[Need]:
        return (CONVERSATION(number) for number in self.conversations)

    def apply(self, uow: Uow) -> None:
        for number in self.conversations:
            row = uow.one(CONVERSATION, number)
            if row is not None and row.status == "snoozed" and (row.snoozed_until or 0) <= uow.now:
                reopen(uow, row, HOUSE, "woke")


class Clock:
    """run() until it is cancelled. Any number of processes may run one: each work looks again."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        *,
        now: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        every: float = 1.0,
        grace: int = GRACE,
    ) -> None:
        """`every`: seconds. `grace`: ms that a channel may be lost before people are told."""
        self._store, self._bus, self._now, self._every, self._grace = store, bus, now, every, grace

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._again_and_again(self.wake, self._every), name="clock: wake")
            # The lanes look at their time themselves; this is for channels that no lane runs now.
            tasks.create_task(self._again_and_again(self.queue, self._every * 10), name="clock: queue")
            tasks.create_task(self._again_and_again(self.alert, self._every * 5), name="clock: alert")
            tasks.create_task(self._again_and_again(self.clean, self._every * 3600), name="clock: clean")

    async def _again_and_again(self, job: Callable[[], Awaitable[int]], every: float) -> None:
        while True:
            try:
                await job()
            except (Problem, BaseORMException, OSError) as error:
                log.warning("the clock missed a beat: %s", error)
            await asyncio.sleep(every)

    async def wake(self) -> int:
        """Open what was snoozed until now. Answers how many."""
        return await self._by_workspace(
            SLEEPERS, lambda space, ids: self._store.writer.do(Wake(workspace=space, conversations=ids))
        )

    async def queue(self) -> int:
        """Let scheduled messages whose time has come join the queue. Answers how many."""
        return await self._by_workspace(
            SCHEDULED, lambda space, ids: self._store.writer.do(Due(workspace=space, messages=ids))
        )

    async def alert(self) -> int:
        """Tell of channels that are lost, and of those that are back. Answers how many."""
        found = await self._store.fetch(CHANNELS, self._now() - self._grace, CHUNK)
        for channel, workspace in found:
            await self._store.writer.do(Alert(workspace=workspace, channel=channel, grace=self._grace))
        return len(found)

    async def clean(self) -> int:
        """Forget what is over: answers to commands, logs, ended outbox rows, links, sessions, events, and
        what channels were like long ago."""
        now = self._now()
        gone = 0
        ended = ("done", "failed", "gone")
        gone += await _delete(tables.Done, id__lt=first_id(now - DONE_KEPT))
        gone += await _delete(tables.ChannelLog, id__lt=first_id(now - LOG_KEPT))
        gone += await _delete(tables.Outbox, id__lt=first_id(now - OUTBOX_KEPT), state__in=ended)
        gone += await _delete(tables.Waiting, id__lt=first_id(now - WAITING_KEPT))
        gone += await _delete(tables.Opening, at__lt=now - OPENING_KEPT)
        gone += await _delete(tables.Departure, due_at__lt=now - DEPARTURE_KEPT)
        gone += await self._shorten("remark", tables.Remark)
        gone += await self._shorten("channel_state", tables.ChannelState)
        gone += await _delete(tables.SignInLink, expires_at__lt=now)
        gone += await _delete(tables.Session, expires_at__lt=now)
        old = first_id(now - STREAM_KEPT)
        for workspace, seq in await self._store.fetch("SELECT id, seq FROM workspace"):
            least = seq - STREAM_LEAST
            gone += await _delete(tables.StreamRow, workspace_id=workspace, seq__lte=least, id__lt=old)
        return gone

    async def _shorten(self, table: str, model: type[Model]) -> int:
        """Keep the newest of each channel's history."""
        gone = 0
        long = await self._store.fetch(
            f'SELECT channel_id FROM "{table}" GROUP BY channel_id HAVING COUNT(*) > $1',  # noqa: S608  # a table of ours
            HISTORY_KEPT,
        )
        for (channel,) in long:
            ((last,),) = await self._store.fetch(
                f'SELECT id FROM "{table}" WHERE channel_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2',  # noqa: S608  # likewise
                channel,
                HISTORY_KEPT,
            )
            gone += await _delete(model, channel_id=channel, id__lte=last)
        return gone

    async def _by_workspace(self, sql: str, do: Callable[[int, list[int]], Awaitable[None]]) -> int:
        found = await self._store.fetch(sql, self._now(), CHUNK)
        spaces: defaultdict[int, list[int]] = defaultdict(list)
        for number, workspace in found:
            spaces[workspace].append(number)
        await asyncio.gather(*(do(space, ids) for space, ids in spaces.items()))
        return len(found)


async def _delete(model: type[Model], **where: object) -> int:
    """In pieces, so that nobody waits long for the database."""
    gone = 0
    while True:
        ids = await model.filter(**where).limit(CHUNK).values_list("id", flat=True)
        if not ids:
            return gone
        gone += await model.filter(id__in=ids).delete()
