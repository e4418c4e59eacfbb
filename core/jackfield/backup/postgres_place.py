"""A fresh schema in the PostgreSQL database, whose tables take the place of ours in one transaction."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import asyncpg
from msgspec import structs

from jackfield.crash import crash_point
from jackfield.errors import Conflict, Unavailable
from jackfield.settings import Settings
from jackfield.store.schema import MIGRATION_LOCK

from .driver import connected, postgres_errors
from .place import Load

SCHEMA = "jackfield_restore"
_ONE_AT_A_TIME = MIGRATION_LOCK + 1  # a number of our own among PostgreSQL's advisory locks
_OTHERS = (
    "SELECT DISTINCT application_name FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND application_name LIKE 'jackfield %'"
    " AND application_name <> 'jackfield migration'"  # one that starts waits for us there
)


@asynccontextmanager
async def postgres_place(settings: Settings) -> AsyncGenerator[PostgresPlace]:
    """One restore at a time, and no process of ours connected. Raises Conflict otherwise."""
    async with connected(settings, name="jackfield restore") as connection:
        with postgres_errors():
            if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _ONE_AT_A_TIME):
                raise Conflict("another backup is being restored into this database")
            await _nobody_else(connection)
            home = await connection.fetchval("SELECT current_schema()")
            await connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")  # of one that was cut off
            await connection.execute(f"CREATE SCHEMA {SCHEMA}")
        try:
            occupied = await _holds_anything(connection, home)
            yield PostgresPlace(settings, connection, home=home, occupied=occupied)
        finally:
            await _clear(connection)


class PostgresPlace:
    def __init__(self, settings: Settings, connection: Any, *, home: str, occupied: bool) -> None:
        self.settings = structs.replace(settings, database=_within(settings.database, SCHEMA))
        self.occupied = occupied
        self._connection, self._home = connection, home

    @asynccontextmanager
    async def loading(self) -> AsyncGenerator[Load]:
        found = await self._connection.fetch(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = $1 AND data_type = 'boolean'",
            SCHEMA,
        )
        booleans = {(table, column) for table, column in found}
        with postgres_errors():
            later = await self._connection.fetch(_PLAIN_INDEXES, SCHEMA)
            for name, _ in later:
                await self._connection.execute(f'DROP INDEX {SCHEMA}."{name}"')

        async def load(table: str, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
            places = [place for place, name in enumerate(columns) if (table, name) in booleans]
            for_postgres = [_typed(row, places) for row in rows] if places else rows
            await self._copy(table, columns, for_postgres)

        yield load
        with postgres_errors():
            for _, definition in later:
                await self._connection.execute(definition)

    async def _copy(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        copy = self._connection.copy_records_to_table
        with postgres_errors():
            try:
                await copy(table, schema_name=SCHEMA, columns=columns, records=rows)
            except (
                asyncpg.CharacterNotInRepertoireError
            ):  # a zero byte, which SQLite holds and PostgreSQL not
                await copy(table, schema_name=SCHEMA, columns=columns, records=map(_without_zeros, rows))

    async def take_over(self) -> None:
        with postgres_errors():
            async with self._connection.transaction():
                await self._connection.execute("SET LOCAL lock_timeout = '10s'")
                await self._connection.execute(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
                await _nobody_else(self._connection)
                for (table,) in await self._connection.fetch(_TABLES, SCHEMA):
                    await self._connection.execute(
                        f'DROP TABLE IF EXISTS "{self._home}"."{table}" CASCADE;'
                        f'ALTER TABLE {SCHEMA}."{table}" SET SCHEMA "{self._home}"'
                    )
                crash_point("restore.loaded")
            await self._connection.execute("ANALYZE")


_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = $1 ORDER BY tablename"
_PLAIN_INDEXES = (
    "SELECT i.indexname, i.indexdef FROM pg_indexes i WHERE i.schemaname = $1 AND NOT EXISTS"
    " (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname AND c.connamespace = $1::regnamespace)"
)


def _typed(row: Sequence[Any], booleans: Sequence[int]) -> Sequence[Any]:
    """A row as PostgreSQL wants it. SQLite has 0 and 1 for booleans."""
    values = list(row)
    for place in booleans:
        if values[place] is not None:
            values[place] = bool(values[place])
    return values


def _without_zeros(row: Sequence[Any]) -> Sequence[Any]:
    return [value.replace("\x00", "\ufffd") if isinstance(value, str) else value for value in row]


def _within(url: str, schema: str) -> str:
    """The address of the same database, with another schema for the tables."""
    parts = urlsplit(url)
    query = {**dict(parse_qsl(parts.query)), "schema": schema}
    return parts._replace(query=urlencode(query)).geturl()


async def _nobody_else(connection: Any) -> None:
    found = [name for (name,) in await connection.fetch(_OTHERS)]
    if found:
        raise Conflict(f"processes use this database: stop them first ({', '.join(found)})")


async def _holds_anything(connection: Any, home: str) -> bool:
    for table in ("workspace", "operator"):
        name = f'"{home}"."{table}"'
        if await connection.fetchval(
            "SELECT to_regclass($1)", name
        ) is not None and await connection.fetchval(
            f"SELECT EXISTS (SELECT 1 FROM {name})"  # noqa: S608  # the server's own name
        ):
            return True
    return False


async def _clear(connection: Any) -> None:
    """Leave nothing of an attempt; the next one would clear it too."""
    try:
        with postgres_errors():
            await connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    except Unavailable:
        return
