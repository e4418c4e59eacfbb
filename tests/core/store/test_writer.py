"""The writer on both engines: what is stored, in which order, and what is not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from fixtures.works import Do, Say, fails, make_workspace, nothing

from jackfield.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from jackfield.ids import new_id
from jackfield.settings import Settings
from jackfield.store import schema
from jackfield.store.edge import in_thread
from jackfield.store.indexes import (
    CHANNEL_VALUE,
    CONTACT,
    COUNTERS,
    IDENTITIES_OF,
    IDENTITY,
    LABEL,
    LABELS_ON,
    WORKSPACE,
)
from jackfield.store.rows import (
    ChannelValueRow,
    ContactRow,
    ConversationLabelRow,
    CounterRow,
    FileRow,
    IdentityRow,
    LabelRow,
    OperatorRow,
    StreamRow,
    WorkspaceRow,
)
from jackfield.store.store import Store, open_store
from jackfield.store.uow import Need, Uow

PHONE = "+4930123456"


async def labels(store: Store) -> list[LabelRow]:
    return await store.rows(LabelRow, "ORDER BY name")


def add_label(name: str, *, id_: int | None = None) -> Do[int]:
    def apply(uow: Uow) -> int:
        row = LabelRow(id=id_ or new_id(), workspace_id=1, name=name, color="#000000")
        return uow.add(row).id

    return Do(apply)


class Meet:
    """Finds the contact of a phone number, or makes it: two of these must not make two."""

    def __init__(self, workspace: int, phone: str) -> None:
        self.workspace, self._phone = workspace, phone

    def needs(self, uow: Uow) -> list[Need]:
        key = (self.workspace, "phone", "", self._phone)
        known = uow.one(IDENTITY, *key) if uow.knows(IDENTITY, *key) else None
        return [IDENTITY(*key), *([IDENTITIES_OF(known.contact_id)] if known else [])]

    def apply(self, uow: Uow) -> tuple[int, int]:
        """The contact, and how many addresses it has."""
        known = uow.one(IDENTITY, self.workspace, "phone", "", self._phone)
        if known is not None:
            return known.contact_id, len(uow.all(IDENTITIES_OF, known.contact_id))
        contact = uow.add(ContactRow(id=new_id(), workspace_id=self.workspace, created_at=uow.now))
        uow.add(
            IdentityRow(
                id=new_id(),
                workspace_id=self.workspace,
                contact_id=contact.id,
                kind="phone",
                value=self._phone,
                source="test",
                at=uow.now,
            )
        )
        return contact.id, 0


async def test_every_kind_of_value_comes_back_as_it_was(store: Store) -> None:
    operator = OperatorRow(
        id=(1 << 63) - 1, email="я@example.org", name="😀 ' \" \\ $1 ?", staff=True, created_at=0
    )
    file = FileRow(id=2, workspace_id=1, state="ready", size=None, duration=1.5, created_at=-1)
    value = ChannelValueRow(id=3, channel_id=1, key="k", value=bytes(range(256)))

    def apply(uow: Uow) -> None:
        for row in (operator, file, value):
            uow.add(row)

    await store.writer.do(Do(apply))
    assert await store.rows(OperatorRow, "") == [operator]
    assert await store.rows(FileRow, "") == [file]
    found = await store.writer.do(Do(lambda uow: uow.one(CHANNEL_VALUE, 1, "k"), CHANNEL_VALUE(1, "k")))
    assert found == value
    assert [type(row.staff) for row in await store.rows(OperatorRow, "")] == [bool]


async def test_only_the_columns_that_changed_are_written(store: Store) -> None:
    ids = [await store.writer.do(add_label(name)) for name in ("a", "b", "c")]

    def apply(uow: Uow) -> None:
        for id_, change in zip(
            ids, ({"name": "A"}, {"color": "#ffffff"}, {"name": "C", "deleted": True}), strict=True
        ):
            row = uow.one(LABEL, id_)
            assert row is not None
            uow.edit(row)
            for name, value in change.items():
                setattr(row, name, value)

    await store.writer.do(Do(apply, *(LABEL(id_) for id_ in ids)))
    assert [(row.name, row.color, row.deleted) for row in await labels(store)] == [
        ("A", "#000000", False),
        ("C", "#000000", True),
        ("b", "#ffffff", False),
    ]


async def test_two_works_of_one_transaction_see_each_others_rows(store: Store) -> None:
    workspace = await make_workspace(store)
    answers = await asyncio.gather(*(store.writer.do(Meet(workspace, PHONE)) for _ in range(20)))
    assert len({contact for contact, _ in answers}) == 1
    assert [addresses for _, addresses in answers] == [0] + [1] * 19
    again, addresses = await store.writer.do(Meet(workspace, PHONE))
    assert (again, addresses) == (answers[0][0], 1)
    assert await store.fetch("SELECT count(*) FROM contact") == [(1,)]


async def test_a_unique_value_can_move_from_one_row_to_another(store: Store) -> None:
    def put(uow: Uow) -> int:
        for row in uow.all(LABELS_ON, 5):
            uow.remove(row)
        return uow.add(ConversationLabelRow(id=new_id(), workspace_id=1, conversation_id=5, label_id=7)).id

    first = await store.writer.do(Do(put, LABELS_ON(5)))
    second = await store.writer.do(Do(put, LABELS_ON(5)))
    assert await store.fetch("SELECT id FROM conversation_label") == [(second,)]
    assert first != second


async def test_a_work_that_fails_leaves_its_neighbours_alone(store: Store) -> None:
    workspace = await make_workspace(store)

    def half(uow: Uow) -> None:
        row = uow.one(WORKSPACE, workspace)
        assert row is not None
        uow.edit(row).name = "spoiled"
        uow.add(LabelRow(id=new_id(), workspace_id=workspace, name="spoiled", color=""))
        raise Forbidden

    answers = await asyncio.gather(
        store.writer.do(Say(workspace)),
        store.writer.do(Do(half, workspace=workspace)),
        store.writer.do(Say(workspace)),
        return_exceptions=True,
    )
    assert answers[0] == 1
    assert isinstance(answers[1], Forbidden)
    assert answers[2] == 2
    assert await labels(store) == []
    assert [row.name for row in await store.rows(WorkspaceRow, "")] == ["Bakery"]


async def test_rows_the_database_refuses_fail_their_own_work_only(store: Store) -> None:
    taken = await store.writer.do(add_label("taken"))
    answers = await asyncio.gather(
        *(store.writer.do(add_label(f"{n:02}", id_=taken if n == 11 else None)) for n in range(30)),
        return_exceptions=True,
    )
    assert [n for n, answer in enumerate(answers) if isinstance(answer, Exception)] == [11]
    assert isinstance(answers[11], Conflict)
    assert len(await labels(store)) == 30


@pytest.mark.parametrize("name", ["x" * 201, "\ud800"], ids=["long", "surrogate"])
async def test_a_value_that_cannot_be_stored_fails_its_own_work_only(store: Store, name: str) -> None:
    answers = await asyncio.gather(
        store.writer.do(add_label("a")),
        store.writer.do(add_label(name)),
        store.writer.do(add_label("b")),
        return_exceptions=True,
    )
    assert isinstance(answers[1], Invalid)
    assert [row.name for row in await labels(store)] == ["a", "b"]


async def test_a_zero_byte_in_text_is_stored_as_the_sign_for_it(store: Store) -> None:
    await store.writer.do(add_label("a\x00b"))
    assert [row.name for row in await labels(store)] == ["a\ufffdb"]


async def test_an_id_with_a_zero_byte_names_nothing_and_is_refused(store: Store) -> None:
    work = Do(nothing, IDENTITY(1, "phone", "", "+49\x00"))
    answers = await asyncio.gather(
        store.writer.do(work), store.writer.do(add_label("a")), return_exceptions=True
    )
    assert isinstance(answers[0], Invalid)
    assert isinstance(answers[1], int)


async def test_a_workspace_that_is_not_there_is_not_found(store: Store) -> None:
    workspace = await make_workspace(store)
    answers = await asyncio.gather(
        store.writer.do(Say(12345)), store.writer.do(Say(workspace)), return_exceptions=True
    )
    assert isinstance(answers[0], NotFound)
    assert answers[1] == 1


async def test_the_workspace_and_its_counters_are_there_unasked(store: Store) -> None:
    workspace = await make_workspace(store)

    def count(uow: Uow) -> int:
        counters = uow.all(COUNTERS, workspace)
        if not counters:
            uow.add(CounterRow(id=new_id(), workspace_id=workspace, key="open", n=1))
            return 1
        uow.edit(counters[0]).n += 1
        return counters[0].n

    works = [store.writer.do(Do(count, workspace=workspace)) for _ in range(10)]
    assert await asyncio.gather(*works) == list(range(1, 11))


async def test_needs_follow_rows_that_were_loaded_meanwhile(store: Store) -> None:
    workspace = await make_workspace(store)
    contact, _ = await store.writer.do(Meet(workspace, PHONE))
    identity = IDENTITY(workspace, "phone", "", PHONE)
    name = await store.writer.do(Do(lambda uow: uow.one(CONTACT, contact), identity))
    assert name is not None, "the identity brings its contact"


async def test_stream_rows_are_told_after_the_commit_and_in_order(settings: Settings) -> None:
    told: list[int] = []
    async with open_store(settings, committed=lambda rows: told.extend(row.seq for row in rows)) as store:
        workspace = await make_workspace(store)
        for _ in range(3):
            await asyncio.gather(*(store.writer.do(Say(workspace)) for _ in range(50)))
    assert told == list(range(1, 151))


async def test_what_follows_is_derived_in_the_same_transaction(settings: Settings) -> None:
    def derive(uow: Uow) -> None:
        for before, after in list(uow.changes()):
            if isinstance(after, ContactRow) and before is None:
                row = uow.one(WORKSPACE, after.workspace_id)
                assert row is not None
                uow.edit(row).seq += 1
                uow.edit(after).rev = row.seq
                stream = StreamRow(id=new_id(), workspace_id=row.id, seq=row.seq, data="{}", at=uow.now)
                uow.add(stream)

    told: list[StreamRow] = []
    async with open_store(settings, derive=derive, committed=told.extend) as store:
        workspace = await make_workspace(store)
        await asyncio.gather(*(store.writer.do(Meet(workspace, f"+{n % 7}")) for n in range(50)))
        assert [row.seq for row in told] == list(range(1, 8))
        assert sorted(await store.fetch("SELECT rev FROM contact")) == [(n,) for n in range(1, 8)]
        assert await store.rows(StreamRow, "ORDER BY seq") == told


async def test_readers_see_what_is_committed_while_a_transaction_is_written(store: Store) -> None:
    workspace = await make_workspace(store)
    stop = asyncio.Event()

    async def write() -> None:
        while not stop.is_set():
            await asyncio.gather(*(store.writer.do(Say(workspace)) for _ in range(20)))

    async def read() -> None:
        last = 0
        for _ in range(100):
            rows = await store.rows(StreamRow, "WHERE workspace_id = $1 ORDER BY seq", workspace)
            assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
            assert len(rows) >= last
            last = len(rows)
        stop.set()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(write())
        tasks.create_task(read())


async def test_works_taken_before_the_end_are_stored(settings: Settings) -> None:
    async with open_store(settings) as store:
        workspace = await make_workspace(store)
        taken = [asyncio.create_task(store.writer.do(Say(workspace))) for _ in range(100)]
        await asyncio.sleep(0)
    assert await asyncio.gather(*taken) == list(range(1, 101))
    async with open_store(settings) as store:
        assert await store.fetch("SELECT seq FROM workspace") == [(100,)]


async def test_two_writers_of_one_database_count_without_a_gap(postgres_settings: Settings) -> None:
    told: list[int] = []

    def committed(rows: Sequence[StreamRow]) -> None:
        told.extend(row.seq for row in rows)

    async with (
        open_store(postgres_settings, committed=committed) as one,
        open_store(postgres_settings, committed=committed) as two,
    ):
        first, second = await make_workspace(one), await make_workspace(one)
        works = [
            store.writer.do(Say(workspace))
            for _ in range(100)
            for store, workspace in ((one, first), (two, second), (two, first), (one, second))
        ]
        answers = await asyncio.gather(*works)
        assert sorted(answers) == sorted([*range(1, 201), *range(1, 201)])
        rows = await one.rows(StreamRow, "ORDER BY workspace_id, seq")
        for workspace in (first, second):
            assert [row.seq for row in rows if row.workspace_id == workspace] == list(range(1, 201))
    assert sorted(told) == sorted(answers)


async def test_two_writers_do_not_make_one_person_twice(postgres_settings: Settings) -> None:
    async with open_store(postgres_settings) as one, open_store(postgres_settings) as two:
        workspace = await make_workspace(one)
        meetings = [
            store.writer.do(Meet(workspace, f"+{n}")) for n in range(50) for store in (one, two, one, two)
        ]
        answers = await asyncio.gather(*meetings)
        assert len({contact for contact, _ in answers}) == 50
        assert await one.fetch("SELECT count(*) FROM contact") == [(50,)]


async def test_a_lost_connection_is_unavailable_once_and_then_comes_back(postgres_settings: Settings) -> None:
    async with open_store(postgres_settings) as store:
        workspace = await make_workspace(store)
        await store.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'jackfield writer' AND datname = current_database()"
        )
        answers: list[object] = await asyncio.gather(
            *(store.writer.do(Say(workspace)) for _ in range(10)), return_exceptions=True
        )
        assert all(isinstance(answer, (int, Unavailable)) for answer in answers), answers
        seq = await store.writer.do(Say(workspace))
        assert seq == 1 + sum(isinstance(answer, int) for answer in answers)


async def test_who_stands_still_in_a_transaction_loses_it_and_its_locks(
    postgres_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A frozen process, or a machine that is gone, would hold up all others for as long as it likes."""
    monkeypatch.setattr(schema, "_STANDS_STILL", "200")  # ms

    class StandStill(Say):
        def apply(self, uow: Uow) -> int:
            time.sleep(1)
            return super().apply(uow)

    async with open_store(postgres_settings) as store:
        workspace = await make_workspace(store)
        with pytest.raises(Unavailable):
            await store.writer.do(StandStill(workspace))
        assert await store.writer.do(Say(workspace)) == 1


