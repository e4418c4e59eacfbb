"""Files arrive after their message, and what becomes of those that do not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest
from inbox_album import PNG, Album, eventually, fetching
from inbox_line import Line, said
from inbox_reduce import Verify
from scripted_channel import Plain

from jackfield.channel import (
    ChannelError,
    Download,
    Media,
    NotSupported,
    RateLimited,
    Rejected,
    Unavailable,
)
from jackfield.ids import new_id
from jackfield.inbox.fetching import TRIES, Fetching
from jackfield.inbox.reading import Reading
from jackfield.store.indexes import FILE
from jackfield.store.rows import FileRow
from jackfield.store.uow import Need, Uow
from jackfield.wire.stream import MessagePatch
from jackfield.wire.views import MediaView


async def until(line: Line, so: Callable[[FileRow], bool]) -> FileRow:
    """The one file, once it is so."""

    async def look() -> bool:
        return so(await line.one(FileRow))

    await eventually(look)
    return await line.one(FileRow)


async def shown(line: Line, key: str = "m1") -> tuple[MediaView, ...]:
    view = await Reading(line.store).message_by_external(line.channel, key)
    assert view is not None
    return view.media


async def photo(line: Line, *, key: str = "m1", ref: str = "r1") -> None:
    await line.take(said("", key=key, parts=[Media(sort="image", ref=ref, mime="image/jpeg")]))


def state_is(state: str) -> Callable[[FileRow], bool]:
    return lambda row: row.state == state


async def test_a_message_is_shown_before_its_file(line: Line) -> None:
    await photo(line)
    (view,) = await shown(line)
    assert (view.state, view.url, view.mime) == ("pending", "", "image/jpeg")


async def test_the_file_follows_and_the_message_says_so(line: Line) -> None:
    await photo(line)
    async with Verify(Reading(line.store), line.workspace, line.stream) as told, fetching(line, Album(PNG)):
        row = await until(line, state_is("ready"))
    (view,) = await shown(line)
    assert (view.state, view.url) == ("ready", f"/media/{view.id}")
    assert (view.mime, view.size, view.width, view.height) == ("image/png", len(PNG), 3, 2)
    assert b"".join([part async for part in line.store.files.open(row.path)]) == PNG
    assert [type(event) for _, event in told.events] == [MessagePatch]


async def test_every_file_of_a_message_is_fetched(line: Line) -> None:
    media = [Media(sort="image", ref=f"r{number}") for number in range(5)]
    await line.take(said("", key="m1", parts=media))
    album = Album(PNG)

    async def all_there() -> bool:
        return all(view.state == "ready" for view in await shown(line))

    async with fetching(line, album):
        await eventually(all_there)
    assert [view.part for view in await shown(line)] == [0, 1, 2, 3, 4]
    assert sorted(album.asked) == [f"r{number}" for number in range(5)]
    assert album.most <= 4


@pytest.mark.parametrize(
    "error", [Unavailable("busy"), RateLimited("slow", after=0.001), ConnectionError("lost"), TimeoutError()]
)
async def test_what_may_help_is_tried_again(line: Line, error: Exception) -> None:
    await photo(line)
    async with fetching(line, Album(error, error, PNG)):
        row = await until(line, state_is("ready"))
    assert row.attempts == 3
    assert row.error == ""


@pytest.mark.parametrize("error", [Rejected("no such media"), NotSupported("no")])
async def test_what_stays_wrong_is_failed_at_once(line: Line, error: ChannelError) -> None:
    await photo(line)
    album = Album(error)
    async with Verify(Reading(line.store), line.workspace, line.stream), fetching(line, album):
        row = await until(line, state_is("failed"))
    assert (row.error, row.attempts, len(album.asked)) == (error.code, 1, 1)
    (view,) = await shown(line)
    assert (view.state, view.error) == ("failed", error.code)


async def test_it_gives_up_after_many_tries(line: Line) -> None:
    await photo(line)
    file = await line.one(FileRow)
    await line.store.writer.do(Tried(line.workspace, file.id, TRIES - 1))
    async with fetching(line, Album(Unavailable("away"))):
        row = await until(line, state_is("failed"))
    assert (row.error, row.attempts) == ("unavailable", TRIES)


async def test_a_file_that_is_too_large_is_not_kept(line: Line) -> None:
    await photo(line)
    album = Album(PNG)
    async with fetching(line, album, limit=20):
        row = await until(line, state_is("failed"))
    assert (row.error, row.path) == ("too_large", "")
    assert album.closed == 1


async def test_a_channel_without_files_fails_them(line: Line) -> None:
    await photo(line)
    async with fetching(line, Plain()):
        assert (await until(line, state_is("failed"))).error == "not_supported"


async def test_a_closed_channel_costs_no_tries(line: Line) -> None:
    await photo(line)
    async with fetching(line, None):
        row = await until(line, lambda row: row.error == "channel_closed")
    assert (row.state, row.attempts) == ("pending", 0)


async def test_two_jobs_do_not_fetch_one_file_twice(line: Line) -> None:
    album = Album(PNG)

    async def all_there() -> bool:
        return not await line.all(FileRow, "WHERE state <> 'ready'")

    async with fetching(line, album), fetching(line, album):
        for number in range(8):
            await photo(line, key=f"m{number}", ref=f"r{number}")
        await eventually(all_there)
    assert sorted(album.asked) == [f"r{number}" for number in range(8)]


async def test_a_provider_that_hangs_holds_up_no_other_channel(line: Line) -> None:
    hangs, works, other = Hanging(PNG), Album(PNG), line.channel + 1
    job = Fetching(line.store, {line.channel: hangs, other: works}.get, every=0.01)
    for number in range(20):
        await photo(line, key=f"m{number}", ref=f"r{number}")
    task = asyncio.create_task(job.run())
    try:

        async def full() -> bool:
            return len(hangs.asked) == 4

        await eventually(full)
        await line.store.writer.do(Asked(line.workspace, other))

        async def arrived() -> bool:
            return bool(await line.all(FileRow, "WHERE channel_id = $1 AND state = 'ready'", other))

        await eventually(arrived)
        assert len(hangs.asked) == 4
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


class Hanging(Album):
    """A provider whose files never begin to come."""

    async def download(self, ref: str) -> Download:
        self.asked.append(ref)
        await asyncio.Event().wait()
        raise AssertionError


class Asked:
    """A work: a file of some channel is to be fetched."""

    def __init__(self, workspace: int, channel: int) -> None:
        self.workspace, self._channel = workspace, channel

    def needs(self, uow: Uow) -> Iterator[Need]:
        yield from ()

    def apply(self, uow: Uow) -> None:
        uow.add(
            FileRow(
                id=new_id(),
                workspace_id=self.workspace,
                channel_id=self._channel,
                ref="other",
                state="pending",
                next_at=uow.now,
                created_at=uow.now,
            )
        )


class Tried:
    """A work: so many tries of a file went wrong already."""

    def __init__(self, workspace: int, file: int, tries: int) -> None:
        self.workspace, self._file, self._tries = workspace, file, tries

    def needs(self, uow: Uow) -> Iterator[Need]:
        yield FILE(self._file)

    def apply(self, uow: Uow) -> None:
        row = uow.one(FILE, self._file)
        assert row is not None
        uow.edit(row).attempts = self._tries
