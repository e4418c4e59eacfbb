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
    """One text message, framed at most once however many clients it goes to."""

    __slots__ = ("_frame", "payload")

    def __init__(self, payload: bytes) -> None:
        self.payload = payload
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
    """write() keeps or sends; write_lossy() sends or forgets; drop() ends the connection."""

    def write(self, packet: Packet) -> None: ...
    def write_lossy(self, packet: Packet) -> None: ...
    def drop(self, code: int, reason: str) -> None: ...
    async def run(self) -> None: ...


class Backlog:
    """What could not be written yet, within bounds."""

    def __init__(self) -> None:
        self.packets: deque[Packet] = deque()
        self.bytes = 0

    def push(self, packet: Packet) -> bool:
        """False: over the bound."""
        self.packets.append(packet)
        self.bytes += len(packet.payload)
        return len(self.packets) <= MAX_QUEUED and self.bytes <= MAX_BYTES

    def pop(self) -> Packet:
        packet = self.packets.popleft()
        self.bytes -= len(packet.payload)
        return packet

    def clear(self) -> None:
        self.packets.clear()
        self.bytes = 0


class RawOutlet:
    """Writes frames straight to the transport of uvicorn's protocol."""

    def __init__(self, raw: RawWebSocket) -> None:
        self._raw = raw
        self._backlog = Backlog()
        raw.on_drain = self._drain

    def write(self, packet: Packet) -> None:
        raw = self._raw
        if raw.ready and not self._backlog.packets:
            if raw.open:
                raw.write(packet.frame)
        elif not self._backlog.push(packet):
            self.drop(CloseCode.SLOW, "slow consumer")

    def write_lossy(self, packet: Packet) -> None:
        raw = self._raw
        if raw.ready and not self._backlog.packets and raw.open:
            raw.write(packet.frame)

    def drop(self, code: int, reason: str) -> None:
        self._backlog.clear()
        self._raw.drop(code, reason)

    def _drain(self) -> None:
        while self._backlog.packets and self._raw.ready and self._raw.open:
            self._raw.write(self._backlog.pop().frame)

    async def run(self) -> None:
        """Nothing to do: the transport drains by itself."""
        await asyncio.Event().wait()


class AsgiOutlet:
    """The same through ASGI sends, on a server without RawWebSocket."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._backlog = Backlog()
        self._wake = asyncio.Event()
        self._gone: tuple[int, str] | None = None

    def write(self, packet: Packet) -> None:
        if self._gone is None and not self._backlog.push(packet):
            self.drop(CloseCode.SLOW, "slow consumer")
        self._wake.set()

    def write_lossy(self, packet: Packet) -> None:
        if len(self._backlog.packets) < MAX_QUEUED // 4:
            self.write(packet)

    def drop(self, code: int, reason: str) -> None:
        if self._gone is None:
            self._gone = (code, reason)
            self._wake.set()

    async def run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._backlog.packets and (self._gone is None or self._gone[0] != CloseCode.SLOW):
                await self._send({"type": "websocket.send", "text": self._backlog.pop().payload.decode()})
            if self._gone is not None:
                code, reason = self._gone
                with suppress(RuntimeError):  # closed by the other side meanwhile
                    await self._send({"type": "websocket.close", "code": code, "reason": reason})
                return
