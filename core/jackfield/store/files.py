"""The media folder: files come in streamed, whole or not at all, under names made here."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import secrets
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import ParamSpec, TypeVar

from msgspec import Struct

from jackfield.errors import NotFound, TooLarge, Unavailable

from .sniff import HEAD, measure, sniff

P = ParamSpec("P")
T = TypeVar("T")

_BLOCK = 256 * 1024  # bytes read or hashed in one go
_PATH = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{32}")
_STALE = 24 * 3600  # seconds, after which nobody writes a draft any more


class Stored(Struct, frozen=True, kw_only=True):
    """A file in the folder. `path` is its name there; `mime` is what its bytes say; size in bytes."""

    path: str
    size: int
    sha256: str  # hex
    mime: str
    width: int | None = None  # pixels, of pictures
    height: int | None = None


class Files:
    """One folder, on one disk: two levels of shards, and a place for what is not whole yet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._partial = folder / "partial"

    async def write(self, chunks: AsyncIterator[bytes], *, limit: int) -> Stored:
        """Store a stream. Raises TooLarge past `limit` bytes, Unavailable if the disk refuses.

        Nothing is left behind by a stream that ends with an error.
        """
        name = secrets.token_hex(16)
        draft = await _on_disk(_Draft, self._partial / name)
        try:
            async for chunk in chunks:
                if draft.size + len(chunk) > limit:
                    raise TooLarge(f"the file has more than {limit} bytes", limit=limit)
                await _on_disk(draft.append, chunk)
            return await _on_disk(draft.settle, self._folder, f"{name[:2]}/{name[2:4]}/{name}")
        finally:
            draft.discard()

    async def open(self, path: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        """The bytes from `start` up to, not with, `end` (None: all). Raises NotFound, Unavailable."""
        place = self._place(path)
        try:
            file = await asyncio.to_thread(place.open, "rb")
        except FileNotFoundError as error:
            raise NotFound(what="file") from error
        except OSError as error:
            raise Unavailable(f"the media folder cannot be read: {error.strerror}") from error
        with file:
            file.seek(start)
            left = sys.maxsize if end is None else end - start
            while left > 0 and (block := await asyncio.to_thread(file.read, min(_BLOCK, left))):
                left -= len(block)
                yield block

    async def remove(self, path: str) -> None:
        """Forget a file; no error if it is not there."""
        await _on_disk(self._place(path).unlink, True)

    async def sweep(self) -> None:
        """Remove what a process that died left half written."""
        await _on_disk(_sweep, self._partial)

    def _place(self, path: str) -> Path:
        if not _PATH.fullmatch(path):
            raise NotFound(what="file")
        return self._folder / path


class _Draft:
    """A file on its way in, used in threads, by one at a time."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._file = path, path.open("xb")
        self._digest = hashlib.sha256()
        self._head = b""
        self.size = 0

    def append(self, chunk: bytes) -> None:
        self.size += len(chunk)
        self._head += chunk[: HEAD - len(self._head)]
        self._digest.update(chunk)
        self._file.write(chunk)

    def settle(self, folder: Path, path: str) -> Stored:
        """The bytes on the disk first, then the name, then the name on the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        mime = sniff(self._head)
        width, height = measure(self._path, mime)
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        self._path.rename(place)
        _sync_folder(place.parent)
        digest = self._digest.hexdigest()
        return Stored(path=path, size=self.size, sha256=digest, mime=mime, width=width, height=height)

    def discard(self) -> None:
        """Leave nothing behind of a file that did not become whole."""
        with suppress(OSError):  # what is still buffered may not fit on the disk
            self._file.close()
        self._path.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    stale = time.time() - _STALE
    for path in folder.glob("*"):
        with suppress(FileNotFoundError):  # another process sweeps too
            if path.stat().st_mtime < stale:
                path.unlink()


async def _on_disk(do: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
    """Run something in a thread. Raises Unavailable if the disk refuses."""
    try:
        return await asyncio.to_thread(do, *args, **named)
    except OSError as error:
        raise Unavailable(f"the media folder cannot be written: {error.strerror}") from error


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
