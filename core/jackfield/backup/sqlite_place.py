"""A fresh SQLite file in the data folder, renamed over the database at the end."""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
import shutil
import sqlite3
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

from msgspec import structs

from jackfield.crash import crash_point
from jackfield.errors import Conflict, Unavailable
from jackfield.settings import Settings
from jackfield.store.lock import alone

from .archive import sync_folder
from .place import Load

FOLDER = "restore.partial"


@asynccontextmanager
async def sqlite_place(settings: Settings) -> AsyncGenerator[SqlitePlace]:
    """Nobody else uses the data folder in this context. Raises Conflict if somebody does."""
    with alone(settings):
        folder = settings.data / FOLDER
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)  # of one that was cut off
        try:
            yield SqlitePlace(settings, folder)
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


class SqlitePlace:
    def __init__(self, settings: Settings, folder: Path) -> None:
        self._old = settings.sqlite_path
        key = base64.b64encode(secrets.token_bytes(32)).decode()  # nothing is sealed there
        self.settings = structs.replace(settings, data=folder, secret=key)
        self.occupied = _holds_anything(self._old)

    @asynccontextmanager
    async def loading(self) -> AsyncGenerator[Load]:
        connection = await asyncio.to_thread(_open_bulk, self.settings.sqlite_path)

        async def load(table: str, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
            listed, places = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
            insert = f'INSERT INTO "{table}" ({listed}) VALUES ({places})'  # noqa: S608  # columns of an archive that was verified
            with _sqlite_errors():
                await asyncio.to_thread(_insert, connection, insert, rows)

        try:
            yield load
            with _sqlite_errors():
                await asyncio.to_thread(_close_bulk, connection)
        finally:
            await asyncio.to_thread(connection.close)

    async def take_over(self) -> None:
        await asyncio.to_thread(_take_over, self.settings.sqlite_path, self._old)


def _open_bulk(path: Path) -> sqlite3.Connection:
    """A file nobody needs if this ends early: no journal, nothing waits for the disk, indexes come last."""
    with _sqlite_errors():
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-131072", "temp_store=FILE"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("CREATE TEMP TABLE later AS SELECT name, sql FROM sqlite_master"
                           " WHERE type = 'index' AND sql IS NOT NULL")  # fmt: skip
        for (name,) in connection.execute("SELECT name FROM later").fetchall():
            connection.execute(f'DROP INDEX "{name}"')
        connection.execute("BEGIN")
        return connection


def _insert(connection: sqlite3.Connection, insert: str, rows: list[tuple[Any, ...]]) -> None:
    """The cursor ends here: in another thread it would reset the statement under the next rows."""
    connection.executemany(insert, rows).close()


def _close_bulk(connection: sqlite3.Connection) -> None:
    connection.execute("COMMIT")
    for (sql,) in connection.execute("SELECT sql FROM later").fetchall():
        connection.execute(sql)
    (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise Unavailable(f"the restored database is not sound: {found}")


def _holds_anything(path: Path) -> bool:
    """Whether somebody would miss this database. One that cannot be read may be missed."""
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(path, timeout=10)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
            return any(
                connection.execute(f'SELECT 1 FROM "{table}" LIMIT 1').fetchone()  # noqa: S608  # our own names
                for table in ("workspace", "operator")
                if table in tables
            )
    except sqlite3.Error:
        return True


def _take_over(new: Path, old: Path) -> None:
    """One rename. The old journal goes first: SQLite would apply it to the new file."""
    try:
        _settle(new)
        with new.open("rb+") as file:
            os.fsync(file.fileno())
        _settle(old)
        crash_point("restore.loaded")
        new.rename(old)
        sync_folder(old.parent)
    except OSError as error:
        raise Unavailable(f"the database cannot be replaced: {error.strerror}") from error


def _settle(old: Path) -> None:
    """Put the old journal into the old database: it is whole without it, and stays so until the rename."""
    if old.exists():
        try:
            with closing(sqlite3.connect(old, timeout=5, isolation_level=None)) as connection:
                connection.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise Conflict(f"a program has {old} open: close it first") from error
        except sqlite3.DatabaseError:
            pass  # there is nothing in it to keep whole
    for suffix in ("-wal", "-shm", "-journal"):
        old.with_name(old.name + suffix).unlink(missing_ok=True)


@contextmanager
def _sqlite_errors() -> Generator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise Unavailable(f"the database cannot be written: {error}") from error
