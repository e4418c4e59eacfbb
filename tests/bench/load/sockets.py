"""A thousand clients of the websocket in one process: says hello, counts what comes, forgets it.

Written on epoll and plain sockets: the clients must not be slower than the server they measure. What
the first client hears is kept and read frame by frame, so that a slice counts only if every event came
whole, once and in order.
"""

from __future__ import annotations

import base64
import json
import os
import re
import resource
import select
import socket
import time
from collections.abc import Iterator
from typing import Any, cast

from bench.figures import percentile
from bench.talk import obey, play

NEEDLE = b'"at":"'
STAMP = re.compile(rb'"at":"(\d{19})')
PING, PONG = b"\x89\x04", b"\x8a\x84\0\0\0\0"  # four bytes follow; none of our texts holds these two
BEAT = b'"t":"ping"'
WHOLE = (b"}", b"]")  # a frame's last byte
PIECE = 1 << 16  # bytes read at once
WITHIN = 20.0  # seconds for what is on its way at the end, and for a handshake
SETTLE = 1.0  # seconds after the last hello


class Crowd:
    """Connected clients and the back door through which events are asked for."""

    def __init__(self, sockets: list[socket.socket], door: socket.socket) -> None:
        self._sockets, self._door = sockets, door
        self._poll = select.epoll()
        for client in sockets:
            client.setblocking(False)
            self._poll.register(client.fileno(), select.EPOLLIN)
        self._receive = {client.fileno(): client.recv for client in sockets}
        self._send = {client.fileno(): client.send for client in sockets}
        self._tails: dict[int, bytes] = {}
        self._witness = sockets[0].fileno()
        self.heard = bytearray()  # by the witness, in this slice
        self.delivered = 0
        self.took: list[float] = []  # milliseconds

    def __len__(self) -> int:
        return len(self._sockets)

    def publish(self, count: int) -> None:
        self._door.sendall(b"x" * count)

    def start(self) -> None:
        self.quiet(0.2)
        self.delivered, self.took = 0, []
        self.heard.clear()
        self._tails.clear()

    def quiet(self, seconds: float) -> None:
        """Read whatever comes for a while."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.count(0.02)

    def count(self, timeout: float) -> None:
        """Read what is there; count the events in it."""
        for place, _ in self._poll.poll(timeout):
            chunk = self._read(place)
            self.delivered += chunk.count(NEEDLE)
            if not chunk.endswith(WHOLE):
                self._tails[place] = chunk[1 - len(NEEDLE) :]

    def time(self, timeout: float) -> None:
        """The same, and how long each took from being told to being heard."""
        for place, _ in self._poll.poll(timeout):
            chunk, now, end = self._read(place), time.monotonic_ns(), 0
            for found in STAMP.finditer(chunk):
                self.delivered += 1
                self.took.append((now - int(found[1])) / 1e6)
                end = found.end()
            if not chunk.endswith(WHOLE):
                self._tails[place] = chunk[end:][-24:]

    def _read(self, place: int) -> bytes:
        chunk = self._receive[place](PIECE)
        if not chunk:
            raise ConnectionError("the server closed a connection")
        if PING in chunk or BEAT in chunk:
            chunk = self._alive(place, chunk)
        if place == self._witness:
            self.heard += chunk
        tail = self._tails.pop(place, None)
        return chunk if tail is None else tail + chunk

    def _alive(self, place: int, chunk: bytes) -> bytes:
        """Answer what asks whether we are there, and cut out the protocol's own question."""
        if BEAT in chunk:
            self._send[place](masked(b'{"t":"pong"}'))
        before, found, after = chunk.partition(PING)
        if not found:
            return chunk
        self._send[place](PONG + after[:4])
        return before + after[4:]

    def end(self) -> None:
        for client in (*self._sockets, self._door):
            client.close()
        self._poll.close()


def flat_out(crowd: Crowd, *, seconds: float, window: int) -> tuple[int, float]:
    """As many events as can be told, `window` of them on their way. Answers how many, in what time."""
    crowd.start()
    everybody, told = len(crowd), 0
    began = time.perf_counter()
    until = began + seconds
    while time.perf_counter() < until:
        free = window - (told * everybody - crowd.delivered) // everybody
        if free > 0:
            crowd.publish(free)
            told += free
        crowd.count(0.05)
    patience = time.perf_counter() + WITHIN
    while crowd.delivered < told * everybody and time.perf_counter() < patience:
        crowd.count(0.05)
    return told, time.perf_counter() - began


