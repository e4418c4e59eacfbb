"""The bare driver of either database: big tables made of one real row, and plain SELECTs from them."""

# table and column names are our own
from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from typing import Any, NamedTuple, Protocol

import asyncpg

from jackfield.settings import Settings
from jackfield.store.columns import columns_of
from jackfield.store.rows import ConversationRow, MessageRow, Row

THREADS = 100  # conversations that share the messages, numbered from 1

LIST = (
    f"SELECT {columns_of(ConversationRow).listed} FROM conversation WHERE workspace_id = $1"
    " AND status = 'open' AND merged_into IS NULL ORDER BY last_at DESC, id DESC LIMIT $2"
)
THREAD = (
    f"SELECT {columns_of(MessageRow).listed} FROM message WHERE conversation_id = $1"
    " ORDER BY at DESC, pos DESC LIMIT $2"
)
NEW_CONVERSATIONS = {"id": "n.i", "peer": "'bench ' || n.i", "last_at": "t.last_at + n.i"}
NEW_MESSAGES = {
    "id": "n.i",
    "conversation_id": f"n.i % {THREADS} + 1",
    "external_id": "'bench ' || n.i",
    "pos": "n.i",
    "at": "t.at + n.i",
}


class Place(NamedTuple):
    """Rows made by a real webhook: every other row of the big tables is a copy of them."""

    workspace: int
    conversation: int
    message: int


class Driver(Protocol):
    numbers: str  # a table n(i) of whole numbers from $1 to $2

    async def fetch(self, sql: str, *params: Any) -> Sequence[Any]: ...
    async def change(self, sql: str, *params: Any) -> None: ...


class Bare:
    """What a page costs without Jackfield."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver

    async def list(self, workspace: int, limit: int) -> Sequence[Any]:
        return await self._driver.fetch(LIST, workspace, limit)

    async def thread(self, conversation: int, limit: int) -> Sequence[Any]:
        return await self._driver.fetch(THREAD, conversation, limit)

    async def grow(self, place: Place, have: int, size: int) -> None:
        """Copies of the first rows, so that each table has `size`. The copies are numbered from `have`."""
        await self._copy(ConversationRow, NEW_CONVERSATIONS, place.conversation, have, size - 1)
        await self._copy(MessageRow, NEW_MESSAGES, place.message, have, size - 1)
        await self._driver.change("ANALYZE")

    async def _copy(self, row: type[Row], new: Mapping[str, str], first: int, start: int, end: int) -> None:
        columns = columns_of(row)
        values = ", ".join(new.get(name, f't."{name}"') for name in columns.names)
        await self._driver.change(
            f'INSERT INTO "{row.table}" ({columns.listed}) SELECT {values}'
            f' FROM {self._driver.numbers}, "{row.table}" t WHERE t.id = $3',
            start,
            end,
            first,
        )


class Sqlite:
    """sqlite3 in this very thread: nothing is quicker."""

    numbers = (
        "(WITH RECURSIVE up(i) AS (SELECT $1 UNION ALL SELECT i + 1 FROM up WHERE i < $2) SELECT i FROM up) n"
    )

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def fetch(self, sql: str, *params: Any) -> Sequence[Any]:
        return self._connection.execute(_numbered(sql), params).fetchall()

    async def change(self, sql: str, *params: Any) -> None:
        await asyncio.to_thread(self._connection.execute, _numbered(sql), params)


def _numbered(sql: str) -> str:
    return sql.replace("$", "?")


class Postgres:
    numbers = "generate_series($1::bigint, $2::bigint) AS n(i)"

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def fetch(self, sql: str, *params: Any) -> Sequence[Any]:
        found: Sequence[Any] = await self._connection.fetch(sql, *params)
        return found

    async def change(self, sql: str, *params: Any) -> None:
        await self._connection.execute(sql, *params, timeout=300)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncGenerator[Bare]:
    """A connection of its own, set up as Jackfield's readers are."""
    if settings.database:
        connection = await asyncpg.connect(settings.database, server_settings={"jit": "off"})
        try:
            yield Bare(Postgres(connection))
        finally:
            await connection.close()
        return
    path, same_anywhere = settings.sqlite_path, False
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=same_anywhere)) as file:
        file.execute("PRAGMA cache_size = -65536")
        yield Bare(Sqlite(file))
