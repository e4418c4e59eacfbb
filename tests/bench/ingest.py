"""The way in: webhook to durable commit, against the same endpoint that stores nothing, and against pywa."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AsyncExitStack
from itertools import count
from typing import Any

from bench.figures import Result, Slice, compared, interleaved
from bench.ground import Ground
from bench.scale import Scale
from bench.talk import Child, child

NAMES = ("ingest-sqlite-vs-floor", "ingest-sqlite-vs-pywa", "ingest-postgres-vs-floor")
INBOX = "bench.contenders.inbox"

Check = Callable[[Mapping[str, int], Mapping[str, int], int], bool]


def stored(before: Mapping[str, int], after: Mapping[str, int], answered: int) -> bool:
    """Every answered call is there once: delivery, message, unread; and the stream has no gap."""
    grown = {key: after[key] - before[key] for key in ("messages", "unread", "deliveries")}
    return set(grown.values()) == {answered} and after["seq"] == after["events"]


def handled(before: Mapping[str, int], after: Mapping[str, int], answered: int) -> bool:
    return after["messages"] - before["messages"] == answered


def nothing(before: Mapping[str, int], after: Mapping[str, int], answered: int) -> bool:
    return after == before and answered > 0


def run(ground: Ground, scale: Scale, wanted: Collection[str]) -> list[Result]:
    postgres = ground.database() if NAMES[2] in wanted else ""
    return asyncio.run(_run(ground, scale, wanted, postgres))


async def _run(ground: Ground, scale: Scale, wanted: Collection[str], postgres: str) -> list[Result]:
    async with AsyncExitStack() as stack:
        load = await stack.enter_async_context(child("bench.load.requests"))
        tags = count()

        async def contender(module: str, check: Check, **given: Any) -> Callable[[], Awaitable[Slice]]:
            server = await stack.enter_async_context(child(module, **given))
            return lambda: _slice(load, server, check, scale, f"{next(tags)}")

        contenders = {
            "floor": await contender(INBOX, nothing, data=ground.folder("floor"), stores=False),
        }
        if NAMES[0] in wanted or NAMES[1] in wanted:
            contenders["sqlite"] = await contender(INBOX, stored, data=ground.folder("sqlite"))
        if NAMES[1] in wanted:
            contenders["pywa"] = await contender("bench.contenders.pywa_hook", handled)
        if postgres:
            folder = ground.folder("postgres")
            contenders["postgres"] = await contender(INBOX, stored, data=folder, database=postgres)
        slices = await interleaved(contenders, scale.rounds)
    pairs = {
        NAMES[0]: ("sqlite", "floor", 0.30),
        NAMES[1]: ("sqlite", "pywa", 3.0),
        NAMES[2]: ("postgres", "floor", 0.30),
    }
    return [
        compared(name, slices[ours], slices[theirs], goal=goal, sense="at least")
        for name, (ours, theirs, goal) in pairs.items()
        if name in wanted
    ]


async def _slice(load: Child, server: Child, check: Check, scale: Scale, tag: str) -> Slice:
    before, cpu = await server.ask("counts"), server.cpu
    said = await load.ask(
        "send",
        port=server.ready["port"],
        path=server.ready["path"],
        tag=tag,
        bodies=scale.bodies,
        customers=scale.customers,
        senders=scale.senders,
        seconds=scale.slice,
    )
    cpu, after = server.cpu - cpu, await server.ask("counts")
    assert said["refused"] == said["broken"] == 0, said
    assert check(before, after, said["ops"]), (before, after, said)
    return Slice(ops=said["ops"], seconds=said["seconds"], cpu=cpu, p50=said["p50"], p99=said["p99"])