def steadily(crowd: Crowd, *, seconds: float, per_second: int) -> tuple[int, float]:
    """Events at an even pace."""
    crowd.start()
    began = time.perf_counter()
    due, told = began, 0
    while (now := time.perf_counter()) < began + seconds:
        if now >= due:
            crowd.publish(1)
            told, due = told + 1, due + 1 / per_second
        crowd.time(max(due - time.perf_counter(), 0))
    patience = time.perf_counter() + WITHIN
    while crowd.delivered < told * len(crowd) and time.perf_counter() < patience:
        crowd.time(0.05)
    return told, time.perf_counter() - began


def connect(port: int, path: str, token: str, hello: str) -> socket.socket:
    """A websocket, greeted and answered."""
    client = socket.create_connection(("127.0.0.1", port), timeout=WITHIN)
    key = base64.b64encode(os.urandom(16)).decode()
    bearer = f"Authorization: Bearer {token}\r\n" if token else ""
    client.sendall(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{bearer}\r\n".encode()
    )
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += client.recv(PIECE)
    if not answer.startswith(b"HTTP/1.1 101"):
        raise ConnectionError(answer.decode(errors="replace"))
    client.sendall(masked(hello.encode()))
    greeting = answer.partition(b"\r\n\r\n")[2]
    while b'"ready"' not in greeting:
        piece = client.recv(PIECE)
        if not piece:
            raise ConnectionError(f"closed instead of a greeting: {greeting!r}")
        greeting += piece
    return client


def masked(text: bytes) -> bytes:
    """A client's text frame (RFC 6455 §5.2) of less than 126 bytes. The mask is zeros."""
    assert len(text) < 126
    return bytes((0x81, 0x80 | len(text), 0, 0, 0, 0)) + text


def texts(stream: bytes) -> Iterator[bytes]:
    """The payloads of a server's text frames."""
    place = 0
    while place < len(stream):
        kind, size, head = stream[place] & 15, stream[place + 1], 2
        if size == 126:
            size, head = int.from_bytes(stream[place + 2 : place + 4], "big"), 4
        elif size == 127:
            size, head = int.from_bytes(stream[place + 2 : place + 10], "big"), 10
        place += head + size
        if kind == 1:
            yield stream[place - size : place]


def sequence(stream: bytes) -> list[int]:
    """The numbers of the events in what a client heard."""
    found: list[int] = []
    for text in texts(stream):
        said: Any = json.loads(text)
        frames = cast("list[dict[str, Any]]", said if isinstance(said, list) else [said])
        found += [frame["seq"] for frame in frames if frame["t"] == "ev"]
    return found


class Load:
    """The crowds by name, and what the parent asks of them."""

    def __init__(self) -> None:
        self._crowds: dict[str, Crowd] = {}

    async def gather(
        self, *, name: str, clients: int, port: int, publish: int, realtime: str, token: str, hello: str
    ) -> int:
        made = [connect(port, realtime, token, hello) for _ in range(clients)]
        self._crowds[name] = Crowd(made, socket.create_connection(("127.0.0.1", publish)))
        self._crowds[name].quiet(SETTLE)
        return clients

    async def flat_out(self, *, name: str, seconds: float, window: int) -> dict[str, Any]:
        crowd = self._crowds[name]
        return _said(crowd, *flat_out(crowd, seconds=seconds, window=window))

    async def steadily(self, *, name: str, seconds: float, per_second: int) -> dict[str, Any]:
        crowd = self._crowds[name]
        return _said(crowd, *steadily(crowd, seconds=seconds, per_second=per_second))

    def end(self) -> None:
        for crowd in self._crowds.values():
            crowd.end()


def _said(crowd: Crowd, told: int, seconds: float) -> dict[str, Any]:
    seen = sequence(bytes(crowd.heard))
    took = sorted(crowd.took)
    return {
        "told": told,
        "seconds": seconds,
        "delivered": crowd.delivered,
        "in_order": len(seen) == told and seen == list(range(seen[0], seen[0] + told)),
        "p50": percentile(took, 0.5),
        "p99": percentile(took, 0.99),
    }


async def main(_: dict[str, Any]) -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65_536), hard))
    load = Load()
    try:
        await obey({"gather": load.gather, "flat_out": load.flat_out, "steadily": load.steadily})
    finally:
        load.end()


if __name__ == "__main__":
    play(main)
