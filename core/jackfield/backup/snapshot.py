"""The database as it is at one moment, read while others write: one read transaction of either engine."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol

from jackfield.errors import NotFound, Unavailable
from jackfield.settings import Settings
from jackfield.store.edge import models
from jackfield.store.engine import EngineName
from jackfield.store.schema import HISTORY

from .driver import connected, postgres_errors

LEFT_OUT = frozenset(
    {
        "session",  # whoever reads a backup is not to be somebody's browser
        "sign_in_link",
        "invitation",  # one that was used since would be good again
        "stream",  # a restored workspace begins a new one
        "channel_log",  # kept for days, for whoever looks into an error
    }
)

Fetch = Callable[[int], Awaitable[list[tuple[Any, ...]]]]  # the next so many records; none: it is over


class Snapshot(Protocol):
    engine: EngineName

    async def cursor(self, sql: str) -> Fetch:
        """The records of a SELECT, some at a time. Raises Unavailable."""
        ...

    async def columns(self, table: str) -> tuple[str, ...]:
        """The stored columns of a table; none if there is no such table."""
        ...


@asynccontextmanager
async def snapshot_of(settings: Settings) -> AsyncGenerator[Snapshot]:
    """Everything read in this context is of one moment: its beginning.

    Nobody waits for it and nothing is changed by it, not even migrated. Raises NotFound if there is no
    database, Unavailable if it cannot be read.
    """
    opened = _of_postgres if settings.database else _of_sqlite
    async with opened(settings) as snapshot:
        yield snapshot


async def migrations_of(snapshot: Snapshot) -> tuple[str, ...]:
    """What the tables have seen, oldest first. Raises NotFound if they are none of ours."""
    if not await snapshot.columns(HISTORY):
        raise NotFound("this database holds no tables of Jackfield", what="database")
    fetch = await snapshot.cursor(f"SELECT name FROM \"{HISTORY}\" WHERE app = 'jackfield' ORDER BY name")  # noqa: S608  # our own name
    return tuple(name for (name,) in await fetch(10_000))


async def tables_of(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """The tables that go into a backup, with their columns."""
    found = {table: await snapshot.columns(table) for table in sorted(models().keys() - LEFT_OUT)}
    return {table: columns for table, columns in found.items() if columns}


# -- SQLite -------------------------------------------------------------------------------------------


class _Sqlite:
    engine: EngineName = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def cursor(self, sql: str) -> Fetch:
        cursor = await _in_thread(self._connection.execute, sql)
        return lambda most: _in_thread(cursor.fetchmany, most)

    async def columns(self, table: str) -> tuple[str, ...]:
        fetch = await self.cursor(f"SELECT name FROM pragma_table_info('{table}')")  # noqa: S608  # our own name
        return tuple(name for (name,) in await fetch(1_000))


@asynccontextmanager
async def _of_sqlite(settings: Settings) -> AsyncGenerator[Snapshot]:
    path = settings.sqlite_path
    if not path.exists():
        raise NotFound(f"there is no database at {path}", what="database")
    connection = await _in_thread(
        sqlite3.connect, path, timeout=10, isolation_level=None, check_same_thread=False
    )
    try:
        await _in_thread(connection.execute, "BEGIN")
        await _in_thread(connection.execute, "SELECT 1 FROM sqlite_master LIMIT 1")  # the moment is now
        yield _Sqlite(connection)
    finally:
        await asyncio.to_thread(connection.close)


async def _in_thread(do: Callable[..., Any], *args: Any, **named: Any) -> Any:
    try:
        return await asyncio.to_thread(do, *args, **named)
    except sqlite3.Error as error:
        raise Unavailable(f"the database cannot be read: {error}") from error


# -- PostgreSQL ---------------------------------------------------------------------------------------


class _Postgres:
    engine: EngineName = "postgres"

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def cursor(self, sql: str) -> Fetch:
        with postgres_errors():
            cursor = await self._connection.cursor(sql)

        async def fetch(most: int) -> list[tuple[Any, ...]]:
            with postgres_errors():
                return [tuple(record) for record in await cursor.fetch(most)]

        return fetch

    async def columns(self, table: str) -> tuple[str, ...]:
        where = f"table_schema = current_schema() AND table_name = '{table}' AND is_generated = 'NEVER'"
        fetch = await self.cursor(
            f"SELECT column_name FROM information_schema.columns WHERE {where} ORDER BY ordinal_position"  # noqa: S608  # our own name
        )
        return tuple(name for (name,) in await fetch(1_000))


@asynccontextmanager
async def _of_postgres(settings: Settings) -> AsyncGenerator[Snapshot]:
    async with (
        connected(settings, name="jackfield backup") as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        snapshot = _Postgres(connection)
        await snapshot.columns(HISTORY)  # the moment is now
        yield snapshot
