"""Messages from before there was an index, or from a backup, and what a channel brings meanwhile."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from fixtures.postgres import PostgresServer
from inbox_line import IVAN, IVAN_BSUID, Line, at, deleted, edited, open_line, said

from jackfield.channel import ConversationId, SamePerson, Text
from jackfield.errors import Unavailable
from jackfield.ids import first_id, show
from jackfield.inbox.columns import to_json
from jackfield.inbox.derive import derive
from jackfield.inbox.reading import Reading, Wanted
from jackfield.inbox.search import older
from jackfield.settings import Settings
from jackfield.store.columns import columns_of
from jackfield.store.rows import ConversationRow, MessageRow, Row, WorkspaceRow
from jackfield.store.schema import migrate_to
from jackfield.store.store import Store, open_store
from jackfield.store.words import FORGET

THEN = 1_750_000_000_000  # ms


@pytest.fixture(params=["sqlite", "postgres"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """An empty database on each engine, without a table in it."""
    if request.param == "sqlite":
        yield Settings(data=tmp_path)
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database(template="template1") as url:
        yield Settings(data=tmp_path, database=url)


@pytest.fixture
async def line(settings: Settings) -> AsyncIterator[Line]:
    async with open_line(settings) as opened:
        yield opened


async def write(settings: Settings, rows: Sequence[Row], *, without: str = "") -> None:
    """Rows as an older version wrote them: with the columns its tables had."""
    for row in rows:
        columns = columns_of(type(row))
        had = await columns_in(settings, row.table)
        said = zip(columns.names, columns.values(row), strict=True)
        kept = {name: value for name, value in said if name in had}
        if isinstance(row, WorkspaceRow):
            kept.pop(without, None)
        names = ", ".join(f'"{name}"' for name in kept)
        if settings.database:
            places = ", ".join(f"${place}" for place in range(1, len(kept) + 1))
            async with connected(settings) as connection:
                insert = f'INSERT INTO "{row.table}" ({names}) VALUES ({places})'
                await connection.execute(insert, *kept.values())
        else:
            with closing(sqlite3.connect(settings.sqlite_path)) as file, file:
                places = ", ".join("?" * len(kept))
                file.execute(f'INSERT INTO "{row.table}" ({names}) VALUES ({places})', list(kept.values()))


async def columns_in(settings: Settings, table: str) -> set[str]:
    """Of a table as it is now."""
    if not settings.database:
        with closing(sqlite3.connect(settings.sqlite_path)) as file:
            return {name for (name,) in file.execute("SELECT name FROM pragma_table_info(?)", (table,))}
    async with connected(settings) as connection:
        sql = "SELECT column_name FROM information_schema.columns WHERE table_name = $1"
        return {record[0] for record in await connection.fetch(sql, table)}


@asynccontextmanager
async def connected(settings: Settings) -> AsyncGenerator[Any]:
    connection = await asyncpg.connect(settings.database)
    try:
        yield connection
    finally:
        await connection.close()


def past(spaces: int, messages: int) -> list[Row]:
    """Workspaces of one conversation each, and messages in them that lie far back."""
    rows: list[Row] = []
    for space in range(1, spaces + 1):
        rows.append(WorkspaceRow(id=space, name="w", epoch="e", created_at=1))
        rows.append(
            ConversationRow(id=space, workspace_id=space, channel_id=1, peer="p", last_at=1, created_at=1)
        )
    for number in range(messages):
        space = number % spaces + 1
        rows.append(message(first_id(THEN + number), space, f"старый заказ {number}"))
    return rows


def message(number: int, space: int, text: str) -> MessageRow:
    return MessageRow(
        id=number,
        workspace_id=space,
        channel_id=1,
        conversation_id=space,
        pos=number,
        dir="in",
        kind="text",
        author_kind="contact",
        parts=to_json((Text(body=text),)),
        text=text,
        at=THEN,
        received_at=THEN,
        st="received",
    )


async def found(store: Store, q: str, *spaces: int) -> list[str]:
    page = await Reading(store).search(spaces, Wanted(q=q), limit=200)
    return [hit.msg.text for hit in page.hits]


async def test_a_database_of_the_first_version_is_searched_after_its_upgrade(
    bare: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(older, "CHUNK", 7)
    await migrate_to(bare, "0001_initial")
    await write(bare, past(3, 25), without="searched_from")
    async with open_store(bare, derive=derive) as store:
        assert await found(store, "заказы", 1, 2, 3) == []
        await older.run(store, pause=0)
        assert await found(store, "заказы", 1, 2, 3) == [f"старый заказ {n}" for n in range(24, -1, -1)]
        assert len(await found(store, "заказы", 1)) == 9
        assert await store.fetch("SELECT searched_from FROM workspace") == [(0,)] * 3
        await older.run(store, pause=0)
        assert len(await found(store, "заказы", 1, 2, 3)) == 25


async def test_an_upgrade_of_an_empty_database_has_nothing_to_do(bare: Settings) -> None:
    await migrate_to(bare, "0001_initial")
    await write(bare, past(2, 0), without="searched_from")
    async with open_store(bare, derive=derive) as store:
        assert await store.fetch("SELECT searched_from FROM workspace") == [(0,), (0,)]


async def test_it_goes_on_where_it_stopped(
    bare: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A process that ends in the middle, and a database that was away, lose and double nothing."""
    monkeypatch.setattr(older, "CHUNK", 5)
    await migrate_to(bare, "0002_search")
    await write(bare, past(2, 30))
    async with open_store(bare, derive=derive) as store:
        await forget(bare)
        stopped = asyncio.create_task(older.run(store, pause=0.01))
        async with asyncio.timeout(30):
            while not await found(store, "заказ", 1, 2):  # noqa: ASYNC110  # the job has no event
                await asyncio.sleep(0.005)
        stopped.cancel()
        await asyncio.gather(stopped, return_exceptions=True)
        assert 0 < len(await found(store, "заказ", 1, 2)) < 30
        away = [True, True, False]

        async def sometimes_away(sql: str, *params: object) -> list[tuple[object, ...]]:
            if away and away.pop():
                raise Unavailable("away")
            return await fetch(sql, *params)

        fetch = store.fetch
        monkeypatch.setattr(store, "fetch", sometimes_away)
        await older.run(store, pause=0, again=0)
        assert "wait for their words" in caplog.text
        texts = await found(store, "заказ", 1, 2)
        assert sorted(texts) == sorted(f"старый заказ {n}" for n in range(30))