async def test_a_full_disk_is_unavailable_and_stores_nothing_half(sqlite_settings: Settings) -> None:
    from tortoise.backends.sqlite.client import SqliteClient
    from tortoise.connection import get_connection

    async with open_store(sqlite_settings) as store:
        workspace = await make_workspace(store)
        client = get_connection("writer")
        assert isinstance(client, SqliteClient)

        pages = await in_thread(client, lambda c: int(c.execute("PRAGMA page_count").fetchone()[0]))
        await in_thread(client, lambda c: c.execute(f"PRAGMA max_page_count = {pages + 30}").fetchone())
        stored, error = 0, None
        while error is None:
            try:
                stored = await store.writer.do(Say(workspace, "x" * 10_000))
            except Unavailable as full:
                error = full
        assert "full" in str(error)
        assert stored > 0
        assert await store.fetch("SELECT count(*), max(seq) FROM stream") == [(stored, stored)]
        assert await store.fetch("SELECT seq FROM workspace") == [(stored,)]

        await in_thread(client, lambda c: c.execute(f"PRAGMA max_page_count = {pages + 1000}").fetchone())
        assert await store.writer.do(Say(workspace)) == stored + 1


async def test_models_written_beside_the_writer_never_find_the_database_locked(
    sqlite_settings: Settings,
) -> None:
    from jackfield.store.tables import Audit

    async with open_store(sqlite_settings) as store:
        workspace = await make_workspace(store)

        async def audit() -> None:
            for _ in range(50):
                await Audit.create(id=new_id(), at=1, what="test")

        async def say() -> None:
            for _ in range(50):
                await store.writer.do(Say(workspace))

        await asyncio.gather(audit(), audit(), say(), say())
        assert await store.fetch("SELECT count(*) FROM audit") == [(100,)]
        assert await store.fetch("SELECT seq FROM workspace") == [(100,)]


async def test_a_folder_that_is_missing_is_made(tmp_path: Path) -> None:
    async with open_store(Settings(data=tmp_path / "a" / "b")) as store:
        assert await store.fetch("SELECT 1") == [(1,)]


async def test_an_unexpected_error_of_a_work_is_its_own(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        await store.writer.do(Do(fails(ZeroDivisionError())))
