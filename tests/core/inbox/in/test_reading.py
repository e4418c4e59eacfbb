"""What is read: folders in pages, threads in their order, and nothing of another workspace."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from inbox_line import IVAN, OLGA, Line, another_line, at, at_ms, ours, said
from inbox_reduce import events_of
from msgspec import Struct

from jackfield.channel import Address, SamePerson
from jackfield.errors import Invalid, NotFound
from jackfield.ids import new_id, read, show
from jackfield.inbox.reading import Reading
from jackfield.store.indexes import CONVERSATION, OPERATOR
from jackfield.store.rows import (
    ContactRow,
    ConversationLabelRow,
    ConversationRow,
    DraftRow,
    LabelRow,
    MembershipRow,
    OperatorRow,
    Row,
    StreamRow,
)
from jackfield.store.uow import Index, Need, Uow
from jackfield.wire.realtime import Folder

EVERYTHING = Folder(status="all")
STREAM_ROW = Index(StreamRow, "id")


def person(number: int) -> Address:
    return Address(kind="phone", value=f"+7999000{number:04d}")


async def write(line: Line, number: int, *, minute: float, name: str = "") -> None:
    who = person(number)
    await line.take(
        said(f"from {number}", key=f"m{number}", minute=minute, by=[who], peer=who.value, name=name)
    )


async def listed(line: Line, folder: Folder = EVERYTHING, *, limit: int = 60, me: int = 0) -> list[str]:
    """The last texts of all pages of a folder."""
    reading, texts, after = Reading(line.store), list[str](), None
    while True:
        rows, after = await reading.conversations([line.workspace], folder, me=me, after=after, limit=limit)
        assert len(rows) <= limit
        texts.extend(row.last.text for row in rows if row.last is not None)
        if after is None:
            return texts


# -- folders ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 60])
async def test_pages_show_every_conversation_once_newest_first(line: Line, limit: int) -> None:
    for number in range(7):
        await write(line, number, minute=number // 2)  # pairs of the same moment
    texts = await listed(line, limit=limit)
    assert [text.rpartition(" ")[2] for text in texts] == ["6", "5", "4", "3", "2", "1", "0"]


async def test_one_list_over_all_workspaces(line: Line) -> None:
    other, third = await another_line(line, "other"), await another_line(line, "third")
    for number, place in enumerate([line, other, third, line, other, third]):
        await write(place, number, minute=number)
    reading = Reading(line.store)
    spaces, texts, after = [line.workspace, other.workspace, third.workspace], list[str](), None
    for _ in range(3):
        rows, after = await reading.conversations(spaces, EVERYTHING, me=0, after=after, limit=2)
        texts.extend(row.last.text for row in rows if row.last is not None)
    assert after is None
    assert texts == [f"from {number}" for number in (5, 4, 3, 2, 1, 0)]


async def test_a_folder_of_another_workspace_is_empty(line: Line) -> None:
    other = await another_line(line, "other")
    await write(other, 1, minute=0)
    folder = Folder(ws=show("w", other.workspace), status="all")
    assert await listed(line, folder) == []
    assert await Reading(line.store).conversations([], EVERYTHING, me=0, after=None, limit=9) == ([], None)


@pytest.fixture
async def office(line: Line) -> tuple[Line, dict[str, Any]]:
    """Conversations in every state: 0 mine and labelled, 1 snoozed, 2 closed, 3 read, 4 marked unread."""
    for number in range(5):
        await write(line, number, minute=number)
    rows = await line.all(ConversationRow, "ORDER BY last_at")
    me, label = new_id(), LabelRow(id=new_id(), workspace_id=line.workspace, name="VIP", color="#112233")
    marked = ConversationLabelRow(
        id=new_id(), workspace_id=line.workspace, conversation_id=rows[0].id, label_id=label.id
    )
    await line.put(label, marked)
    changes: list[tuple[int, dict[str, Any]]] = [
        (0, {"assignee_id": me}),
        (1, {"status": "snoozed", "snoozed_until": at_ms(600)}),
        (2, {"status": "closed"}),
        (3, {"unread": 0}),
        (4, {"unread": 0, "marked_unread": True}),
    ]
    for place, values in changes:
        await line.store.writer.do(Set(line.workspace, rows[place].id, values))
    return line, {"me": me, "label": show("l", label.id), "channel": show("ch", line.channel)}


@pytest.mark.parametrize(
    ("folder", "shown"),
    [
        (Folder(), [4, 3, 0]),
        (Folder(status="snoozed"), [1]),
        (Folder(status="closed"), [2]),
        (Folder(status="all"), [4, 3, 2, 1, 0]),
        (Folder(assignee="me"), [0]),
        (Folder(assignee="none"), [4, 3]),
        (Folder(unread=True), [4, 0]),
        (Folder(label="{label}"), [0]),
        (Folder(channel="{channel}", status="all"), [4, 3, 2, 1, 0]),
        (Folder(channel=show("ch", 1), status="all"), []),
        (Folder(assignee=show("o", 1)), []),
        (Folder(assignee="me", unread=True, label="{label}", channel="{channel}"), [0]),
    ],
)
async def test_a_folder_shows_what_it_says(
    office: tuple[Line, dict[str, Any]], folder: Folder, shown: list[int]
) -> None:
    line, names = office
    label = folder.label and folder.label.format(**names)
    channel = folder.channel and folder.channel.format(**names)
    wanted = Folder(
        status=folder.status, assignee=folder.assignee, unread=folder.unread, label=label, channel=channel
    )
    assert await listed(line, wanted, me=names["me"]) == [f"from {number}" for number in shown]


async def test_the_counters_count_what_the_folders_show(office: tuple[Line, dict[str, Any]]) -> None:
    line, names = office
    me = show("o", names["me"])
    assert {key: n for key, n in (await Reading(line.store).counters(line.workspace)).items() if n} == {
        "open": 3,
        "unread": 2,
        "unread:none": 1,
        f"unread:{me}": 1,
        f"unread:{names['channel']}": 2,
    }


@pytest.mark.parametrize("after", ["nonsense", "", "é", "AAAA", "kwECAw"])
async def test_what_is_no_cursor_is_refused(line: Line, after: str) -> None:
    with pytest.raises(Invalid):
        await Reading(line.store).conversations([line.workspace], EVERYTHING, me=0, after=after, limit=9)


async def test_the_chat_list_is_read_by_its_index(line: Line) -> None:
    """The planner of SQLite says how; PostgreSQL's would need a large table to say the same."""
    if line.store.engine != "sqlite":
        found = await line.store.fetch(
            "SELECT indexdef FROM pg_indexes WHERE indexname = $1", "message_thread"
        )
        assert "conversation_id, at, pos" in found[0][0]
        return
    list_plan = await line.store.fetch(
        "EXPLAIN QUERY PLAN SELECT id FROM conversation WHERE workspace_id = 1 AND merged_into IS NULL"
        " AND last_at <= 5 AND (last_at, id) < (5, 5) AND status = 'open'"
        " ORDER BY last_at DESC, id DESC LIMIT 60"
    )
    assert "USING INDEX conversation_by_status" in str(list_plan)
    thread_plan = await line.store.fetch(
        "EXPLAIN QUERY PLAN SELECT id FROM message WHERE workspace_id = 1 AND conversation_id = 1"
        " AND at <= 5 AND (at, pos) < (5, 5) ORDER BY at DESC, pos DESC LIMIT 60"
    )
    assert "USING INDEX message_thread" in str(thread_plan)
    assert "TEMP B-TREE" not in str(list_plan) + str(thread_plan)


