"""PostgreSQL: each statement of a transaction carries all its rows as arrays."""
# ruff: noqa: S608  # table and column names are our own, values are always parameters

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, TypeVar, assert_never, cast

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.exceptions import DBConnectionError

from jackfield.crash import crash_point
from jackfield.errors import Invalid, Unavailable

from .columns import columns_of
from .engine import Again, EngineName, Records, Refused
from .kept import Kept
from .plan import Delete, Insert, Lock, Plan, Rewords, Select, Statement, Update
from .rows import Row, WorkspaceRow
from .uow import Index
from .words import reword_postgres

T = TypeVar("T")

_LOST = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.LockNotAvailableError)
_AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,  # a full disk is one
    asyncpg.OperatorInterventionError,  # shut down, cancelled
    asyncpg.ReadOnlySQLTransactionError,  # a standby
    asyncpg.IdleInTransactionSessionTimeoutError,  # we stood still in the middle of one
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # cut while nobody listened
    DBConnectionError,
    OSError,
    TimeoutError,
)
READERS_KEPT = 2  # of those that may be open; the others close when nobody needs them


class Postgres:
    """A connection for the writer and some for the readers."""

    name: EngineName = "postgres"

    def __init__(self, *, writer: AsyncpgDBClient, reader: AsyncpgDBClient) -> None:
        self._writer, self._reader = Kept(writer, most=1), Kept(reader, most=READERS_KEPT)

    async def run(self, make: Callable[[], Plan[T]]) -> T:
        try:
            async with self._writer.one() as connection, connection.transaction():
                outcome = await _run(connection, make())
                crash_point("store.commit")
            return outcome
        except _LOST as error:
            raise Again(str(error)) from error
        except asyncpg.IntegrityConstraintViolationError as error:
            raise Refused(str(error)) from error
        except asyncpg.DataError as error:
            raise Invalid(f"the database cannot hold a value: {error}") from error
        except _AWAY as error:
            raise Unavailable(f"the database cannot be written: {error}") from error

    async def fetch(self, sql: str, params: Sequence[Any], make: Callable[[Records], T]) -> T:
        try:
            async with self._reader.one() as connection:
                records = await _records(connection, sql, *params)
        except asyncpg.DataError as error:
            raise Invalid(f"the database cannot hold a value: {error}") from error
        except _AWAY as error:
            raise Unavailable(f"the database cannot be read: {error}") from error
        return make(records)

    async def aclose(self) -> None:
        await self._writer.close()
        await self._reader.close()

    def any(self, column: str, place: str) -> str:
        return f"{column} = ANY({place})"


async def _run(connection: Any, plan: Plan[T]) -> T:
    try:
        statement = next(plan)
        while True:
            statement = plan.send(await _do(connection, statement))
    except StopIteration as stop:
        return cast("T", stop.value)
    finally:
        plan.close()


async def _do(connection: Any, statement: Statement) -> Sequence[Row]:
    match statement:
        case Lock(workspaces):
            return columns_of(WorkspaceRow).rows(await _records(connection, _lock_sql(), workspaces))
        case Select(index, keys):
            return columns_of(index.row).rows(await _records(connection, select_sql(index), *_turned(keys)))
        case Insert(row, rows):
            await connection.execute(_insert_sql(row), *_turned(rows))
        case Update(row, names, rows):
            await connection.execute(_update_sql(row, names), *_turned(rows))
        case Delete(row, ids):
            await connection.execute(f'DELETE FROM "{row.table}" WHERE "id" = ANY($1)', ids)
        case Rewords(changes):
            await reword_postgres(connection, changes)
        case _:
            assert_never(statement)
    return ()


async def _records(connection: Any, sql: str, *params: Any) -> Records:
    return [tuple(record) for record in await connection.fetch(sql, *params)]


def _turned(rows: Sequence[Sequence[Any]]) -> Iterable[Sequence[Any]]:
    """Rows as columns: one array a parameter."""
    return zip(*rows, strict=True)


@cache
def select_sql(index: Index[Row]) -> str:
    """All rows under arrays of keys, one array a column."""
    columns = columns_of(index.row)
    also = f" AND ({index.where})" if index.where else ""
    if len(index.columns) == 1:
        return f'SELECT {columns.listed} FROM "{columns.table}" WHERE "{index.columns[0]}" = ANY($1){also}'
    listed = ", ".join(f't."{name}"' for name in columns.names)
    same = " AND ".join(f't."{name}" = k.k{place}' for place, name in enumerate(index.columns))
    keys = _arrays(columns.postgres[name] for name in index.columns)
    named = ", ".join(f"k{place}" for place in range(len(index.columns)))
    return f'SELECT {listed} FROM unnest({keys}) AS k({named}) JOIN "{columns.table}" t ON {same}{also}'


@cache
def _lock_sql() -> str:
    columns = columns_of(WorkspaceRow)
    return f'SELECT {columns.listed} FROM "workspace" WHERE "id" = ANY($1) ORDER BY "id" FOR UPDATE'


@cache
def _insert_sql(row: type[Row]) -> str:
    columns = columns_of(row)
    arrays = _arrays(columns.postgres[name] for name in columns.names)
    return f'INSERT INTO "{row.table}" ({columns.listed}) SELECT * FROM unnest({arrays})'


@cache
def _update_sql(row: type[Row], names: tuple[str, ...]) -> str:
    columns = columns_of(row)
    arrays = _arrays(columns.postgres[name] for name in (*names, "id"))
    changes = ", ".join(f'"{name}" = v."{name}"' for name in names)
    listed = ", ".join(f'"{name}"' for name in (*names, "id"))
    return f'UPDATE "{row.table}" t SET {changes} FROM unnest({arrays}) AS v({listed}) WHERE t."id" = v."id"'


def _arrays(types: Iterable[str]) -> str:
    return ", ".join(f"${place}::{type_}[]" for place, type_ in enumerate(types, start=1))
