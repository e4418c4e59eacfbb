"""The ground of a scenario: simulator, install, process and operator, put together and taken apart."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from fixtures.tables import bring_tables
from msgspec import Struct, structs

from jackfield.settings import Settings as OurSettings
from jackfield_whatsapp_api.simulator import Callback, Customer, Number, Settings, Simulator

from .install import VERIFY, Install, make_install
from .operator import Operator, operator_at
from .process import Process, process_of
from .wire import Wire, wire_to


class Wish(Struct, frozen=True, kw_only=True):
    """What a run was asked for. `folder`: empty, and only this scenario's."""

    seed: int
    seconds: float
    folder: Path


class Ground(Struct, frozen=True, kw_only=True):
    """Jackfield reaches the simulator over `provider`, a wire."""

    sim: Simulator
    numbers: tuple[Number, ...]
    customers: tuple[Customer, ...]
    install: Install
    process: Process
    operator: Operator
    provider: Wire
    luck: random.Random


def provider_settings(callback: str) -> Settings:
    """A quick provider without limits of pace: what is tested is not its patience."""
    return structs.replace(paced_settings(callback), number_per_second=100_000, pair_every=0.000_01)


def paced_settings(callback: str) -> Settings:
    """A quick provider with the limits that the real one has."""
    return Settings(
        callback=Callback(url=callback, verify_token=VERIFY),
        sent_after=0.02,
        delivered_after=0.02,
        webhook_timeout=15,
        retry_first=0.2,
        retry_most=1,
    )


def people(sim: Simulator, many: int) -> tuple[Customer, ...]:
    return tuple(sim.add_customer(f"+1555{place:07d}", f"Customer {place}") for place in range(many))


@asynccontextmanager
async def ground_of(
    wish: Wish, *, numbers: int = 1, customers: int = 20, start: bool = True, paced: bool = False
) -> AsyncGenerator[Ground]:
    """One process on SQLite, running unless `start` says otherwise. `paced`: the provider has its limits."""
    provider_of = paced_settings if paced else provider_settings
    async with AsyncExitStack() as stack:
        process = await stack.enter_async_context(process_of({}, wish.folder / "jackfield.log"))
        sim = await stack.enter_async_context(
            Simulator.start(provider_of(f"{process.url}/hooks/whatsapp_api"))
        )
        provider = await stack.enter_async_context(wire_to(int(sim.url.rpartition(":")[2])))
        sim.world.url = provider.url  # files, too, come over the wire
        lines = tuple(sim.add_number(f"+44700000{place:04d}", f"Shop {place}") for place in range(numbers))
        who = people(sim, customers)
        settings = OurSettings(data=wish.folder / "data")
        bring_tables(settings.data)
        install = await make_install(settings, sim, lines, api_base=provider.url)
        process.environ.update(install.environ)
        operator = await stack.enter_async_context(operator_at(process.url, install.token))
        if start:
            await process.start()
        yield Ground(
            sim=sim,
            numbers=lines,
            customers=who,
            install=install,
            process=process,
            operator=operator,
            provider=provider,
            luck=random.Random(wish.seed),
        )
