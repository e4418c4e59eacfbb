"""Connections to PostgreSQL that are kept between statements: few, and none that is spoilt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from jackfield.settings import Settings
from jackfield.store.postgres import READERS_KEPT
from jackfield.store.store import Store, open_store

HERE = "FROM pg_stat_activity WHERE datname = current_database()"
OURS = f"SELECT count(*) {HERE} AND application_name LIKE 'jackfield %'"
READERS = f"{OURS} AND application_name = 'jackfield reader'"
IDLE = f"{READERS} AND state = 'idle'"
MINE = "SELECT pg_backend_pid()"


@pytest.fixture
async def store(postgres_settings: Settings) -> AsyncIterator[Store]:
    async with open_store(postgres_settings) as opened:
        yield opened


@pytest.fixture
async def admin(postgres_settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(postgres_settings.database)
    yield connection
    await connection.close()


async def until_idle(admin: asyncpg.Connection) -> None:
    """Until no reader of this database is busy: a cancelled one ends a moment later."""
    async with asyncio.timeout(10):
        while await admin.fetchval(READERS) != await admin.fetchval(IDLE):  # noqa: ASYNC110  # it has no event
            await asyncio.sleep(0.01)


async def until_none(admin: asyncpg.Connection, of: str) -> None:
    """Until the server has let go of these connections: it answers before that."""
    async with asyncio.timeout(10):
        while await admin.fetchval(of):  # noqa: ASYNC110  # it has no event
            await asyncio.sleep(0.01)


async def test_one_read_after_another_is_one_connection(store: Store) -> None:
    assert len({(await store.fetch(MINE))[0] for _ in range(10)}) == 1


async def test_reads_at_once_have_a_connection_each(store: Store) -> None:
    found = await asyncio.gather(*(store.fetch("SELECT pg_backend_pid(), pg_sleep(0.1)") for _ in range(5)))
    assert len({pid for ((pid, _),) in found}) == 5


async def test_more_reads_than_connections_wait_for_one(store: Store) -> None:
    found = await asyncio.gather(*(store.fetch("SELECT $1::int, pg_sleep(0.01)", n) for n in range(40)))
    assert [n for ((n, _),) in found] == list(range(40))


async def test_kept_connections_that_were_cut_are_replaced(store: Store, admin: asyncpg.Connection) -> None:
    await asyncio.gather(*(store.fetch("SELECT pg_sleep(0.05)") for _ in range(READERS_KEPT + 1)))
    cut = await admin.fetch(READERS.replace("count(*)", "pid, pg_terminate_backend(pid)"))
    await until_none(admin, f"{OURS} AND pid IN ({', '.join(str(pid) for pid, _ in cut)})")
    await asyncio.sleep(0.1)  # the news of it is on its way to us
    for _ in range(READERS_KEPT + 1):
        assert await store.fetch("SELECT 1") == [(1,)]


async def test_a_cancelled_read_spoils_nothing(store: Store, admin: asyncpg.Connection) -> None:
    for _ in range(10):
        read = asyncio.create_task(store.fetch("SELECT pg_sleep(30)"))
        await asyncio.sleep(0.02)
        read.cancel()
        with pytest.raises(asyncio.CancelledError):
            await read
        assert await store.fetch("SELECT 1") == [(1,)]
    await until_idle(admin)
    assert await admin.fetchval(READERS) <= READERS_KEPT


async def test_a_refused_read_spoils_nothing(store: Store) -> None:
    ((before,),) = await store.fetch(MINE)
    for _ in range(20):
        with pytest.raises(asyncpg.UndefinedTableError):
            await store.fetch("SELECT 1 FROM nothing_of_this_name")
    assert await store.fetch(MINE) == [(before,)]


async def test_a_closed_store_leaves_no_connection(
    postgres_settings: Settings, admin: asyncpg.Connection
) -> None:
    async with open_store(postgres_settings) as opened:
        await asyncio.gather(*(opened.fetch("SELECT pg_sleep(0.05)") for _ in range(5)))
    await until_none(admin, OURS)
