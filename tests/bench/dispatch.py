"""The way out: messages on many numbers through the real outbox, against a bare client's requests."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from bench.figures import Measure, Result, Slice, compared, interleaved
from bench.ground import Ground
from bench.scale import Scale
from bench.talk import Child, child

NAMES = ("dispatch-vs-client",)


def run(ground: Ground, scale: Scale, wanted: Collection[str]) -> list[Result]:
    return asyncio.run(_run(ground, scale))


async def _run(ground: Ground, scale: Scale) -> list[Result]:
    customers = -(-scale.messages // scale.numbers)
    async with (
        child("bench.contenders.simulator", numbers=scale.numbers, customers=customers) as cloud,
        child(
            "bench.contenders.sender",
            data=ground.folder("dispatch"),
            url=cloud.ready["url"],
            numbers=cloud.ready["numbers"],
        ) as sender,
    ):

        def measure(way: str) -> Measure:
            return lambda: _slice(sender, cloud, way, scale.messages)

        slices = await interleaved({way: measure(way) for way in ("through_outbox", "bare")}, scale.rounds)
    return [compared(NAMES[0], slices["through_outbox"], slices["bare"], goal=0.6, sense="at least")]


async def _slice(sender: Child, cloud: Child, way: str, messages: int) -> Slice:
    """Every message must have arrived at the simulator, and once."""
    cpu, before = sender.cpu, await cloud.ask("sent")
    said = await sender.ask(way, messages=messages)
    arrived = await cloud.ask("sent") - before
    assert said["ops"] == arrived == messages, (said, arrived)
    return Slice(ops=messages, seconds=said["seconds"], cpu=sender.cpu - cpu)
