"""Five linked devices on one server: what four of them notice while the fifth is flooded, or falls down.

Each device has a bridge of its own with the real engine in it; the network is the mock, in this process.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, cast

import aiohttp
from bench.figures import Measure, Result, Slice, compared, interleaved, percentile
from bench.ground import Ground
from bench.scale import Scale
from chaos.bridged import Bridged, Customer, Shop, bridged
from websockets.asyncio.client import ClientConnection, connect

NAMES = ("bridge-flood-in", "bridge-flood-out", "bridge-crash-in", "bridge-crash-out")
GOALS: Mapping[str, float] = dict(zip(NAMES, (2.0, 1.5, 1.5, 1.5), strict=True))
FLOOD = 50  # messages a second to the fifth
WRITES = 0.4  # seconds between two messages to each of the others
ANSWERS = 2  # of each in a slice; with their read marks they take what an account may say at once
REST = 9.0  # seconds before a slice: else its answers wait for their turn, behind those of the slice before
RIGHT_WITHIN = 120.0  # seconds until everything of a slice has arrived


def run(ground: Ground, scale: Scale, wanted: Collection[str]) -> list[Result]:
    return asyncio.run(_run(ground, scale, wanted))


async def _run(ground: Ground, scale: Scale, wanted: Collection[str]) -> list[Result]:
    folder = Path(ground.folder("neighbours"))
    async with bridged(folder, shops=scale.accounts, customers=1) as town, listening(town) as inbox:
        street = Street(town, inbox, scale)
        await street.begin()
        print(memory(town))  # noqa: T201  # a figure of the report
        contenders: dict[str, Measure] = {
            "quiet": street.quiet,
            "flood": street.flooded,
            "crash": street.crashing,
        }
        slices = await interleaved(contenders, scale.rounds)
        print(memory(town))  # noqa: T201
        counted = len(slices["quiet"])
    results: list[Result] = []
    for name in (name for name in NAMES if name in wanted):
        _, what, way = name.split("-")
        sides = (street.ways[what][way][-counted:], street.ways["quiet"][way][-counted:])
        results.append(compared(name, *sides, goal=GOALS[name], sense="at most", of=lambda one: one.p50))
    return results


# -- what happens --------------------------------------------------------------------------------------


class Street:
    """The accounts side by side; the last is the one that is disturbed. `ways`: the slices of each
    contender, of what comes in and of what goes out."""

    def __init__(self, town: Bridged, inbox: Inbox, scale: Scale) -> None:
        self._town, self._inbox, self._seconds = town, inbox, scale.street
        self._numbers = count(1)
        self._places: dict[str, str] = {}
        self.ways: dict[str, dict[str, list[Slice]]] = {}

    @property
    def _others(self) -> Sequence[Customer]:
        return self._town.customers[:-1]

    async def begin(self) -> None:
        """Everybody has written once, and can be answered."""
        for customer in self._town.customers:
            await self._arrives(customer)
        for row in (await self._town.operator.get("/conversations"))["items"]:
            self._places[row["channel"]] = row["id"]

    async def quiet(self) -> Slice:
        return await self._slice("quiet")

    async def flooded(self) -> Slice:
        flood = asyncio.create_task(self._flood())
        try:
            return await self._slice("flood")
        finally:
            flood.cancel()
            await asyncio.wait({flood})
            await self._inbox.has(self._town.customers[-1].written[-1][0])

    async def crashing(self) -> Slice:
        shop = self._town.shops[-1]
        crash = asyncio.create_task(crash_loop(self._town, shop))
        try:
            return await self._slice("crash")
        finally:
            crash.cancel()
            await asyncio.wait({crash})
            await revived(self._town, shop)

    async def _slice(self, name: str) -> Slice:
        """Latencies of what comes in; those of what goes out are kept beside."""
        await asyncio.sleep(min(REST, self._seconds * REST))
        began, cpu = time.perf_counter(), cpu_of(self._town.process.pid)
        came: list[float] = []
        went: list[float] = []
        async with asyncio.TaskGroup() as tasks:
            for customer in self._others:
                tasks.create_task(self._write(customer, came))
                tasks.create_task(self._answer(customer, went))
        seconds, took = time.perf_counter() - began, cpu_of(self._town.process.pid) - cpu
        found = {way: _slice_of(all_, seconds, took) for way, all_ in (("in", came), ("out", went))}
        for way, one in found.items():
            self.ways.setdefault(name, {}).setdefault(way, []).append(one)
        return found["in"]

    async def _write(self, customer: Customer, took: list[float]) -> None:
        until = time.perf_counter() + self._seconds
        while time.perf_counter() < until:
            took.append(await self._arrives(customer))
            await asyncio.sleep(WRITES)

    async def _answer(self, customer: Customer, took: list[float]) -> None:
        place = self._places[customer.shop.channel]
        for _ in range(ANSWERS):
            text, began = f"answer {next(self._numbers)}.", time.perf_counter()
            async with asyncio.timeout(RIGHT_WITHIN):
                await self._town.operator.send(place, text)
                await customer.hears(text)
            took.append(time.perf_counter() - began)
            await asyncio.sleep(max(0.0, self._seconds / ANSWERS - took[-1]))

    async def _arrives(self, customer: Customer) -> float:
        """Seconds from writing to the event in the inbox."""
        text, began = f"message {next(self._numbers)}.", time.perf_counter()
        await customer.write(text)
        return await self._inbox.has(text) - began

    async def _flood(self) -> None:
        customer = self._town.customers[-1]
        while True:
            await customer.write(f"flood {next(self._numbers)}.")
            await asyncio.sleep(1 / FLOOD)


def _slice_of(took: Sequence[float], seconds: float, cpu: float) -> Slice:
    ordered = sorted(took)
    p50, p99 = (percentile(ordered, share) * 1000 for share in (0.5, 0.99))
    return Slice(ops=len(ordered), seconds=seconds, cpu=cpu, p50=p50, p99=p99)


async def crash_loop(town: Bridged, shop: Shop) -> None:
    """Its bridge dies as soon as it is seen; when the channel has given up, a person starts it again."""
    while True:
        if not town.kill_bridge(shop):
            await _again(town, shop)
        await asyncio.sleep(0.2)


async def revived(town: Bridged, shop: Shop) -> None:
    """Wait until it stands again. Raises TimeoutError."""
    async with asyncio.timeout(RIGHT_WITHIN):
        while not shop.connected:
            await _again(town, shop)
            await asyncio.sleep(0.2)


async def _again(town: Bridged, shop: Shop) -> None:
    with suppress(aiohttp.ClientError, TimeoutError):
        if (await town.operator.get(f"/channels/{shop.channel}"))["state"] == "stopped":
            for enabled in (False, True):
                await town.operator.patch(f"/channels/{shop.channel}", {"enabled": enabled})


# -- what is seen --------------------------------------------------------------------------------------


class Inbox:
    """A client of /realtime: when each text was first seen."""

    def __init__(self) -> None:
        self._seen: dict[str, float] = {}
        self._news = asyncio.Condition()
        self._over = False

    async def listen(self, socket: ClientConnection) -> None:
        try:
            await self._read(socket)
        finally:
            self._over = True
            async with self._news:
                self._news.notify_all()

    async def _read(self, socket: ClientConnection) -> None:
        async for data in socket:
            at, said = time.perf_counter(), json.loads(data)
            frames = cast("list[dict[str, Any]]", said if isinstance(said, list) else [said])
            async with self._news:
                for frame in frames:
                    if frame.get("t") == "ping":
                        await socket.send('{"t":"pong"}')
                    event = frame.get("d") if frame.get("t") == "ev" else None
                    if event is not None and event["e"] == "message.new":
                        self._seen.setdefault(event["msg"]["parts"][0].get("body", ""), at)
                self._news.notify_all()

    async def has(self, text: str) -> float:
        """When it was seen, waiting for it. Raises TimeoutError."""
        async with asyncio.timeout(RIGHT_WITHIN), self._news:
            await self._news.wait_for(lambda: text in self._seen or self._over)
            assert text in self._seen, "the server has closed the connection"
            return self._seen[text]


@asynccontextmanager
async def listening(town: Bridged) -> AsyncGenerator[Inbox]:
    inbox, where = Inbox(), town.process.url.replace("http", "ws", 1)
    headers = {"Authorization": f"Bearer {town.install.token}"}
    async with connect(f"{where}/realtime", additional_headers=headers, max_size=None) as socket:
        await socket.send(json.dumps({"t": "hello", "v": 1, "streams": {}}))
        listening = asyncio.create_task(inbox.listen(socket))
        try:
            yield inbox
        finally:
            listening.cancel()
            await asyncio.wait({listening})


def cpu_of(pid: int) -> float:
    """Seconds of processor time so far, all threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(town: Bridged) -> str:
    """What the server and each bridge take: resident, and of that what nobody else uses."""
    pids = [town.process.pid, *(pid for shop in town.shops if (pid := town.bridge(shop)) is not None)]
    said = [f"{resident:.0f} MB ({private:.0f} private)" for resident, private in map(_memory, pids)]
    return f"memory of the server {said[0]}, of its {len(said) - 1} bridges " + ", ".join(said[1:])


def _memory(pid: int) -> tuple[float, float]:
    """Megabytes: resident, private."""
    kib = {
        name: int(rest.split()[0])
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
        for name, _, rest in [line.partition(":")]
    }
    return kib["Rss"] / 1024, (kib["Private_Clean"] + kib["Private_Dirty"]) / 1024
