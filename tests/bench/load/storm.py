"""A thousand clients of the websocket who lost their server, and all come back at the same moment."""

from __future__ import annotations

import asyncio
import base64
import os
import time
from typing import Any

from bench.figures import percentile
from bench.load.sockets import PIECE, masked
from bench.talk import obey, play

WITHIN = 60.0  # seconds for everybody


async def come_back(port: int, path: str, token: str, hello: str, until: str) -> float:
    """Connect, say where we stand, read until the last event has come. Answers the seconds it took."""
    began = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    key = base64.b64encode(os.urandom(16)).decode()
    bearer = f"Authorization: Bearer {token}\r\n" if token else ""
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{bearer}\r\n".encode()
    )
    answer = await reader.readuntil(b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 101"), answer
    writer.write(masked(hello.encode()))
    last, tail = until.encode(), b""
    while last not in tail:
        piece = await reader.read(PIECE)
        assert piece, f"closed instead of {until}"
        tail = tail[-len(last) :] + piece
    took = time.perf_counter() - began
    writer.close()
    return took


async def storm(*, clients: int, **where: Any) -> dict[str, float]:
    """Everybody at once. `seconds`: until the last of them was up to date."""
    began = time.perf_counter()
    async with asyncio.timeout(WITHIN):
        took = sorted(await asyncio.gather(*(come_back(**where) for _ in range(clients))))
    return {
        "seconds": time.perf_counter() - began,
        "p50": percentile(took, 0.5) * 1000,
        "p99": percentile(took, 0.99) * 1000,
    }


async def main(_: dict[str, Any]) -> None:
    await obey({"storm": storm})


if __name__ == "__main__":
    play(main)
