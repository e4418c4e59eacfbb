"""Files on their way out in the container that a channel takes, where that can be had without loss."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import PurePath

from jackfield.channel import MediaFile, Rejected
from jackfield.sound import Unreadable, ogg_of_webm

LARGEST = 64 * 1024 * 1024  # bytes that are held in memory to be put into another container
PIECE = 64 * 1024


class Remuxed(MediaFile, frozen=True, kw_only=True):
    """A file in another container than it is kept in."""

    data: bytes

    async def chunks(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self.data), PIECE):
            yield self.data[start : start + PIECE]


async def as_wanted(file: MediaFile, want: str) -> MediaFile:
    """The file as `want`, a MIME type; as it is where nothing is wanted or where that cannot be had.

    Raises Rejected for a recording that is broken, or too large to look into.
    """
    if want != "audio/ogg" or file.mime.partition(";")[0].strip().lower() != "audio/webm":
        return file
    if file.size > LARGEST:
        raise Rejected(f"the recording has {file.size} bytes, at most {LARGEST} are looked into")
    data = b"".join([piece async for piece in file.chunks()])
    try:
        made = await asyncio.to_thread(ogg_of_webm, data)
    except Unreadable as error:
        raise Rejected(f"the recording cannot be read: {error}", words="error.recording") from None
    name = PurePath(file.name).with_suffix(".ogg").name if file.name else ""
    return Remuxed(ref=file.ref, name=name, mime="audio/ogg", size=len(made), data=made)
