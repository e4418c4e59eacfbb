"""One end of the bus: tells of committed rows, or listens; and the same with bare NATS."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import nats
from bench.contenders.publishing import event
from bench.figures import percentile
from bench.talk import obey, play
from nats.aio.msg import Msg

from jackfield.app.publisher import Publisher
from jackfield.bus import Bus, decode_rows, encode_rows, open_bus
from jackfield.store.rows import StreamRow

WORKSPACE = 7
BARE = "bare.rows"
SETTLE = 0.3  # seconds for what is on its way at the end


class Bell:
    """Rows go out one by one at an even pace; each says when."""

    def __init__(self, bus: Bus, client: Any) -> None:
        self._bus, self._client = bus, client
        self._publisher = Publisher()
        self._seq = 0
        self._took: list[float] = []

    # -- the end that tells ------------------------------------------------------------------------

    async def publish(self) -> None:
        await self._publisher.run(self._bus)

    async def ring(self, way: str, count: int, per_second: int) -> int:
        began = time.perf_counter()
        for place in range(count):
            await asyncio.sleep(max(began + place / per_second - time.perf_counter(), 0))
            if way == "ours":
                self._publisher.committed([self._row()])
            else:
                await self._client.publish(BARE, encode_rows([self._row()]))
        return count

    def _row(self) -> StreamRow:
        self._seq += 1
        data = event(time.monotonic_ns())
        return StreamRow(id=self._seq, workspace_id=WORKSPACE, seq=self._seq, data=data, at=0)

    # -- the end that listens ----------------------------------------------------------------------

    async def listen(self) -> None:
        self._bus.subscribe(f"stream.{WORKSPACE}", self._heard)

        async def heard(message: Msg) -> None:
            self._heard(message.data)

        await self._client.subscribe(BARE, cb=heard)
        await self._bus.settle()
        await self._client.flush()

    def _heard(self, data: bytes) -> None:
        now = time.monotonic_ns()
        for row in decode_rows(data):
            said = int(row.data.partition('"at":"')[2][:19])
            self._took.append((now - said) / 1e6)

    async def heard(self) -> dict[str, float]:
        """How many came since the last time, and how long they took, ms."""
        await asyncio.sleep(SETTLE)
        took, self._took = sorted(self._took), []
        return {"ops": len(took), "p50": percentile(took, 0.5), "p99": percentile(took, 0.99)}


async def main(given: dict[str, Any]) -> None:
    client: Any = await nats.connect(given["url"])  # pyright: ignore[reportUnknownMemberType]
    try:
        async with open_bus(given["url"]) as bus, asyncio.TaskGroup() as tasks:
            bell = Bell(bus, client)
            publishing = tasks.create_task(bell.publish())
            await obey({"ring": bell.ring, "listen": bell.listen, "heard": bell.heard})
            publishing.cancel()
    finally:
        await client.close()


if __name__ == "__main__":
    play(main)
