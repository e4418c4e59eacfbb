"""The tables: migrations, models, rows and indexes say the same thing."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Tortoise's fields and connections carry no types for a strict checker)

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_type_hints

import pytest
from fixtures.ports import free_port
from fixtures.postgres import PostgresServer
from tortoise.fields import BigIntField, BinaryField, BooleanField, CharField, FloatField, IntField, TextField
from tortoise.migrations.autodetector import MigrationAutodetector

from jackfield.errors import Unavailable
from jackfield.settings import Settings
from jackfield.store import indexes, postgres, rows, sqlite
from jackfield.store.columns import columns_of
from jackfield.store.edge import models
from jackfield.store.rows import Row
from jackfield.store.schema import APPS, SQLITE, configuration, known_migrations
from jackfield.store.store import Store, open_store
from jackfield.store.tables import Operator
from jackfield.store.uow import Index

ROWS = [
    row for row in vars(rows).values() if isinstance(row, type) and issubclass(row, Row) and row is not Row
]
INDEXES: dict[str, Index[Any]] = {
    name: index for name, index in vars(indexes).items() if isinstance(index, Index)
}
KINDS: dict[type, tuple[type, ...]] = {
    int: (BigIntField, IntField),
    str: (CharField, TextField),
    bool: (BooleanField,),
    float: (FloatField,),
    bytes: (BinaryField,),
}


async def test_the_migrations_make_what_the_models_say(store: Store) -> None:
    from tortoise.context import require_context

    apps = require_context().apps
    assert apps is not None
    missing = await MigrationAutodetector(apps, APPS).changes()
    assert [operation for writer in missing for operation in writer.operations] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.table)
def test_a_row_has_the_columns_of_its_table(row: type[Row]) -> None:
    fields = models()[row.table]._meta.fields_map  # pyright: ignore[reportPrivateUsage]  # no public way
    hints = {name: hint for name, hint in get_type_hints(row).items() if name != "table"}
    assert set(hints) == set(fields)
    for name, hint in hints.items():
        kinds = [arg for arg in get_args(hint) if arg is not NoneType] or [hint]
        assert isinstance(fields[name], KINDS[kinds[0]]), f"{row.table}.{name}"
        assert fields[name].null == (NoneType in get_args(hint)), f"{row.table}.{name} may be null or not"


async def test_every_way_to_find_rows_uses_an_index_of_sqlite(sqlite_settings: Settings) -> None:
    async with open_store(sqlite_settings) as store:
        for name, index in INDEXES.items():
            plan = await store.fetch("EXPLAIN QUERY PLAN " + sqlite.select_sql(index), "[]")
            steps = [str(step[3]) for step in plan]
            scans = [step for step in steps if step.startswith("SCAN") and "VIRTUAL TABLE" not in step]
            assert scans == [], f"{name}: {steps}"


async def test_every_way_to_find_rows_uses_an_index_of_postgres(postgres_settings: Settings) -> None:
    async with open_store(postgres_settings) as store:
        for name, index in INDEXES.items():
            plan = await store.fetch(f"EXPLAIN {with_samples(index)}")
            steps = "\n".join(str(line[0]) for line in plan)
            assert "Index" in steps, f"{name}:\n{steps}"
            assert "Seq Scan" not in steps, f"{name}:\n{steps}"


def with_samples(index: Index[Any]) -> str:
    """The statement with a value in each place: EXPLAIN takes no parameters."""
    sql = postgres.select_sql(index)
    for place, column in enumerate(index.columns, start=1):
        kind = columns_of(index.row).postgres[column]
        sample = "{1}" if kind == "bigint" else "{x}"
        sql = sql.replace(f"${place}::{kind}[]", f"'{sample}'::{kind}[]")
        sql = sql.replace(f"ANY(${place})", f"ANY('{sample}'::{kind}[])")
    return sql


@pytest.fixture
def bare_settings(postgres: PostgresServer, tmp_path: Path) -> Generator[Settings]:
    """A PostgreSQL database without a table in it."""
    with postgres.database(template="template1") as url:
        yield Settings(data=tmp_path, database=url)


async def test_processes_that_start_together_migrate_once(bare_settings: Settings) -> None:
    async def start() -> object:
        async with open_store(bare_settings) as store:
            return await store.fetch("SELECT name FROM tortoise_migrations")

    once = [(name,) for name in known_migrations()]
    assert await asyncio.gather(*(asyncio.create_task(start()) for _ in range(4))) == [once] * 4


async def test_sqlite_keeps_what_it_acknowledged(sqlite_settings: Settings) -> None:
    from tortoise.connection import get_connection

    async with open_store(sqlite_settings) as store:
        await store.fetch("SELECT 1")
        for name in SQLITE:
            for pragma, value in (("journal_mode", "wal"), ("synchronous", 2), ("busy_timeout", 10_000)):
                _, found = await get_connection(name).execute_query(f"PRAGMA {pragma}")
                assert tuple(found[0]) == (value,), f"{pragma} of {name}"


async def test_models_are_for_what_is_no_part_of_a_conversation(store: Store) -> None:
    await Operator.create(id=1, email="a@example.org", name="Anna", created_at=1)
    assert (await Operator.get(email="a@example.org")).id == 1
    assert await store.fetch("SELECT name FROM operator WHERE id = $1", 1) == [("Anna",)]


def test_another_database_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="JACKFIELD_DATABASE begins with 'mysql'"):
        configuration(Settings(database="mysql://localhost/x"))


async def test_a_database_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, database=f"postgres://nobody@127.0.0.1:{free_port()}/x")
    with pytest.raises(Unavailable):
        async with open_store(settings):
            pass


async def test_a_file_that_cannot_be_opened_is_told_and_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "jackfield.db").mkdir()
    async with asyncio.timeout(10):
        with pytest.raises(Unavailable, match="cannot be migrated"):
            async with open_store(Settings(data=tmp_path)):
                pass
    assert not [one for one in threading.enumerate() if "_connection_worker" in one.name]
