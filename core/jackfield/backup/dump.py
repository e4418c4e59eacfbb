"""Making a backup while everybody works: rows of one moment, then the files they name."""

from __future__ import annotations

import asyncio
import hmac
import importlib.metadata
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from jackfield.errors import Conflict, Invalid, Unavailable
from jackfield.settings import Settings
from jackfield.store.box import box_of, find_key
from jackfield.store.schema import known_migrations

from . import archive
from .snapshot import Snapshot, migrations_of, snapshot_of, tables_of

Say = Callable[[str], None]

PIECE = 4 << 20  # bytes of rows in memory at once, or so
FIRST, MOST = 64, 5_000  # rows of the first piece of a table, and of any
ABOUT = "backup"  # what the proof in the head is sealed for
_FILES = "SELECT DISTINCT path, sha256 FROM file WHERE state = 'ready' AND path <> '' ORDER BY path"


class Made(Struct, frozen=True, kw_only=True):
    """What a backup holds. `missing`: files that rows name and that the folder does not have whole."""

    archive: str
    bytes: int
    rows: dict[str, int]
    files: int
    file_bytes: int
    missing: tuple[str, ...]
    with_key: bool
    seconds: float


class Wish(Struct, frozen=True, kw_only=True):
    media: bool = True
    with_key: bool = False


def nothing_said(text: str) -> None:
    """Nobody is told how far it is."""


async def back_up(settings: Settings, place: Path, wish: Wish, *, say: Say = nothing_said) -> Made:
    """Write a backup of this install into a new file, read it once more, and say what it holds.

    `say` is told how far it is. Raises Conflict if the file is there already, NotFound without a
    database, Unavailable if database or disk refuse; nothing is left behind then.
    """
    began = time.monotonic()
    try:
        with archive.new_file(place) as file:
            async with snapshot_of(settings) as snapshot:
                head, key = await _head(settings, snapshot, wish)
                writer = await asyncio.to_thread(archive.Writer, file, head)
                if wish.with_key:
                    writer.key(key)
                await _rows(snapshot, writer, say)
                missing = await _media(settings, snapshot, writer, say) if wish.media else ()
            await asyncio.to_thread(writer.seal)
            size = file.tell()
            say("reading it once more")
            seal = await asyncio.to_thread(archive.verify, file)
    except OSError as error:
        raise Unavailable(f"{place} cannot be written: {error.strerror or error}") from error
    return Made(
        archive=str(place),
        bytes=size,
        rows=seal.rows,
        files=seal.files,
        file_bytes=seal.file_bytes,
        missing=missing,
        with_key=wish.with_key,
        seconds=round(time.monotonic() - began, 3),
    )


async def _head(settings: Settings, snapshot: Snapshot, wish: Wish) -> tuple[archive.Head, str]:
    migrations = await migrations_of(snapshot)
    if newer := set(migrations) - set(known_migrations()):
        raise Conflict(f"the database is of a newer Jackfield (it knows {', '.join(sorted(newer))})")
    key = await asyncio.to_thread(find_key, settings)
    if wish.with_key and not key:
        raise Invalid("there is no key to put into the backup")
    head = archive.Head(
        version=importlib.metadata.version("jackfield"),
        engine=snapshot.engine,
        migrations=migrations,
        at=time.time_ns() // 1_000_000,
        media=wish.media,
        proof=box_of(key, "the key").seal(ABOUT, about=ABOUT) if key else "",
    )
    return head, key


async def _rows(snapshot: Snapshot, writer: archive.Writer, say: Say) -> None:
    for table, columns in (await tables_of(snapshot)).items():
        listed = ", ".join(f'"{name}"' for name in columns)
        fetch = await snapshot.cursor(f'SELECT {listed} FROM "{table}" ORDER BY id')  # noqa: S608  # our own names
        many, done = FIRST, 0
        while rows := await fetch(many):
            size = await asyncio.to_thread(writer.rows, table, columns, rows)
            done += len(rows)
            say(f"{table}: {done:,} rows")
            many = max(1, min(2 * many, MOST, PIECE * len(rows) // size))


async def _media(settings: Settings, snapshot: Snapshot, writer: archive.Writer, say: Say) -> tuple[str, ...]:
    """Copy the files that the rows name. A file is written once, so it is what it was at that moment."""
    missing: list[str] = []
    fetch, done = await snapshot.cursor(_FILES), 0
    while found := await fetch(1_000):
        for path, sha256 in found:
            if not await asyncio.to_thread(_copy, settings.media_folder, path, sha256, writer):
                missing.append(path)
            done += 1
        say(f"media: {done:,} files")
    return tuple(missing)


def _copy(folder: Path, path: str, sha256: str, writer: archive.Writer) -> bool:
    """Whether the file is there and whole. A damaged one is kept: half a picture is more than none."""
    try:
        file: BinaryIO = (folder / path).open("rb")
    except OSError:
        return False
    with file:
        size = file.seek(0, 2)
        file.seek(0)
        found = writer.media(path, file, size)
    return not sha256 or hmac.compare_digest(found, sha256)