# -- threads ---------------------------------------------------------------------------------------


async def talk(line: Line, count: int = 7) -> str:
    for number in range(count):
        await line.take(said(str(number), key=f"m{number}", minute=number // 2))
    return show("c", (await line.one(ConversationRow)).id)


async def message_id(line: Line, key: str) -> str:
    view = await Reading(line.store).message_by_external(line.channel, key)
    assert view is not None
    return view.id


class Part(Struct):
    """Which part of a thread is asked for, and what is to come."""

    side: str
    anchor: str
    limit: int
    texts: str
    before: bool
    after: bool


@pytest.mark.parametrize(
    "part",
    [
        Part("", "", 3, "456", True, False),
        Part("", "", 7, "0123456", False, False),
        Part("before", "m4", 3, "123", True, True),
        Part("before", "m1", 3, "0", False, True),
        Part("before", "m0", 3, "", False, True),
        Part("after", "m4", 3, "56", True, False),
        Part("after", "m0", 3, "123", True, True),
        Part("after", "m6", 3, "", True, False),
        Part("around", "m3", 4, "12345", True, True),
        Part("around", "m0", 4, "012", False, True),
        Part("around", "m6", 4, "456", True, False),
    ],
    ids=lambda part: f"{part.limit} {part.side} {part.anchor}".strip(),
)
async def test_a_part_of_a_thread(line: Line, part: Part) -> None:
    conv = await talk(line)
    wanted = {part.side: await message_id(line, part.anchor)} if part.side else {}
    page = await Reading(line.store).thread({line.workspace}, conv, limit=part.limit, **wanted)
    assert "".join(view.text for view in page.messages) == part.texts
    assert (page.before, page.after) == (part.before, part.after)


async def test_late_messages_stand_where_they_were_said(line: Line) -> None:
    await line.take(said("2", key="m2", minute=2), said("0", key="m0"), ours("1", key="o1", minute=1))
    conv = show("c", (await line.one(ConversationRow)).id)
    page = await Reading(line.store).thread({line.workspace}, conv)
    assert [view.text for view in page.messages] == ["0", "1", "2"]
    assert [view.pos for view in page.messages] == [2, 3, 1]


async def test_what_arrived_after_a_position(line: Line) -> None:
    conv = read("c", await talk(line, 5))
    await line.take(said("late", key="late", minute=-5))
    reading = Reading(line.store)
    messages, more = await reading.after_pos(line.workspace, conv, 3)
    assert ([view.text for view in messages], more) == (["late", "3", "4"], False)
    messages, more = await reading.after_pos(line.workspace, conv, 0, 2)
    assert ([view.text for view in messages], more) == (["late", "4"], True)
    assert await reading.after_pos(line.workspace, conv, 99) == ([], False)


async def test_an_anchor_of_another_thread_is_not_there(line: Line) -> None:
    conv = await talk(line)
    await line.take(said("elsewhere", key="x", by=[OLGA], peer="olga"))
    with pytest.raises(NotFound):
        await Reading(line.store).thread({line.workspace}, conv, before=await message_id(line, "x"))


# -- people ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("q", "names"),
    [
        ("", ["Ольга", "Ivan_1%", "Ivan Petrov"]),
        ("iv", ["Ivan_1%", "Ivan Petrov"]),
        ("IVAN", ["Ivan_1%", "Ivan Petrov"]),
        ("ivan p", ["Ivan Petrov"]),
        ("оль", ["Ольга"]),
        ("ОЛЬГА", ["Ольга"]),
        ("+7999000", ["Ольга", "Ivan_1%", "Ivan Petrov"]),
        ("7 999 000-00-01", ["Ivan Petrov"]),
        ("0002", []),
        ("Ivan_1%", ["Ivan_1%"]),
        ("%", []),
        ("_van", []),
        ("nobody", []),
    ],
)
async def test_people_are_found_by_the_beginning_of_name_or_number(
    line: Line, q: str, names: list[str]
) -> None:
    for number, name in enumerate(["Ivan Petrov", "Ivan_1%", "Ольга"], start=1):
        await write(line, number, minute=number, name=name)
    other = await another_line(line, "other")
    await write(other, 1, minute=0, name="Ivan Petrov")
    reading, found, after = Reading(line.store), list[str](), None
    while True:
        page, after = await reading.contacts([line.workspace], q, after=after, limit=1)
        found.extend(view.name for view in page)
        if after is None:
            break
    assert found == names


# -- what is not yours is not there -----------------------------------------------------------------


async def test_nothing_of_another_workspace_is_found(line: Line) -> None:
    other = await another_line(line, "other")
    await other.take(said("secret", key="m1", name="Ivan"))
    reading, mine = Reading(line.store), {line.workspace}
    row = await line.one(ConversationRow)
    conv, contact = show("c", row.id), show("p", (await line.one(ContactRow)).id)
    message = await message_id(other, "m1")
    theirs: list[Callable[[], Awaitable[object]]] = [
        lambda: reading.conversation_for(mine, conv),
        lambda: reading.thread(mine, conv),
        lambda: reading.message_for(mine, message),
        lambda: reading.contact_for(mine, contact),
    ]
    nobodys: list[Callable[[], Awaitable[object]]] = [
        lambda: reading.conversation_for(mine, show("c", 5)),
        lambda: reading.thread(mine, show("c", 5)),
        lambda: reading.message_for(mine, show("m", 5)),
        lambda: reading.contact_for(mine, show("p", 5)),
    ]
    for yours, nothing in zip(theirs, nobodys, strict=True):
        with pytest.raises(NotFound) as found:
            await yours()
        with pytest.raises(NotFound) as missing:
            await nothing()
        assert (found.value.code, found.value.data) == (missing.value.code, missing.value.data)
    assert (await reading.contacts([line.workspace]))[0] == []
    assert await reading.after_pos(line.workspace, row.id, 0) == ([], False)
    assert await reading.message_by_external(line.channel, "m1") is None


@pytest.mark.parametrize("conv", ["", "c_", "c_zzzzzzzzzzzzz", "m_0000000000001", "c_000000000000!", "1"])
async def test_a_malformed_id_names_nothing(line: Line, conv: str) -> None:
    with pytest.raises(NotFound):
        await Reading(line.store).conversation_for({line.workspace}, conv)


# -- the workspace and its stream ------------------------------------------------------------------


async def test_what_a_page_starts_with(line: Line) -> None:
    ada = OperatorRow(id=new_id(), email="ada@acme.example", name="Ada", created_at=0)
    await line.put(ada)
    member = MembershipRow(id=new_id(), workspace_id=line.workspace, operator_id=ada.id, role="admin")
    await line.put(member, wanted=[OPERATOR(ada.id)])
    await line.take(said("hi", key="m1"))
    conversation = await line.one(ConversationRow)
    label = LabelRow(id=new_id(), workspace_id=line.workspace, name="VIP", color="#112233")
    gone = LabelRow(id=new_id(), workspace_id=line.workspace, name="Old", color="#112233", deleted=True)
    draft = DraftRow(
        id=new_id(),
        workspace_id=line.workspace,
        conversation_id=conversation.id,
        operator_id=ada.id,
        text="I was",
        at=5,
    )
    await line.put(label, gone, draft)
    reading = Reading(line.store)
    assert [(view.name, view.role) for view in await reading.operators(line.workspace)] == [("Ada", "admin")]
    assert [view.name for view in await reading.labels(line.workspace)] == ["VIP"]
    assert [view.text for view in await reading.drafts(ada.id, line.workspace)] == ["I was"]
    assert await reading.drafts(new_id(), line.workspace) == []
    (channel,) = await reading.channels(line.workspace)
    assert (channel.name, channel.state) == ("Line", "connected")


async def test_the_stream_is_read_from_a_position(line: Line) -> None:
    await line.take(said("hi", key="m1"), said("you", key="m2", minute=1))
    reading = Reading(line.store)
    head = (await reading.heads([line.workspace]))[line.workspace]
    assert (head.epoch, head.seq) == ("e1", len(line.stream))
    rows = await reading.events(line.workspace, 0, 100)
    assert rows is not None
    assert [row.seq for row in rows] == list(range(1, head.seq + 1))
    assert events_of(rows) == events_of(line.stream)
    some = await reading.events(line.workspace, 1, 2)
    assert some is not None
    assert [row.seq for row in some] == [2, 3]
    assert await reading.events(line.workspace, head.seq, 100) == []


async def test_a_position_that_is_too_old_or_never_was_is_none(line: Line) -> None:
    await line.take(said("hi", key="m1"))
    reading = Reading(line.store)
    head = (await reading.heads([line.workspace]))[line.workspace].seq
    assert await reading.events(line.workspace, head + 1, 100) is None
    await line.store.writer.do(Forget(line.workspace, await line.all(StreamRow)))
    assert await reading.events(line.workspace, 0, 100) is None
    assert await reading.events(line.workspace, head - 1, 100) is None
    assert await reading.events(line.workspace, head, 100) == []


async def test_the_stream_of_no_workspace_is_not_found(line: Line) -> None:
    with pytest.raises(NotFound):
        await Reading(line.store).events(5, 0, 100)


async def test_a_joined_thread_is_not_in_the_list(line: Line) -> None:
    await line.take(said("a", key="m1", by=[IVAN], peer="a"), said("b", key="m2", by=[OLGA], peer="b"))
    await line.take(SamePerson(at=at(1), known_as=(IVAN, OLGA)))
    assert len(await listed(line)) == 1


async def test_a_joined_thread_is_read_by_either_id_and_still_by_nobody_else(line: Line) -> None:
    await line.take(said("a", key="m1", by=[IVAN], peer="a"), said("b", key="m2", by=[OLGA], peer="b"))
    convs = [show("c", row.id) for row in await line.all(ConversationRow)]
    await line.take(SamePerson(at=at(1), known_as=(IVAN, OLGA)))
    reading = Reading(line.store)
    for conv in convs:
        page = await reading.thread([7, line.workspace], conv)
        assert sorted(view.text for view in page.messages if view.dir == "in") == ["a", "b"]
        with pytest.raises(NotFound):
            await reading.thread([7], conv)


async def test_a_thread_without_messages_is_an_empty_page(line: Line) -> None:
    bare = ConversationRow(
        id=5, workspace_id=line.workspace, channel_id=line.channel, peer="b", last_at=1, created_at=1
    )
    await line.store.writer.do(Put(line.workspace, bare))
    assert await Reading(line.store).thread([line.workspace], show("c", bare.id)) == ([], False, False)


class Put:
    """A work: a row as it is."""

    def __init__(self, workspace: int, row: Row) -> None:
        self.workspace, self._row = workspace, row

    def needs(self, uow: Uow) -> list[Need]:
        return []

    def apply(self, uow: Uow) -> None:
        uow.add(self._row)


class Set:
    """A work: change columns of a conversation."""

    def __init__(self, workspace: int, number: int, values: dict[str, Any]) -> None:
        self.workspace, self._number, self._values = workspace, number, values

    def needs(self, uow: Uow) -> list[Need]:
        return [CONVERSATION(self._number)]

    def apply(self, uow: Uow) -> None:
        row = uow.one(CONVERSATION, self._number)
        assert row is not None
        uow.edit(row)
        for name, value in self._values.items():
            setattr(row, name, value)


class Forget:
    """A work: stream rows are cleaned away."""

    def __init__(self, workspace: int, rows: list[StreamRow]) -> None:
        self.workspace, self._rows = workspace, rows

    def needs(self, uow: Uow) -> list[Need]:
        return [STREAM_ROW(row.id) for row in self._rows]

    def apply(self, uow: Uow) -> None:
        for stale in self._rows:
            row = uow.one(STREAM_ROW, stale.id)
            assert row is not None
            uow.remove(row)
