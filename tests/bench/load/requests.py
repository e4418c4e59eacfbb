"""Senders of webhooks: kept-alive connections, each with one request on its way, bodies made beforehand."""

from __future__ import annotations

import asyncio
import time
from typing import Any, cast

from bench import webhooks
from bench.figures import percentile
from bench.talk import obey, play

END = b"\r\n\r\n"
LENGTH = b"content-length:"
WITHIN = 30.0  # seconds for what is on its way at the end


class Sender(asyncio.Protocol):
    """Sends the next request as soon as the last is answered."""

    _run: Run

    def __init__(self) -> None:
        self._buffer = b""
        self._began = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def begin(self, run: Run) -> None:
        self._run = run
        self._next()

    def _next(self) -> None:
        request = self._run.next()
        if request is None:
            self._finish()
            return
        self._began = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(END)
        if head < 0 or len(self._buffer) < head + len(END) + _length(self._buffer[:head]):
            return
        self._run.answered(self._buffer, time.perf_counter() - self._began)
        self._buffer = b""
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self._run.broken += 1
            self.done.set_result(None)

    def _finish(self) -> None:
        if not self.done.done():
            self.done.set_result(None)
        self.transport.close()


def _length(head: bytes) -> int:
    lowered = head.lower()
    place = lowered.find(LENGTH)
    if place < 0:
        return 0
    return int(lowered[place + len(LENGTH) :].split(b"\r\n", 1)[0])


class Run:
    """One slice: requests until the time is over or they are used up."""

    def __init__(self, requests: list[bytes], seconds: float) -> None:
        self._requests = iter(requests)
        self._until = time.perf_counter() + seconds
        self.took: list[float] = []
        self.refused, self.broken = 0, 0

    def next(self) -> bytes | None:
        if time.perf_counter() >= self._until:
            return None
        return next(self._requests, None)

    def answered(self, response: bytes, took: float) -> None:
        if response.startswith(b"HTTP/1.1 200 "):
            self.took.append(took)
        else:
            self.refused += 1


async def send(
    *, port: int, path: str, tag: str, bodies: int, customers: int, senders: int, seconds: float
) -> dict[str, Any]:
    """Answers how many were taken in, how many not, in what time."""
    requests = [_request(path, call) for call in webhooks.calls(bodies, customers=customers, tag=tag)]
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(Sender, "127.0.0.1", port) for _ in range(senders)]
    run, began = Run(requests, seconds), time.perf_counter()
    for _, sender in made:
        sender.begin(run)
    async with asyncio.timeout(seconds + WITHIN):
        await asyncio.gather(*(sender.done for _, sender in made))
    took = sorted(run.took)
    return {
        "ops": len(took),
        "seconds": time.perf_counter() - began,
        "p50": percentile(took, 0.5) * 1000,
        "p99": percentile(took, 0.99) * 1000,
        "refused": run.refused,
        "broken": run.broken,
    }


def _request(path: str, call: webhooks.Call) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"{webhooks.HEADER}: {call.signature}\r\nContent-Length: {len(call.body)}\r\n\r\n"
    )
    return head.encode() + call.body


async def main(_: dict[str, Any]) -> None:
    await obey({"send": send})


if __name__ == "__main__":
    play(main)
