"""Backstage: what the host needs from the rest of core, for the ports of its channels."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence

from jackfield import ids
from jackfield.channel import AnyEvent, ChannelId, Guarded, LogEntry, MediaFile, State
from jackfield.errors import NotFound
from jackfield.inbox.columns import ms
from jackfield.inbox.protection.limits import alarm_of
from jackfield.inbox.protection.pausing import Alarmed
from jackfield.inbox.verbs import Channels
from jackfield.store.files import Files
from jackfield.store.rows import ChannelRow, ChannelValueRow, FileRow
from jackfield.store.store import Store

from .intake import Intake
from .standing import KeepLog, KeepValue, Logged, SetState

log = logging.getLogger("jackfield.channels")

LOG_WAITING = 5_000  # entries of the channel log that wait to be stored
LOG_EVERY = 1.0  # seconds
LOG_CHUNK = 250  # entries in one transaction, which others share


class StoredFile(MediaFile, frozen=True, kw_only=True):
    """A file of the media folder, as a channel sends it."""

    files: Files
    path: str

    def chunks(self) -> AsyncIterator[bytes]:
        return self.files.open(self.path)


class Backstage:
    """host.Backstage on the store. `intake` and `channels` are set once the lines are there."""

    intake: Intake
    channels: Channels

    def __init__(self, store: Store) -> None:
        self._store = store
        self._log: deque[Logged] = deque(maxlen=LOG_WAITING)

    async def receive(self, channel: ChannelId, events: Sequence[AnyEvent], raw: bytes) -> None:
        await self.intake.events(ids.read("ch", channel), events, raw)

    async def set_state(self, channel: ChannelId, state: State, code: str, text: str) -> None:
        rows = await self._store.rows(ChannelRow, "WHERE id = $1", ids.read("ch", channel))
        if rows:
            alarm = self._alarm(rows[0].id, code, text)
            await self._store.writer.do(
                SetState.of(rows[0], state=state.value, code=code, text=text, alarm=alarm)
            )

    def _alarm(self, channel: int, code: str, text: str) -> Alarmed | None:
        """Whether this state means that the network did something to the account."""
        found = self.channels(channel)
        reason = alarm_of(found, code) if code else None
        if reason is None or not isinstance(found, Guarded):
            return None
        until = found.protection().until
        return Alarmed(reason=reason, detail=text, until=None if until is None else ms(until))

    async def get(self, channel: ChannelId, key: str) -> bytes | None:
        rows = await self._store.rows(
            ChannelValueRow, "WHERE channel_id = $1 AND key = $2", ids.read("ch", channel), key
        )
        return rows[0].value if rows else None

    async def put(self, channel: ChannelId, key: str, value: bytes | None) -> None:
        await self._store.writer.do(KeepValue(channel=ids.read("ch", channel), key=key, value=value))

    async def open_media(self, channel: ChannelId, ref: str) -> MediaFile:
        """Raises NotFound for a file that is not there, or of another workspace than the channel's."""
        rows = await self._store.rows(
            FileRow,
            "WHERE id = $1 AND state = 'ready'"
            " AND workspace_id = (SELECT workspace_id FROM channel WHERE id = $2)",
            ids.read("f", ref),
            ids.read("ch", channel),
        )
        if not rows:
            raise NotFound(what="f")
        (row,) = rows
        return StoredFile(
            ref=ref,
            name=row.name,
            mime=row.mime,
            size=row.size or 0,
            files=self._store.files,
            path=row.path,
        )

    def log(self, channel: ChannelId, entry: LogEntry) -> None:
        self._log.append(Logged(channel, time.time_ns() // 1_000_000, entry))

    async def keep_log(self) -> None:
        """Store the channel log, a second's worth at a time, until cancelled."""
        try:
            while True:
                await asyncio.sleep(LOG_EVERY)
                await self._store_log()
        finally:
            await self._store_log()

    async def _store_log(self) -> None:
        while self._log:
            batch = [self._log.popleft() for _ in range(min(LOG_CHUNK, len(self._log)))]
            try:
                await self._store.writer.do(KeepLog(entries=batch))
            except Exception as error:  # a log must not end a process
                log.warning("%d entries of the channel log were not stored: %s", len(batch), error)
                return  # the others wait for the next second
