"""The bus: the door-bell between the parts and the processes of an install. It may lose; the database is
the truth, and whoever finds a gap reads the rows.

Subjects: `stream.<workspace>` stream rows (encode_rows) · `eph.<workspace>` what may be lost, JSON ·
`lane.<channel>` something to send · `channels` a channel changed.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Protocol
from urllib.parse import urlsplit

import msgspec

from jackfield.store.rows import StreamRow

Handler = Callable[[bytes], None]
Stop = Callable[[], None]

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[StreamRow])


class Bus(Protocol):
    """Handlers run on the loop, quickly, in the order of one sender's publishing."""

    @property
    def connected(self) -> bool:
        """Whether other processes are reached now. Handlers of this process always are."""
        ...

    async def publish(self, subject: str, data: bytes) -> None:
        """Tell everybody. Raises nothing if the others are away: they will find the gap."""
        ...

    def subscribe(self, subject: str, handler: Handler) -> Stop:
        """Hear a subject, or with "stream.*" all of one level. Call what is returned to stop."""
        ...

    async def settle(self) -> None:
        """Return when every subscription made before is in force, or the others are away anyway.

        Read the database after this, and nothing falls in between.
        """
        ...

    def on_reconnect(self, call: Callable[[], None]) -> Stop:
        """Call this when the others are reached again: what was published meanwhile was not heard."""
        ...


@asynccontextmanager
async def open_bus(url: str = "") -> AsyncGenerator[Bus]:
    """The bus inside the process, or over nats://…. Raises ValueError for another kind of address.

    A server that is away is no error: it is tried again for ever.
    """
    if not url:
        from .memory import MemoryBus

        yield MemoryBus()
        return
    if urlsplit(url).scheme not in ("nats", "tls"):
        raise ValueError(
            f"JACKFIELD_BUS begins with {urlsplit(url).scheme!r}; it can be nats://…, or be empty"
        )
    from .nats import nats_bus

    async with nats_bus(url) as bus:
        yield bus


def encode_rows(rows: Iterable[StreamRow]) -> bytes:
    """Stream rows of one workspace as one payload."""
    return _encoder.encode(list(rows))


def decode_rows(data: bytes) -> list[StreamRow]:
    """The rows of a payload. Raises msgspec.DecodeError."""
    return _decoder.decode(data)
