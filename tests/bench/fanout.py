"""Telling everybody: one workspace, a thousand clients of /realtime, against websockets.broadcast."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import AsyncExitStack
from functools import partial

from bench.figures import Measure, Result, Slice, compared, interleaved
from bench.ground import Ground
from bench.scale import Scale
from bench.talk import Child, child

NAMES = ("fanout-vs-websockets-broadcast", "fanout-p99-vs-websockets-broadcast")
PER_SECOND = 50


def run(ground: Ground, scale: Scale, wanted: Collection[str]) -> list[Result]:
    return asyncio.run(_run(ground, scale, wanted))


async def _run(ground: Ground, scale: Scale, wanted: Collection[str]) -> list[Result]:
    async with AsyncExitStack() as stack:
        load = await stack.enter_async_context(child("bench.load.sockets"))
        folder = ground.folder("fanout")
        servers = {
            "ours": await stack.enter_async_context(child("bench.contenders.inbox", data=folder)),
            "theirs": await stack.enter_async_context(child("bench.contenders.broadcast")),
        }
        for name, server in servers.items():
            await _gather(load, name, server, scale.clients)
        results: list[Result] = []
        if NAMES[0] in wanted:
            flat_out: dict[str, Measure] = {
                name: partial(_flat_out, load, name, server, scale) for name, server in servers.items()
            }
            slices = await interleaved(flat_out, scale.rounds)
            results.append(compared(NAMES[0], slices["ours"], slices["theirs"], goal=2.0, sense="at least"))
        if NAMES[1] in wanted:
            steadily: dict[str, Measure] = {
                name: partial(_steadily, load, name, server, scale) for name, server in servers.items()
            }
            slices = await interleaved(steadily, scale.rounds)
            results.append(
                compared(
                    NAMES[1],
                    slices["ours"],
                    slices["theirs"],
                    goal=1.0,
                    sense="at most",
                    of=lambda one: one.p99,
                )
            )
        return results


async def _gather(load: Child, name: str, server: Child, clients: int) -> None:
    """Connect everybody, and say what an idle connection costs."""
    before = server.memory
    ready = {key: server.ready[key] for key in ("port", "publish", "realtime", "token", "hello")}
    await load.ask("gather", name=name, clients=clients, **ready)
    each = (server.memory - before) / clients / 1024
    whose = "jackfield" if name == "ours" else "websockets"
    print(f"memory of an idle connection, {whose}: {each:.1f} KiB")  # noqa: T201  # a figure of the report


async def _flat_out(load: Child, name: str, server: Child, scale: Scale) -> Slice:
    cpu = server.cpu
    said = await load.ask("flat_out", name=name, seconds=scale.slice, window=scale.window)
    return _slice(said, server.cpu - cpu, scale.clients)


async def _steadily(load: Child, name: str, server: Child, scale: Scale) -> Slice:
    cpu = server.cpu
    said = await load.ask("steadily", name=name, seconds=scale.slice, per_second=PER_SECOND)
    return _slice(said, server.cpu - cpu, scale.clients)


def _slice(said: dict[str, float], cpu: float, clients: int) -> Slice:
    """Deliveries are the operations. Every event must have come to everybody, once and in order."""
    assert said["delivered"] == said["told"] * clients, said
    assert said["in_order"], said
    return Slice(
        ops=int(said["delivered"]), seconds=said["seconds"], cpu=cpu, p50=said["p50"], p99=said["p99"]
    )
