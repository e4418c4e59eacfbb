"""Two processes: who is connected to the one sees what the other commits, over however bad a bus."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import msgspec
import pytest
from fixtures.nats import NatsServer
from realtime_world import Client, Desk, Process, open_desk

from jackfield.bus import Bus, decode_rows, encode_rows, open_bus
from jackfield.bus.memory import MemoryBus
from jackfield.settings import Settings

Handler = Callable[[bytes], None]


class HostileBus:
    """Another bus, over which this process hears badly: stream rows are lost, doubled and in disorder.

    `deaf`: what comes of these subjects is lost altogether.
    """

    def __init__(self, bus: Bus, seed: int) -> None:
        self._bus, self._luck = bus, random.Random(seed)
        self.broken, self.deaf = 0, ("nothing",)

    @property
    def connected(self) -> bool:
        return self._bus.connected

    async def publish(self, subject: str, data: bytes) -> None:
        await self._bus.publish(subject, data)

    async def settle(self) -> None:
        await self._bus.settle()

    def on_reconnect(self, call: Callable[[], None]) -> Callable[[], None]:
        return self._bus.on_reconnect(call)

    def subscribe(self, subject: str, handler: Handler) -> Callable[[], None]:
        held: list[bytes] = []

        def badly(data: bytes) -> None:
            if subject.startswith(self.deaf):
                return
            if not subject.startswith("stream."):
                handler(data)
                return
            for row in decode_rows(data):
                self._one(encode_rows([row]), held, handler)

        return self._bus.subscribe(subject, badly)

    def _one(self, row: bytes, held: list[bytes], handler: Handler) -> None:
        fate = self._luck.random()
        self.broken += fate < 0.6
        if fate < 0.2:
            return
        if fate < 0.4:
            held.append(row)
            return
        for _ in range(2 if fate < 0.6 else 1):
            handler(row)
        if held and self._luck.random() < 0.5:
            handler(held.pop(self._luck.randrange(len(held))))


@pytest.fixture(params=["inside", "nats"])
def bus_url(request: pytest.FixtureRequest) -> str:
    if request.param == "inside":
        return ""
    server: NatsServer = request.getfixturevalue("nats")
    return server.url


@asynccontextmanager
async def buses(url: str) -> AsyncGenerator[tuple[Bus, Bus]]:
    """Of two processes; inside one there is only one."""
    if not url:
        only = MemoryBus()
        yield only, only
        return
    async with open_bus(url) as here, open_bus(url) as there:
        yield here, there


async def heard_all(desk: Desk, client: Client, who: str, start: int) -> None:
    operator = desk.actors[who].operator
    wanted = await desk.log(operator, start)
    await client.reach(desk.ws, wanted[-1])
    assert client.events == wanted


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_bus_that_loses_doubles_and_disorders_hides_nothing(
    settings: Settings, bus_url: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jackfield.web.realtime.hub.SWEEP", 0.1)  # the end of a burst may be lost too
    async with buses(bus_url) as (here, there), open_desk(settings, here) as desk:
        badly = HostileBus(there, seed)
        async with (
            Process(desk, here, True).running() as one,
            Process(desk, badly, True).running() as two,
            Process(desk, badly, False).running() as three,
            one.client() as well,
            two.client() as first,
            three.client("admin") as second,
        ):
            for client in (well, first, second):
                await client.begin()
            start, luck = await desk.seq(), random.Random(seed)
            audiences = (None, None, desk.actors["operator"].operator, desk.actors["admin"].operator)
            for _ in range(150):
                await desk.happen(luck.choice(audiences), None)
            for client, who in ((well, "operator"), (first, "operator"), (second, "admin")):
                await heard_all(desk, client, who, start)
            assert badly.broken > 100


async def test_a_bus_that_brings_nothing_at_all_only_makes_it_slower(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jackfield.web.realtime.hub.SWEEP", 0.1)
    async with open_desk(settings, MemoryBus()) as desk:
        deaf = HostileBus(desk.world.bus, 1)
        deaf.deaf = ("stream.",)
        async with Process(desk, deaf, True).running() as server, server.client() as client:
            await client.begin()
            start = await desk.seq()
            for _ in range(20):
                await desk.happen()
            await heard_all(desk, client, "operator", start)


async def test_what_was_not_heard_is_read_when_the_next_is_heard(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jackfield.web.realtime.hub.SWEEP", 3600)  # not found by looking now and then
    async with open_desk(settings, MemoryBus()) as desk:
        hard = HostileBus(desk.world.bus, 1)
        async with Process(desk, hard, True).running() as server, server.client() as client:
            await client.begin()
            start = await desk.seq()
            hard.deaf = ("stream.",)
            await desk.happen(None, None, None)
            await asyncio.sleep(0.1)  # the bus has brought it, to deaf ears

            def straight(row: bytes, _: list[bytes], handler: Handler) -> None:
                handler(row)

            monkeypatch.setattr(hard, "_one", straight)
            hard.deaf = ("nothing",)
            await desk.happen()
            await heard_all(desk, client, "operator", start)


async def test_rights_that_changed_unheard_are_found_with_the_next_heartbeat(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jackfield.web.realtime.session.HEARTBEAT", 0.3)
    async with open_desk(settings, MemoryBus()) as desk:
        deaf = HostileBus(desk.world.bus, 1)
        deaf.deaf = ("operator.",)
        async with Process(desk, deaf, True).running() as server, server.client() as client:
            await client.begin()
            actor = desk.actors["operator"]
            desk.actors["operator"] = msgspec.structs.replace(actor, roles={})
            assert (await client.until("reset"))["why"] == "rights"
            del desk.actors["operator"]
            assert await client.closed() == 4009


async def test_two_processes_on_nats_tell_the_same(settings: Settings, nats: NatsServer) -> None:
    async with (
        buses(nats.url) as (here, there),
        open_desk(settings, here) as desk,
        Process(desk, here, True).running() as one,
        Process(desk, there, True).running() as two,
        one.client() as first,
        two.client("admin") as second,
    ):
        me, other = desk.actors["operator"].operator, desk.actors["admin"].operator
        await first.begin()
        await second.begin()
        start = await desk.seq()
        for _ in range(20):
            await desk.happen(None, me, other, None)
        await asyncio.gather(
            heard_all(desk, first, "operator", start), heard_all(desk, second, "admin", start)
        )
