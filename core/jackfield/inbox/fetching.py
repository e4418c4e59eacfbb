"""Fetches the files that messages came with: the message is shown at once, its file when it is there.

A file is claimed by moving its next try beyond the time a fetch may take: two processes never fetch it
at once, and one that dies leaves it to be tried again.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol, runtime_checkable

from msgspec import Struct

from jackfield.channel import Channel, ChannelError, HasMedia
from jackfield.errors import TooLarge, Unavailable
from jackfield.ids import show
from jackfield.store.files import Stored
from jackfield.store.indexes import FILE, MESSAGE
from jackfield.store.rows import FileRow
from jackfield.store.store import Store
from jackfield.store.uow import Need, Needs, Uow

from .columns import MEDIA, many, to_json
from .pictures import picture_needs, show_picture
from .views import media_view

log = logging.getLogger("jackfield.fetching")

LIMIT = 100 * 1024 * 1024  # bytes of one file
TRIES = 30  # with the waits below: for about a day
TAKES = 600_000  # ms: as long as one fetch may last
CLOSED = 60_000  # ms until we look again whether a channel is open
_UNKNOWN = "application/octet-stream"


@runtime_checkable
class _Closable(Protocol):
    async def aclose(self) -> None: ...


class Claim(Struct, frozen=True, kw_only=True):
    """A Work: take a file to be fetched. Answers it, or None if somebody else has it or it is done."""

    workspace: int
    file: int

    def needs(self, uow: Uow) -> Iterator[Need]:
        yield FILE(self.file)

    def apply(self, uow: Uow) -> FileRow | None:
        row = uow.one(FILE, self.file)
        if row is None or row.state != "pending" or row.next_at is None or row.next_at > uow.now:
            return None
        uow.edit(row)
        row.attempts += 1
        row.next_at = uow.now + TAKES + CLOSED
        return row


class Got(NamedTuple):
    stored: Stored
    mime: str  # as the provider says it


class Again(NamedTuple):
    """Another try, so many ms from now; `free`: this one does not count."""

    after: int
    error: str
    free: bool = False


class Lost(NamedTuple):
    """It cannot be had, and why."""

    error: str


class Settle(Struct, frozen=True, kw_only=True):
    """A Work: write down what became of a fetch, in the file and in its message."""

    workspace: int
    file: int
    message: int | None
    result: Got | Again | Lost

    def needs(self, uow: Uow) -> Needs:
        yield FILE(self.file)
        if self.message is not None:
            yield MESSAGE(self.message)
        elif (row := uow.peek(FILE, self.file)) is not None:
            yield from picture_needs(uow, row.contact_id, row.conversation_id)

    def apply(self, uow: Uow) -> None:
        row = uow.one(FILE, self.file)
        if row is None or row.state != "pending":
            return
        uow.edit(row)
        match self.result:
            case Got(stored=stored, mime=mime):
                row.state, row.next_at, row.error = "ready", None, ""
                row.path, row.size, row.sha256 = stored.path, stored.size, stored.sha256
                row.mime = stored.mime if stored.mime != _UNKNOWN else row.mime or mime or _UNKNOWN
                row.width, row.height = stored.width or row.width, stored.height or row.height
                if self.message is None:
                    show_picture(uow, row)
            case Again(after=after, error=error, free=free):
                row.error, row.next_at = error, uow.now + after
                row.attempts -= free
                if row.attempts >= TRIES:
                    row.state, row.next_at = "failed", None
            case Lost(error=error):
                row.state, row.next_at, row.error = "failed", None, error
        self._show(uow, row)

    def _show(self, uow: Uow, row: FileRow) -> None:
        message = None if self.message is None else uow.one(MESSAGE, self.message)
        if message is None or row.state == "pending":
            return
        number = show("f", row.id)
        views = many(MEDIA, message.media)
        shown = [media_view(row, part=view.part) if view.id == number else view for view in views]
        uow.edit(message).media = to_json(shown)


class Fetching:
    """run() until it is cancelled; any number of processes may. `channel` finds an open channel."""

    def __init__(
        self,
        store: Store,
        channel: Callable[[int], Channel | None],
        *,
        limit: int = LIMIT,
        at_once: int = 8,
        every: float = 0.5,
        first_wait: int = 5_000,
    ) -> None:
        """`limit` in bytes; `at_once`: files, half of them at most of one channel, so that a slow
        provider holds up nobody else; `every` in seconds between looks; `first_wait` in ms before a
        second try, twice as much before each further one."""
        self._store, self._channel, self._limit = store, channel, limit
        self._at_once, self._every, self._first_wait = at_once, every, first_wait
        self._busy: dict[int, int] = {}  # file -> channel
        self._away = False  # whether the store was, when we looked last

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            while True:
                for file, workspace, channel in await self._due():
                    self._busy[file] = channel
                    tasks.create_task(self._fetch(file, workspace), name=f"fetch {file}")
                await asyncio.sleep(self._every)

    async def _due(self) -> list[tuple[int, int, int]]:
        """What is to be begun now: file, workspace, channel (0: none)."""
        free = self._at_once - len(self._busy)
        if free <= 0:
            return []
        has, share = Counter(self._busy.values()), max(self._at_once // 2, 1)
        now = time.time_ns() // 1_000_000
        try:
            found = await self._store.fetch(
                "SELECT id, workspace_id, COALESCE(channel_id, 0) FROM file"  # noqa: S608  # a condition of ours
                " WHERE state = 'pending' AND next_at <= $1"
                f" AND NOT {self._store.any('COALESCE(channel_id, 0)', '$2')} ORDER BY next_at LIMIT $3",
                now,
                [channel for channel, count in has.items() if count >= share],
                self._at_once + free,
            )
        except Unavailable as error:
            if not self._away:
                log.warning("no files are fetched: %s", error)
            self._away = True
            return []
        self._away = False
        due: list[tuple[int, int, int]] = []
        for file, workspace, channel in found:
            if file not in self._busy and has[channel] < share and len(due) < free:
                has[channel] += 1
                due.append((file, workspace, channel))
        return due

    async def _fetch(self, file: int, workspace: int) -> None:
        """One try. Whatever goes wrong, the file is tried again when its claim runs out."""
        try:
            row = await self._store.writer.do(Claim(workspace=workspace, file=file))
            if row is None:
                return
            result = await self._try(row)
            if not isinstance(result, Got):
                log.info("file %s of channel %s: %s", row.id, row.channel_id, result.error)
            work = Settle(workspace=workspace, file=row.id, message=row.message_id, result=result)
            await self._store.writer.do(work)
        except Unavailable as error:
            log.warning("file %s: %s", file, error)
        except Exception:
            log.exception("file %s could not be settled", file)
        finally:
            del self._busy[file]

    async def _try(self, row: FileRow) -> Got | Again | Lost:
        channel = None if row.channel_id is None else self._channel(row.channel_id)
        if channel is None:
            return Again(CLOSED, "channel_closed", free=True)
        if not isinstance(channel, HasMedia):
            return Lost("not_supported")
        try:
            async with asyncio.timeout(TAKES / 1000):
                return await self._download(channel, row.ref)
        except Exception as error:
            return _result_of(error, row, wait=self._wait(row))

    async def _download(self, channel: HasMedia, ref: str) -> Got:
        download = await channel.download(ref)
        try:
            stored = await self._store.files.write(download.chunks, limit=self._limit)
        finally:
            if isinstance(download.chunks, _Closable):
                await download.chunks.aclose()  # it holds a connection
        return Got(stored, download.mime)

    def _wait(self, row: FileRow) -> int:
        """ms before the next try: twice as long each time, at most an hour, not all at once."""
        longest = min(self._first_wait * 2 ** max(row.attempts - 1, 0), 3_600_000)
        return int(longest * random.uniform(0.5, 1))  # noqa: S311  # not a secret


def _result_of(error: Exception, row: FileRow, *, wait: int) -> Again | Lost:
    """What an error of a fetch means for the file."""
    match error:
        case TooLarge():
            return Lost("too_large")
        case Unavailable():
            return Again(wait, "store_unavailable", free=True)
        case ChannelError(retryable=False, certain=True):
            return Lost(error.code)
        case ChannelError():
            return Again(max(wait, int(error.after * 1000)), error.code)
        case TimeoutError():
            return Again(wait, "timeout")
        case _:
            log.error("the channel failed to fetch file %s", row.id, exc_info=error)
            return Again(wait, "channel")