async def test_two_processes_index_side_by_side(bare: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(older, "CHUNK", 5)
    await migrate_to(bare, "0002_search")
    await write(bare, past(2, 30))
    await forget(bare)
    async with open_store(bare, derive=derive) as store:
        await asyncio.gather(older.run(store, pause=0), older.run(store, pause=0))
        assert len(await found(store, "заказ", 1, 2)) == 30
        assert await indexed(store, bare) == 30


async def forget(settings: Settings) -> None:
    if settings.database:
        connection = await asyncpg.connect(settings.database)
        await connection.execute(FORGET)
        await connection.close()
    else:
        with closing(sqlite3.connect(settings.sqlite_path)) as file, file:
            file.execute(FORGET)


async def indexed(store: Store, settings: Settings) -> int:
    """How many messages the index knows to have a word: each of them once."""
    if settings.database:
        return int((await store.fetch("SELECT COUNT(*) FROM message_words"))[0][0])
    with closing(sqlite3.connect(settings.sqlite_path)) as file:
        file.execute("CREATE VIRTUAL TABLE temp.v USING fts5vocab('main', 'message_words', 'row')")
        counted = file.execute("SELECT SUM(doc) FROM temp.v WHERE term LIKE '%заказ'").fetchone()
        return int(counted[0])


@pytest.mark.parametrize("when", ["before", "after", "together"])
async def test_what_changes_while_it_is_indexed_is_found_as_it_is_now(
    line: Line, settings: Settings, when: str
) -> None:
    await line.take(said("blue one", key="m1"), said("blue two", key="m2", minute=1))
    row = await line.one(WorkspaceRow)
    await unindexed(settings)

    async def edit() -> None:
        await line.take(edited("red one", key="m1", minute=2))

    if when == "before":
        await edit()
        assert await found(line.store, "red", row.id) == [], "not yet: its turn comes"
        await older.run(line.store, pause=0)
    elif when == "after":
        await older.run(line.store, pause=0)
        await edit()
    else:
        await asyncio.gather(older.run(line.store, pause=0), edit())
    assert await found(line.store, "red", row.id) == ["red one"]
    assert await found(line.store, "blue", row.id) == ["blue two"]
    await line.take(deleted(key="m1", minute=3))
    assert await found(line.store, "one", row.id) == []


async def unindexed(settings: Settings) -> None:
    """As after a restore: the rows are there, the words are not."""
    wiped = (
        "DELETE FROM message_words"
        if settings.database
        else ("INSERT INTO message_words (message_words) VALUES ('delete-all')")
    )
    if settings.database:
        connection = await asyncpg.connect(settings.database)
        await connection.execute(wiped)
        await connection.close()
    else:
        with closing(sqlite3.connect(settings.sqlite_path, timeout=10)) as file, file:
            file.execute(wiped)
    await forget(settings)


# -- through a channel -----------------------------------------------------------------------------


async def test_what_comes_in_is_found_edited_and_taken_back(line: Line) -> None:
    await line.take(said("Где мой заказ?", key="m1"))
    assert await found(line.store, "заказы", line.workspace) == ["Где мой заказ?"]
    await line.take(edited("Где моя доставка?", key="m1", minute=1))
    assert await found(line.store, "заказы", line.workspace) == []
    assert await found(line.store, "доставки", line.workspace) == ["Где моя доставка?"]
    await line.take(deleted(key="m1", minute=2))
    assert await found(line.store, "доставки", line.workspace) == []


async def test_a_second_delivery_is_found_once(line: Line) -> None:
    for _ in range(3):
        await line.take(said("needle", key="m1"))
    assert await found(line.store, "needle", line.workspace) == ["needle"]


async def test_joined_conversations_keep_their_finds(line: Line) -> None:
    await line.take(said("needle by number", key="m1", name="Ivan"))
    await line.take(
        said("needle by name", key="m2", minute=1, by=[IVAN_BSUID], peer=ConversationId("bsuid:x"))
    )
    await line.take(SamePerson(at=at(2), known_as=(IVAN_BSUID, IVAN)))
    gone, into = sorted(await line.all(ConversationRow), key=lambda row: row.merged_into is None)
    assert gone.merged_into == into.id
    reading = Reading(line.store)
    for number in (gone.id, into.id):
        wanted = Wanted(q="needle", conversation=show("c", number))
        page = await reading.search({line.workspace}, wanted)
        assert [hit.msg.text for hit in page.hits] == ["needle by name", "needle by number"]
        assert {hit.conv.id for hit in page.hits} == {show("c", into.id)}


async def test_a_new_workspace_is_searched_from_the_start(line: Line) -> None:
    assert (await line.one(WorkspaceRow)).searched_from == 0
