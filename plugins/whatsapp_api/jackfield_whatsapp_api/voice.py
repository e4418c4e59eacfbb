"""Voice messages: what the API plays as one is a single channel of Opus in Ogg."""

from __future__ import annotations

from jackfield.channel import MediaFile, Rejected

HEAD = 47  # bytes: the head of an Ogg page, and the head of Opus after it
MAGIC, CHANNELS = 28, 37  # where they are


async def check(file: MediaFile) -> None:
    """Raises Rejected unless the file begins as a mono recording does."""
    head = b""
    async for piece in file.chunks():
        head += piece
        if len(head) >= HEAD:
            break
    if head[MAGIC : MAGIC + 8] != b"OpusHead":
        raise Rejected("voice: the file has no Opus, a voice message has nothing else")
    if head[CHANNELS] != 1:
        raise Rejected(f"voice: the recording has {head[CHANNELS]} channels, a voice message has one")
