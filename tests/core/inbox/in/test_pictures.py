"""Pictures of people and groups, members, and how far the past has come: as pages see them."""

from __future__ import annotations

import asyncio

import msgspec
from inbox_album import PNG, Album, eventually, fetching
from inbox_line import IVAN, OLGA, Line, at, said
from inbox_reduce import Verify

from jackfield.app.standing import SetState
from jackfield.bus.memory import MemoryBus
from jackfield.channel import (
    Address,
    ConversationId,
    ConversationInfo,
    HistoryChunk,
    Profile,
    Rejected,
    SamePerson,
    Sender,
)
from jackfield.ids import show
from jackfield.inbox.clock import Clock
from jackfield.inbox.reading import Reading
from jackfield.store.rows import ContactRow, ConversationRow, FileRow, StreamRow
from jackfield.wire.stream import AnyStreamEvent, Notice

GROUP = ConversationId("group:team")


async def arrived(line: Line) -> bool:
    return all(row.state != "pending" for row in await line.store.rows(FileRow, ""))


async def test_a_picture_is_shown_when_it_is_here_and_kept_until_the_next_is(line: Line) -> None:
    hello = said("hi", key="m1")
    await line.take(hello)
    async with Verify(Reading(line.store), line.workspace, line.stream):
        await line.take(Profile(at=at(1), person=(IVAN,), avatar="one"))
        assert (await line.one(ContactRow)).avatar is None
        async with fetching(line, Album(PNG, Rejected("gone"), PNG)):
            await eventually(lambda: arrived(line))
            (first,) = await line.store.rows(FileRow, "")
            for row in (await line.one(ContactRow), await line.one(ConversationRow)):
                assert row.avatar == first.id
            await line.take(Profile(at=at(2), person=(IVAN,), avatar="two"))
            await eventually(lambda: arrived(line))
            assert (await line.one(ConversationRow)).avatar == first.id, "the second could not be had"
            await line.take(Profile(at=at(3), person=(IVAN,), avatar="three"))
            await eventually(lambda: arrived(line))
            assert (await line.one(ConversationRow)).avatar not in (None, first.id)
        await line.take(Profile(at=at(4), person=(IVAN,), avatar=""))
    assert (await line.one(ConversationRow)).avatar is None


async def test_a_picture_finds_whom_its_person_became(line: Line) -> None:
    await line.take(said("hi", key="m1"), said("ho", key="m2", by=[OLGA], peer="phone:+79997654321"))
    await line.take(Profile(at=at(1), person=(OLGA,), avatar="hers"))
    await line.take(SamePerson(at=at(2), known_as=(IVAN, OLGA)))
    async with fetching(line, Album(PNG)):
        await eventually(lambda: arrived(line))
    (living,) = await line.store.rows(ContactRow, "WHERE merged_into IS NULL")
    assert living.avatar is not None
    (shown,) = await line.store.rows(ConversationRow, "WHERE merged_into IS NULL")
    assert shown.avatar == living.avatar


async def test_a_group_has_a_picture_and_members(line: Line) -> None:
    await line.take(said("hi", key="m1", name="Ivan"))
    stranger = Address(kind="lid", value="77")
    members = (
        Sender(addresses=(stranger, OLGA), name="Olga at the desk", role="admin"),
        Sender(addresses=(IVAN,)),
    )
    async with Verify(Reading(line.store), line.workspace, line.stream):
        await line.take(
            ConversationInfo(at=at(1), conversation=GROUP, name="Team", avatar="a", members=members)
        )
        async with fetching(line, Album(PNG)):
            await eventually(lambda: arrived(line))
    (group,) = await line.store.rows(ConversationRow, "WHERE is_group")
    (file,) = await line.store.rows(FileRow, "")
    assert group.avatar == file.id
    reading = Reading(line.store)
    admin, ivan = await reading.members({line.workspace}, show("c", group.id))
    assert (admin.name, admin.role, admin.shown, admin.contact) == (
        "Olga at the desk",
        "admin",
        "+7 999 765-43-21",
        None,
    )
    contact = await line.one(ContactRow)
    assert (ivan.name, ivan.contact) == ("Ivan", show("p", contact.id)), "no contact is made of a member"
    (direct,) = await line.store.rows(ConversationRow, "WHERE NOT is_group")
    assert await reading.members({line.workspace}, show("c", direct.id)) == []


async def test_progress_of_the_past_is_seen_by_who_looks_in_the_middle(line: Line) -> None:
    async def state(word: str) -> None:
        work = SetState(workspace=line.workspace, channel=line.channel, state=word, code="", text="")
        await line.store.writer.do(work)

    async def progress() -> int | None:
        (view,) = await Reading(line.store).channels(line.workspace)
        return view.progress

    async with Verify(Reading(line.store), line.workspace, line.stream):
        await state("backfilling")
        await line.take(HistoryChunk(at=at(0), messages=(said("old", key="m1"),), progress=40))
        assert await progress() == 40
        await line.take(HistoryChunk(at=at(0), messages=(), progress=100, done=True))
        assert await progress() is None
        await line.take(HistoryChunk(at=at(0), messages=(), progress=60))
        await state("connected")
        assert await progress() is None, "it will not come any more"


async def test_people_are_told_once_that_a_channel_is_lost_and_once_that_it_is_back(line: Line) -> None:
    bus = MemoryBus()
    clock, soon = Clock(line.store, bus), Clock(line.store, bus, grace=0)

    async def state(word: str) -> None:
        work = SetState(workspace=line.workspace, channel=line.channel, state=word, code="x", text="why")
        await line.store.writer.do(work)

    async def told() -> list[str]:
        rows = await line.store.rows(StreamRow, "ORDER BY seq")
        events = [msgspec.json.decode(row.data, type=AnyStreamEvent) for row in rows]
        return [event.code for event in events if isinstance(event, Notice)]

    await state("connected")
    await state("transient")
    assert await clock.alert() == 0, "a minute's grace"
    await asyncio.gather(soon.alert(), soon.alert())
    await state("connecting")
    assert (await soon.alert(), await told()) == (0, ["channel_lost"])
    await state("connected")
    await asyncio.gather(soon.alert(), soon.alert())
    assert await told() == ["channel_lost", "channel_back"]
