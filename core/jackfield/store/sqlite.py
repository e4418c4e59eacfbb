"""SQLite: a whole transaction in one hop to the connection's own thread."""

# ruff: noqa: S608  # table and column names are our own, values are always parameters
from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar, assert_never, cast

import msgspec
from tortoise.backends.sqlite.client import SqliteClient

from jackfield.crash import crash_point
from jackfield.errors import Invalid, Unavailable

from .columns import columns_of
from .edge import in_thread
from .engine import EngineName, Records, Refused
from .plan import Delete, Insert, Lock, Plan, Rewords, Select, Statement, Update
from .rows import Row, WorkspaceRow
from .uow import Index
from .words import reword_sqlite

T = TypeVar("T")

_UNHOLDABLE = (sqlite3.DataError, sqlite3.InterfaceError, OverflowError, UnicodeEncodeError)
_PLACE = re.compile(r"\$(\d+)")


class Sqlite:
    """The writer's connection and the readers'. WAL lets them read while a transaction is written.

    A slow read keeps one reader busy and not the others.
    """

    name: EngineName = "sqlite"

    def __init__(self, *, writer: SqliteClient, readers: Sequence[SqliteClient]) -> None:
        self._writer = writer
        self._free: asyncio.LifoQueue[SqliteClient] = asyncio.LifoQueue()  # the last used knows the pages
        for reader in readers:
            self._free.put_nowait(reader)

    async def run(self, make: Callable[[], Plan[T]]) -> T:
        try:
            return await in_thread(self._writer, lambda connection: _run(connection, make))
        except sqlite3.IntegrityError as error:
            raise Refused(str(error)) from error
        except _UNHOLDABLE as error:
            raise Invalid(f"the database cannot hold a value: {error}") from error
        except sqlite3.Error as error:
            raise Unavailable(f"the database cannot be written: {error}") from error

    async def fetch(self, sql: str, params: Sequence[Any], make: Callable[[Records], T]) -> T:
        reader = await self._free.get()  # reads end by themselves
        try:
            return await in_thread(reader, lambda connection: make(_fetch(connection, sql, params)))
        except _UNHOLDABLE as error:
            raise Invalid(f"the database cannot hold a value: {error}") from error
        except sqlite3.OperationalError as error:
            if "syntax error" in str(error) or "no such" in str(error):
                raise
            raise Unavailable(f"the database cannot be read: {error}") from error
        finally:
            self._free.put_nowait(reader)

    async def aclose(self) -> None:
        """They are Tortoise's, and it closes them."""

    def any(self, column: str, place: str) -> str:
        return f"{column} IN (SELECT value FROM json_each({place}))"


@cache
def translated(sql: str) -> str:
    """SQLite's numbered placeholders for $1, $2 …"""
    return _PLACE.sub(r"?\1", sql)


def _fetch(connection: sqlite3.Connection, sql: str, params: Sequence[Any]) -> Records:
    return _records(connection, translated(sql), [_plain(value) for value in params])


def _records(connection: sqlite3.Connection, sql: str, params: Sequence[Any]) -> Records:
    cursor = connection.cursor()
    cursor.row_factory = None  # plain tuples: Tortoise has set a kind of its own
    return cursor.execute(sql, params).fetchall()


def _plain(value: Any) -> Any:
    """A list goes as JSON: see any()."""
    return msgspec.json.encode(value).decode() if isinstance(value, (list, tuple)) else value


def _run(connection: sqlite3.Connection, make: Callable[[], Plan[T]]) -> T:
    """The whole transaction, in the connection's thread."""
    connection.execute("BEGIN IMMEDIATE")
    plan = make()
    try:
        rows: Sequence[Row] = ()
        try:
            statement = next(plan)
            while True:
                rows = _do(connection, statement)
                statement = plan.send(rows)
        except StopIteration as stop:
            crash_point("store.commit")
            connection.execute("COMMIT")
            return cast("T", stop.value)
    except BaseException:
        plan.close()
        if connection.in_transaction:  # some errors, a full disk among them, have ended it already
            connection.execute("ROLLBACK")
        raise


def _do(connection: sqlite3.Connection, statement: Statement) -> Sequence[Row]:
    match statement:
        case Lock(workspaces):
            keys = msgspec.json.encode(workspaces).decode()
            return columns_of(WorkspaceRow).rows(_records(connection, _lock_sql(), (keys,)))
        case Select(index, keys):
            one_column = len(index.columns) == 1
            packed = msgspec.json.encode([key[0] for key in keys] if one_column else keys).decode()
            return columns_of(index.row).rows(_records(connection, select_sql(index), (packed,)))
        case Insert(row, rows):
            connection.executemany(_insert_sql(row), rows)
        case Update(row, names, rows):
            connection.executemany(_update_sql(row, names), rows)
        case Delete(row, ids):
            connection.executemany(f'DELETE FROM "{row.table}" WHERE "id" = ?', [(id_,) for id_ in ids])
        case Rewords(changes):
            reword_sqlite(connection, changes)
        case _:
            assert_never(statement)
    return ()


@cache
def select_sql(index: Index[Row]) -> str:
    """All rows under a JSON list of keys. CROSS JOIN keeps the keys outside, so the index is used."""
    columns = columns_of(index.row)
    also = f" AND ({index.where})" if index.where else ""
    if len(index.columns) == 1:
        return (
            f'SELECT {columns.listed} FROM "{columns.table}" '
            f'WHERE "{index.columns[0]}" IN (SELECT value FROM json_each(?)){also}'
        )
    listed = ", ".join(f't."{name}"' for name in columns.names)
    same = " AND ".join(f't."{name}" = j.value->>{place}' for place, name in enumerate(index.columns))
    return f'SELECT {listed} FROM json_each(?) j CROSS JOIN "{columns.table}" t ON {same}{also}'


@cache
def _lock_sql() -> str:
    columns = columns_of(WorkspaceRow)
    return f'SELECT {columns.listed} FROM "workspace" WHERE "id" IN (SELECT value FROM json_each(?))'


@cache
def _insert_sql(row: type[Row]) -> str:
    columns = columns_of(row)
    return f'INSERT INTO "{row.table}" ({columns.listed}) VALUES ({", ".join("?" * len(columns.names))})'


@cache
def _update_sql(row: type[Row], names: tuple[str, ...]) -> str:
    changes = ", ".join(f'"{name}" = ?' for name in names)
    return f'UPDATE "{row.table}" SET {changes} WHERE "id" = ?'
