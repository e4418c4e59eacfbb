"""Where the tables live: Tortoise's configuration for either engine, and its migrations."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pkgutil import iter_modules
from typing import Any
from urllib.parse import urlsplit

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.sqlite.client import SqliteClient
from tortoise.context import TortoiseContext, get_current_context
from tortoise.exceptions import DBConnectionError, OperationalError
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget

from jackfield.errors import Unavailable
from jackfield.settings import Settings

from . import migrations
from .edge import acquired, expanded

APPS: dict[str, Any] = {
    "jackfield": {
        "models": ["jackfield.store.tables"],
        "default_connection": "default",
        "migrations": "jackfield.store.migrations",
    }
}
FOR_THE_GENERATOR = {"connections": {"default": "sqlite://:memory:"}, "apps": APPS}  # see docs/decisions/0001
HISTORY = "tortoise_migrations"  # the table of what was migrated
SQLITE = ("default", "writer", "reader", "reader 2", "reader 3", "migration")
POSTGRES: dict[str, tuple[int, int]] = {  # name: how many connections at least and at most
    "default": (1, 8),  # models
    "writer": (1, 1),
    "reader": (1, 8),
    "migration": (1, 2),  # closed when it is done
}

_COMMAND_TIMEOUT = 60  # seconds for a statement; a migration has all the time it needs
_CONNECT_TIMEOUT = 10  # seconds
_STANDS_STILL = "5000"  # ms without a word in the middle of a transaction, which takes a few ms
_AWAY = (OSError, DBConnectionError, OperationalError, sqlite3.Error)  # a time-out is an OSError too
MIGRATION_LOCK = 0x4A61636B  # a number of our own among PostgreSQL's advisory locks
_MIGRATION_WAIT = 300  # seconds for another process to finish its migration


def configuration(settings: Settings) -> dict[str, Any]:
    """The connections of a process. Raises ValueError for another database."""
    if not settings.database:
        return {"connections": dict.fromkeys(SQLITE, _sqlite(settings)), "apps": APPS}
    scheme = urlsplit(settings.database).scheme
    if scheme not in ("postgres", "postgresql", "asyncpg"):
        raise ValueError(f"JACKFIELD_DATABASE begins with {scheme!r}; it can be postgres://…, or be empty")
    url = "asyncpg" + settings.database[len(scheme) :]
    return {"connections": {name: _postgres(url, name) for name in POSTGRES}, "apps": APPS}


def _postgres(url: str, name: str) -> dict[str, Any]:
    least, most = POSTGRES[name]
    connection = expanded(url)
    connection["credentials"] |= {
        "minsize": least,
        "maxsize": most,
        "application_name": f"jackfield {name}",
        "timeout": _CONNECT_TIMEOUT,
        "command_timeout": None if name == "migration" else _COMMAND_TIMEOUT,
        "reset": _as_it_is,
        "server_settings": {
            "jit": "off",  # compiling costs more than these statements take
            # ms: a process that stands still, or a machine that is gone, must not keep its locks
            "idle_in_transaction_session_timeout": "0" if name == "migration" else _STANDS_STILL,
        },
    }
    return connection


async def _as_it_is(connection: object) -> None:
    """Nobody here changes a session's settings, so a connection goes back to the pool without a question."""


def _sqlite(settings: Settings) -> dict[str, Any]:
    return {
        "engine": "tortoise.backends.sqlite",
        "credentials": {
            "file_path": str(settings.sqlite_path),
            "busy_timeout": 10_000,  # ms; first, so that the pragmas after it wait as well
            "journal_mode": "WAL",
            "synchronous": "FULL",
            "journal_size_limit": 64 * 1024 * 1024,  # bytes
            "cache_size": -65_536,  # KiB
            "temp_store": "MEMORY",
        },
    }


def known_migrations() -> Sequence[str]:
    """The migrations of this version, oldest first."""
    return sorted(module.name for module in iter_modules(migrations.__path__))


def driver_arguments(settings: Settings, *, name: str) -> dict[str, Any]:
    """What asyncpg.connect is given to reach the same tables, known to the server as `name`."""
    given = dict(configuration(settings)["connections"]["migration"]["credentials"])
    for key in ("minsize", "maxsize", "reset", "application_name"):
        del given[key]
    path = {"search_path": schema} if (schema := given.pop("schema", "")) else {}
    return given | {"server_settings": given["server_settings"] | path | {"application_name": name}}


async def migrate_to(settings: Settings, last: str) -> None:
    """Make the tables of an older version, in an empty place. Raises Unavailable, as migrate does."""
    settings.data.mkdir(parents=True, exist_ok=True)
    context = TortoiseContext()
    with context:
        await context.init(configuration(settings), _enable_global_fallback=get_current_context() is None)
        try:
            await migrate(context, upto=last)
        finally:
            await context.close_connections()


async def migrate(context: TortoiseContext, *, upto: str = "") -> None:
    """Bring the tables up to date. One process at a time: the others wait, and find nothing to do.

    Raises Unavailable if the database cannot be reached, or if another process takes too long.
    """
    connection = context.connections.get("migration")
    targets = [MigrationTarget("jackfield", upto)] if upto else None
    try:
        if isinstance(connection, SqliteClient):
            await asyncio.to_thread(_touch, connection.filename)
        async with _alone(connection):
            await MigrationExecutor(connection, APPS).migrate(targets)
    except _AWAY as error:
        raise Unavailable(f"the database cannot be migrated: {error}") from error
    finally:
        await connection.close()


def _touch(file: str) -> None:
    """Open the file for a moment: the driver's thread would outlive its own failure, and our loop."""
    sqlite3.connect(file).close()


@asynccontextmanager
async def _alone(connection: BaseDBAsyncClient) -> AsyncGenerator[None]:
    if connection.capabilities.dialect != "postgres":
        async with acquired(connection):
            pass  # a file that cannot be opened says so here: Tortoise would wait for it forever
        yield  # SQLite belongs to one process
        return
    async with acquired(connection) as held:
        await held.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK, timeout=_MIGRATION_WAIT)
        try:
            yield
        finally:
            await held.execute("SELECT pg_advisory_unlock($1)", MIGRATION_LOCK)
