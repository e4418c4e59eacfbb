"""Outlets: how bytes reach one client, with a bounded queue for one that reads too slowly.

Events are encoded once for everybody; an outlet only decides whether they can be written now. What
may be lost (typing, viewing) is dropped for a slow client; what may not is queued up to a bound, and
past the bound the client is sent away (4008) to resume from the log. One slow client delays nobody.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any, Protocol

from jackfield.wire.realtime import CloseCode

from .server import RawWebSocket

MAX_QUEUED = 512  # packets
MAX_BYTES = 1 << 20

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Packet:
    """One text message, framed at most once however many clients it goes to.

    `weight`: bytes it counts as in a backlog; nothing where a client asked for it and waits.
    """

    __slots__ = ("_frame", "payload", "weight")

    def __init__(self, payload: bytes, *, weight: int | None = None) -> None:
        self.payload = payload
        self.weight = len(payload) if weight is None else weight
        self._frame: bytes | None = None

    @property
    def frame(self) -> bytes:
        """The payload as one unmasked text frame (RFC 6455 §5.2)."""
        if self._frame is None:
            size = len(self.payload)
            if size < 126:
                head = bytes((0x81, size))
            elif size < 1 << 16:
                head = b"\x81\x7e" + size.to_bytes(2, "big")
            else:
                head = b"\x81\x7f" + size.to_bytes(8, "big")
            self._frame = head + self.payload
        return self._frame


class Outlet(Protocol):
    """write() keeps or sends; write_lossy() sends or forgets; drop() ends the connection, once."""

    @property
    def dropped(self) -> asyncio.Event: ...
    def write(self, packet: Packet) -> None: ...
    def write_lossy(self, packet: Packet) -> None: ...
    def drop(self, code: int, reason: str) -> None: ...

    async def drained(self) -> None:
        """Until nothing waits, or the connection was dropped."""
        ...

    async def run(self) -> None:
        """Send what is written, until a close frame has left."""
        ...


class Backlog:
    """What could not be written yet, within bounds."""

    def __init__(self) -> None:
        self.packets: deque[Packet] = deque()
        self.bytes = 0

    def push(self, packet: Packet) -> bool:
        """False: over the bound."""
        self.packets.append(packet)
        self.bytes += packet.weight
        return len(self.packets) <= MAX_QUEUED and self.bytes <= MAX_BYTES

    def pop(self) -> Packet:
        packet = self.packets.popleft()
        self.bytes -= packet.weight
        return packet

    def clear(self) -> None:
        self.packets.clear()
        self.bytes = 0


class RawOutlet:
    """Writes frames straight to the transport of uvicorn's protocol, which drains by itself."""

    def __init__(self, raw: RawWebSocket) -> None:
        self._raw = raw
        self._backlog = Backlog()
        self.dropped = asyncio.Event()
        raw.on_drain = self._drain

    def write(self, packet: Packet) -> None:
        raw = self._raw
        if not raw.open:
            return
        if raw.ready and not self._backlog.packets:
            raw.write(packet.frame)
        elif not self._backlog.push(packet):
            self.drop(CloseCode.SLOW, "slow consumer")

    def write_lossy(self, packet: Packet) -> None:
        raw = self._raw
        if raw.open and raw.ready and not self._backlog.packets:
            raw.write(packet.frame)

    def drop(self, code: int, reason: str) -> None:
        self._backlog.clear()
        self._raw.drop(code, reason)
        self.dropped.set()

    def _drain(self) -> None:
        while self._backlog.packets and self._raw.ready and self._raw.open:
            self._raw.write(self._backlog.pop().frame)

    async def drained(self) -> None:
        while self._raw.open and not self._raw.ready:
            await self._raw.writable.wait()

    async def run(self) -> None:
        return


class AsgiOutlet:
    """The same through ASGI sends, on a server without RawWebSocket."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._backlog = Backlog()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._closing: tuple[int, str] | None = None
        self.dropped = asyncio.Event()

    def write(self, packet: Packet) -> None:
        if self._closing is not None:
            return
        self._idle.clear()
        if not self._backlog.push(packet):
            self.drop(CloseCode.SLOW, "slow consumer")
        self._wake.set()

    def write_lossy(self, packet: Packet) -> None:
        if self._idle.is_set():
            self.write(packet)

    def drop(self, code: int, reason: str) -> None:
        if self._closing is not None:
            return
        self._closing = (code, reason)
        if code == CloseCode.SLOW:
            self._backlog.clear()
        self.dropped.set()
        self._idle.set()
        self._wake.set()

    async def drained(self) -> None:
        await self._idle.wait()

    async def run(self) -> None:
        with suppress(RuntimeError, OSError):  # closed by the other side meanwhile
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._backlog.packets:
                    packet = self._backlog.pop()
                    await self._send({"type": "websocket.send", "text": packet.payload.decode()})
                if self._closing is not None:
                    code, reason = self._closing
                    await self._send({"type": "websocket.close", "code": code, "reason": reason})
                    return
                self._idle.set()
