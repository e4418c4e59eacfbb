"""Restoring a backup: looked at from end to end, built beside what is there, and then in its place."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import time
from collections.abc import Generator
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from jackfield.errors import Conflict, Invalid, NotFound, Unavailable
from jackfield.inbox.derive import derive
from jackfield.settings import Settings
from jackfield.store.box import NotOpened, box_of, find_key, put_key
from jackfield.store.edge import models
from jackfield.store.schema import known_migrations, migrate_to
from jackfield.store.store import open_store

from . import archive
from .dump import ABOUT, Say, nothing_said
from .place import Place
from .postgres_place import postgres_place
from .review import begin_anew
from .sqlite_place import sqlite_place


class Wish(Struct, frozen=True, kw_only=True):
    """`replace`: what is there may go. `without_key`: so may the logins of the channels."""

    replace: bool = False
    without_key: bool = False


class Restored(Struct, frozen=True, kw_only=True):
    """What an install holds now. `held`: messages that wait for a person; `unknown`: that may have left."""

    at: int  # ms since 1970: when the backup was made
    rows: dict[str, int]
    files: int
    held: int
    unknown: int
    seconds: float


async def restore(settings: Settings, place: Path, wish: Wish, *, say: Say = nothing_said) -> Restored:
    """Make this install what the backup says.

    Before anything is touched: Invalid for a damaged archive, Conflict for one of a newer Jackfield,
    under another key, for an install that has something or that a process uses; NotFound without an
    archive. Unavailable if disk or database refuse: the install is then what it was.
    """
    began = time.monotonic()
    with _opened(place) as file:
        head = await asyncio.to_thread(archive.read_head, file)
        if newer := set(head.migrations) - set(known_migrations()):
            raise Conflict(
                f"the backup is of Jackfield {head.version}, newer than this one: {', '.join(sorted(newer))}"
            )
        say("looking whether it is whole")
        seal = await asyncio.to_thread(archive.verify, file)
        key = await asyncio.to_thread(_key, settings, file, head, wish)
        async with _place(settings) as fresh:
            if fresh.occupied and not wish.replace:
                raise Conflict("this install is not empty: what is there would be lost")
            await migrate_to(fresh.settings, head.migrations[-1])
            await _fill(fresh, file, settings.media_folder, say)
            say("holding what has not left")
            async with open_store(fresh.settings, derive=derive) as store:
                held = await begin_anew(store, without_secrets=wish.without_key)
            if key:
                await asyncio.to_thread(put_key, settings, key)
            await fresh.take_over()
    return Restored(
        at=head.at,
        rows=seal.rows,
        files=seal.files,
        held=held.held,
        unknown=held.unknown,
        seconds=round(time.monotonic() - began, 3),
    )


def _place(settings: Settings) -> AbstractAsyncContextManager[Place]:
    return postgres_place(settings) if settings.database else sqlite_place(settings)


@contextmanager
def _opened(place: Path) -> Generator[BinaryIO]:
    try:
        file = place.open("rb")
    except FileNotFoundError as error:
        raise NotFound(f"there is no {place}", what="backup") from error
    except OSError as error:
        raise Unavailable(f"{place} cannot be read: {error.strerror}") from error
    with file:
        yield file


def _key(settings: Settings, file: BinaryIO, head: archive.Head, wish: Wish) -> str:
    """The key to put into this install: the archive's, if there is none here. Raises Conflict."""
    if not head.proof or wish.without_key:
        return ""
    here = find_key(settings)
    brought = "" if here else _brought(file)
    if not (here or brought):
        raise Conflict(
            "the backup is sealed with a key that is not here: put its secret.key into"
            f" {settings.data} (or set JACKFIELD_SECRET); without it, the channels have to be connected again"
        )
    try:
        box_of(here or brought, "the key").open(head.proof, about=ABOUT)
    except NotOpened as error:
        raise Conflict(
            "the backup is sealed with another key than the one of this install: put the right one in its"
            " place; without it, the channels have to be connected again"
        ) from error
    return brought


def _brought(file: BinaryIO) -> str:
    first = next(archive.members(file), None)
    return first.text if isinstance(first, archive.KeyMember) else ""


async def _fill(fresh: Place, file: BinaryIO, media: Path, say: Say) -> None:
    pieces, tables = archive.members(file), models()
    done: dict[str, int] = {}
    async with fresh.loading() as load:
        while (found := await asyncio.to_thread(next, pieces, None)) is not None:
            match found:
                case archive.Piece(table=table, columns=columns, rows=rows):
                    if table not in tables:
                        raise Invalid(f"the backup holds a table {table!r}, which is not known here")
                    await load(table, columns, rows)
                    done[table] = done.get(table, 0) + len(rows)
                    say(f"{table}: {done[table]:,} rows")
                case archive.MediaMember():
                    await asyncio.to_thread(_put, found, media)
                    done["media"] = done.get("media", 0) + 1
                    if done["media"] % 1_000 == 0:
                        say(f"media: {done['media']:,} files")
                case archive.KeyMember():
                    pass  # it was looked at before


def _put(member: archive.MediaMember, folder: Path) -> None:
    """A file under its name, whole or not at all. One that is there already is the same: names are random."""
    place = folder / member.path
    try:
        if place.exists() and place.stat().st_size == member.size:
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = folder / "partial" / secrets.token_hex(16)
        draft.parent.mkdir(exist_ok=True)
        try:
            with draft.open("xb") as file:
                shutil.copyfileobj(member.content, file, 1 << 20)
                file.flush()
                os.fsync(file.fileno())  # files before rows that name them
            draft.rename(place)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise Unavailable(f"the media folder cannot be written: {error.strerror}") from error
