"""Where the tables live: Tortoise's configuration for either engine, and its migrations."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.context import TortoiseContext
from tortoise.migrations.executor import MigrationExecutor

from jackfield.settings import Settings

from .edge import acquired, expanded

APPS: dict[str, Any] = {
    "jackfield": {
        "models": ["jackfield.store.tables"],
        "default_connection": "default",
        "migrations": "jackfield.store.migrations",
    }
}
CONNECTIONS = ("default", "writer", "reader")

_MIGRATION_LOCK = 0x4A61636B  # a number of our own among PostgreSQL's advisory locks
_MIGRATION_WAIT = 300  # seconds for another process to finish its migration


def configuration(settings: Settings) -> dict[str, Any]:
    """Three connections: models, the writer, the readers. Raises ValueError for another database."""
    if not settings.database:
        return {"connections": dict.fromkeys(CONNECTIONS, _sqlite(settings)), "apps": APPS}
    scheme = urlsplit(settings.database).scheme
    if scheme not in ("postgres", "postgresql", "asyncpg"):
        raise ValueError(f"JACKFIELD_DATABASE begins with {scheme!r}; it can be postgres://…, or be empty")
    url = "asyncpg" + settings.database[len(scheme) :]
    sizes = {"default": (1, 8), "writer": (1, 1), "reader": (1, 8)}
    connections: dict[str, Any] = {}
    for name, (least, most) in sizes.items():
        connections[name] = expanded(url)
        connections[name]["credentials"] |= {
            "minsize": least,
            "maxsize": most,
            "application_name": f"jackfield {name}",
        }
    return {"connections": connections, "apps": APPS}


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


async def migrate(context: TortoiseContext) -> None:
    """Bring the tables up to date. One process at a time: the others wait, and find nothing to do."""
    connection = context.connections.get("default")
    async with _alone(connection, context):
        await MigrationExecutor(connection, APPS).migrate()


@asynccontextmanager
async def _alone(connection: BaseDBAsyncClient, context: TortoiseContext) -> AsyncGenerator[None]:
    if connection.capabilities.dialect != "postgres":
        yield  # SQLite belongs to one process
        return
    async with acquired(context.connections.get("writer")) as held:
        await asyncio.wait_for(held.execute("SELECT pg_advisory_lock($1)", _MIGRATION_LOCK), _MIGRATION_WAIT)
        try:
            yield
        finally:
            await held.execute("SELECT pg_advisory_unlock($1)", _MIGRATION_LOCK)
