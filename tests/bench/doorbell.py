"""Between two processes: from a commit in one to the rows in the other, against bare NATS."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection

from bench.figures import Measure, Result, Slice, compared, interleaved
from bench.ground import Ground
from bench.scale import Scale
from bench.talk import Child, child

NAMES = ("bus-vs-nats",)


def run(ground: Ground, scale: Scale, wanted: Collection[str]) -> list[Result]:
    return asyncio.run(_run(ground.nats.url, scale))


async def _run(url: str, scale: Scale) -> list[Result]:
    async with (
        child("bench.contenders.bell", url=url) as here,
        child("bench.contenders.bell", url=url) as there,
    ):
        await there.ask("listen")

        def measure(way: str) -> Measure:
            return lambda: _slice(here, there, way, scale)

        slices = await interleaved({way: measure(way) for way in ("ours", "bare")}, scale.rounds)
    return [
        compared(NAMES[0], slices["ours"], slices["bare"], goal=2.0, sense="at most", of=lambda one: one.p50)
    ]


async def _slice(here: Child, there: Child, way: str, scale: Scale) -> Slice:
    """Nothing may get lost."""
    count, cpu, began = max(int(scale.bells * scale.slice), 1), there.cpu, time.perf_counter()
    await here.ask("ring", way=way, count=count, per_second=scale.bells)
    seconds = time.perf_counter() - began
    said = await there.ask("heard")
    assert said["ops"] == count, (said, count)
    return Slice(ops=count, seconds=seconds, cpu=there.cpu - cpu, p50=said["p50"], p99=said["p99"])
