"""Files on the line between a bridge and its channel, which need not share a disk.

A file goes ahead of the command or the answer it belongs to, in binary frames: the ref of that command, a
space, the offset in bytes, a line feed, and the bytes. Offset 0 begins it anew, as after a new connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

PIECE = 256 * 1024  # bytes


class NoPiece(ValueError):
    """A binary frame that is no piece of a file, or not the next one."""


async def pieces(ref: str, path: Path) -> AsyncIterator[bytes]:
    """The frames of a file; of an empty one too there is a frame."""
    file = await asyncio.to_thread(path.open, "rb")
    try:
        offset = 0
        while (piece := await asyncio.to_thread(file.read, PIECE)) or not offset:
            yield b"%b %d\n%b" % (ref.encode(), offset, piece)
            if not piece:
                return
            offset += len(piece)
    finally:
        file.close()


class Arriving:
    """The files that are coming in, in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, frame: bytes) -> None:
        """Add a piece to its file. Raises NoPiece."""
        head, feed, piece = frame.partition(b"\n")
        ref, _, offset = head.partition(b" ")
        if not feed or not ref.isalnum() or not offset.isdigit():
            raise NoPiece("a binary frame begins with a ref and an offset")
        with self._path(ref.decode()).open("ab" if int(offset) else "wb") as file:
            if file.tell() != int(offset):
                raise NoPiece(f"a piece begins at {int(offset)}, after {file.tell()} bytes")
            file.write(piece)

    def whole(self, ref: str) -> Path | None:
        """Everything of it has come: where it lies, for the caller to remove. None: nothing came."""
        came, path = self._path(ref), self._folder / f"arrived-{ref}"
        if not came.exists():
            return None
        return came.replace(path)

    def forget(self, ref: str) -> None:
        """Nobody waits for it any more."""
        self._path(ref).unlink(missing_ok=True)

    def _path(self, ref: str) -> Path:
        return self._folder / f"arriving-{ref}"
