"""The engine's way out: an HTTP proxy that leads WhatsApp's names to the mock, and others nowhere."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress

PIECE = 65_536  # bytes


class Proxy:
    """`ports`: which of ours stands for "host:port". `asked`: every name that was asked for, in order."""

    def __init__(self, ports: Mapping[str, int]) -> None:
        self._ports = ports
        self.asked: list[str] = []
        self._pairs: set[asyncio.StreamWriter] = set()

    async def serve(self) -> asyncio.Server:
        return await asyncio.start_server(self._talk, "127.0.0.1", 0)

    def cut(self) -> None:
        """Every connection breaks, as when the network goes."""
        for writer in list(self._pairs):
            writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            method, host, *_ = (await reader.readuntil(b"\r\n\r\n")).decode().split()
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            writer.close()
            return
        self.asked.append(host)
        port = self._ports.get(host)
        if method != "CONNECT" or port is None:
            writer.write(b"HTTP/1.1 502 only the mock is reached from here\r\n\r\n")
            writer.close()
            return
        there, back = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"HTTP/1.1 200 connected\r\n\r\n")
        ends = {writer, back}
        self._pairs |= ends
        try:
            await asyncio.gather(_pipe(reader, back), _pipe(there, writer))
        finally:
            self._pairs -= ends


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(PIECE):
            writer.write(data)
            await writer.drain()
    writer.close()
