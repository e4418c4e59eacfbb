"""Two processes on one PostgreSQL and one NATS, and each of the four goes away under traffic."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from datetime import datetime
from urllib.parse import urlsplit

import asyncpg
from fixtures.nats import NatsServer, nats_server
from fixtures.postgres import PostgresServer, postgres_server
from msgspec import Struct, structs

from chaos.audit import audit_inbound, audit_outbound
from chaos.figures import Figures, together
from chaos.ground import Wish, people, provider_settings
from chaos.install import LEASE, Install, make_install
from chaos.operator import Operator, operator_at
from chaos.process import Process, process_of
from chaos.runs import running
from chaos.runs import together as runs_at_once
from chaos.traffic import Answers, Customers, conversations, settled, writing
from chaos.wire import Wire, wire_to
from chaos.witness import call_witness, testimony
from jackfield import ids
from jackfield.settings import Settings
from jackfield_whatsapp_api.simulator import Simulator

from .kills import SHORT, sent_again

AWAY, AWAY_LONG = 2.0, 10.0  # seconds a part is away: in a short run, and in a long one
NUMBERS = 4


class Cluster(Struct, frozen=True, kw_only=True):
    """`install.settings` reaches the database directly; the processes go over `database`, a wire."""

    sim: Simulator
    install: Install
    processes: tuple[Process, Process]
    operator: Operator
    database: Wire
    postgres: PostgresServer
    nats: NatsServer
    customers: Customers
    luck: random.Random
    away: float


@asynccontextmanager
async def cluster_of(wish: Wish) -> AsyncGenerator[Cluster]:
    """Both processes running; the provider and the operator reach whichever of them answers."""
    luck = random.Random(wish.seed)
    async with AsyncExitStack() as stack:
        servers = ExitStack()
        stack.push_async_callback(asyncio.to_thread, servers.close)
        postgres = await asyncio.to_thread(servers.enter_context, postgres_server())
        nats = await asyncio.to_thread(servers.enter_context, nats_server())
        url = await asyncio.to_thread(servers.enter_context, postgres.database("template1"))
        database = await stack.enter_async_context(wire_to(postgres.port))
        processes = [
            await stack.enter_async_context(process_of({}, wish.folder / f"{name}.log")) for name in "ab"
        ]
        front = await stack.enter_async_context(wire_to(*(one.port for one in processes)))
        sim = await stack.enter_async_context(
            Simulator.start(provider_settings(f"{front.url}/hooks/whatsapp_api"))
        )
        numbers = [sim.add_number(f"+44700000{place:04d}", f"Shop {place}") for place in range(NUMBERS)]
        settings = Settings(data=wish.folder / "data", database=url, bus=nats.url)
        install = await make_install(settings, sim, numbers)
        wired = f"postgres://postgres@127.0.0.1:{database.port}{urlsplit(url).path}"
        seen = structs.replace(install, settings=structs.replace(settings, database=wired))
        await call_witness(install)
        for process in processes:
            process.environ.update({**seen.environ, "JACKFIELD_LOG": "INFO"})
            await process.start()
        operator = await stack.enter_async_context(operator_at(front.url, install.token))
        yield Cluster(
            sim=sim,
            install=install,
            processes=(processes[0], processes[1]),
            operator=operator,
            database=database,
            postgres=postgres,
            nats=nats,
            customers=Customers(sim, numbers, people(sim, 10), luck),
            luck=luck,
            away=AWAY_LONG if wish.seconds >= SHORT else AWAY,
        )


async def a_process_is_killed(cluster: Cluster) -> Mapping[str, float]:
    """The one that runs most; its channels move to the other one within seconds, and go on there."""
    victim = _busiest(cluster)
    before, theirs = await _owners(cluster), running(victim.log)
    await victim.kill()
    killed = cluster.sim.now()
    back = [(first - killed).total_seconds() for first in await _first_out(cluster, before, theirs)]
    await victim.start()
    return {"first message out, s": min(back, default=0), "last channel back, s": max(back, default=0)}


async def a_process_freezes(cluster: Cluster) -> Mapping[str, float]:
    """Longer than its leases last; then it goes on and must not think that they are still its own."""
    victim = _busiest(cluster)
    victim.freeze()
    try:
        await asyncio.sleep(max(cluster.away, 2 * LEASE))
    finally:
        victim.thaw()
    return {}


async def nats_is_killed(cluster: Cluster) -> Mapping[str, float]:
    cluster.nats.kill()
    await asyncio.sleep(cluster.away)
    await asyncio.to_thread(cluster.nats.start)
    return {}


async def postgres_crashes(cluster: Cluster) -> Mapping[str, float]:
    """One of its own processes is killed: the server throws all connections out and recovers."""
    connection = await asyncpg.connect(cluster.install.settings.database)
    try:
        os.kill(await connection.fetchval("SELECT pg_backend_pid()"), signal.SIGKILL)
        await asyncio.sleep(0.2)
    finally:
        connection.terminate()
    return {}


async def postgres_is_away(cluster: Cluster) -> Mapping[str, float]:
    """Connections are torn, a commit among them perhaps, and no new ones are to be had."""
    cluster.database.down()
    await asyncio.sleep(cluster.away)
    cluster.database.up()
    return {}


Blow = Callable[[Cluster], Awaitable[Mapping[str, float]]]
BLOWS: Mapping[str, Blow] = {
    "process": a_process_is_killed,
    "freeze": a_process_freezes,
    "nats": nats_is_killed,
    "postgres": postgres_crashes,
    "wire": postgres_is_away,
}


async def two_processes(wish: Wish) -> Figures:
    """Every blow at least once, in any order, for as long as was asked for."""
    blows = list(BLOWS.values())
    random.Random(wish.seed).shuffle(blows)
    return await under_blows(wish, blows)


async def under_blows(wish: Wish, blows: list[Blow]) -> Figures:
    """Customers write and an operator answers all the while."""
    measured: dict[str, float] = {}
    async with cluster_of(wish) as cluster:
        cluster.customers.greet()
        await settled(cluster.install, cluster.sim)
        places = [place for place, _ in await conversations(cluster.install)]
        answers = Answers(cluster.operator, places, cluster.luck)
        until, count = time.monotonic() + wish.seconds, 0
        async with answers.going_on(), writing(cluster.customers, every=0.1):
            while count < len(blows) or time.monotonic() < until:
                blow = blows[count % len(blows)]
                found = await blow(cluster)
                measured |= {key: max(value, measured.get(key, 0)) for key, value in found.items()}
                count += 1
                await asyncio.sleep(cluster.luck.uniform(0.5, 1.5))
        await asyncio.sleep(2 * LEASE)
        await settled(cluster.install, cluster.sim, within=180)
        wrong, seen = await testimony(cluster.install)
        wrong += runs_at_once(one.log for one in cluster.processes)
        alive = [f"process {one.log.stem} ended" for one in cluster.processes if one.ended]
        inbound = await audit_inbound(cluster.install, cluster.sim, cluster.customers.written)
        outbound = await audit_outbound(cluster.install, cluster.sim, cluster.operator.commands)
        after = await sent_again(cluster.install, cluster.sim, cluster.operator)
    return together(
        [inbound, outbound, after, Figures(kills=count, wrong=(*alive, *wrong), measured=measured | seen)]
    )


def _busiest(cluster: Cluster) -> Process:
    return max(cluster.processes, key=lambda one: len(running(one.log)))


async def _owners(cluster: Cluster) -> dict[int, str]:
    return dict(await cluster.install.rows("SELECT id, lease_owner FROM channel"))


async def _first_out(cluster: Cluster, before: Mapping[int, str], channels: set[int]) -> list[datetime]:
    """When the provider first got something through each of these from another owner than before.

    Raises TimeoutError.
    """
    numbers = {number: channel for number, channel in cluster.install.channels.items() if channel in channels}
    sql = "SELECT message_id, owner FROM outbox WHERE op = 'send'"
    async with asyncio.timeout(30):
        while True:
            claimed = {ids.show("m", message): owner for message, owner in await cluster.install.rows(sql)}
            firsts: dict[str, datetime] = {}
            for one in cluster.sim.messages.values():
                if one.number in numbers and claimed.get(one.tracker, "") not in (
                    "",
                    before[numbers[one.number]],
                ):
                    firsts.setdefault(one.number, one.at)
            if firsts.keys() == numbers.keys():
                return list(firsts.values())
            await asyncio.sleep(0.2)
