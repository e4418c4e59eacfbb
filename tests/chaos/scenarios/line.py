"""A bad line between the page and the server: in the end the page knows what the server knows."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import aiohttp
from hostile_client import End, Person, clients_at
from hostile_wire import HostileWire

from chaos.figures import Figures
from chaos.ground import Ground, Wish, ground_of
from chaos.traffic import Customers, settled, writing
from jackfield.ids import new_id, show
from jackfield.inbox.derive import derive
from jackfield.store.store import open_store
from jackfield.store.tables import Operator, Session
from jackfield.web.auth.keys import digest, new_key
from jackfield.web.clock import now_ms
from jackfield.web.works import SetRole

HASTE = 20.0  # a minute of silence is over in three seconds
STALL = 4.0  # seconds
RATE = 0.12
ONLINE = {"anna": 2, "ben": 1, "cleo": 1}  # tabs by operator


async def _people(ground: Ground) -> tuple[dict[str, int], list[Person]]:
    """Operators of the workspace with their sessions, made before the process is there."""
    settings = ground.install.settings
    (workspace,) = ground.install.workspaces.values()
    cookie = f"jackfield-{ground.process.port}"
    numbers: dict[str, int] = {}
    people: list[Person] = []
    async with open_store(settings, derive=derive) as store:
        for name, tabs in ONLINE.items():
            who = await Operator.create(
                id=new_id(), email=f"{name}@example.org", name=name, staff=False, created_at=1
            )
            numbers[name] = who.id
            await store.writer.do(SetRole(workspace=workspace, operator=who.id, role="admin"))
            for tab in range(tabs):
                key, now = new_key(), now_ms()
                await Session.create(
                    id=new_id(),
                    operator_id=who.id,
                    token=digest(key),
                    csrf=new_key(),
                    created_at=now,
                    seen_at=now,
                    expires_at=now + 86_400_000,
                )
                people.append(Person(cookie=f"{cookie}={key}", name=f"{name}{tab}"))
    return numbers, people


@asynccontextmanager
async def _coming_and_going(ground: Ground, who: int, luck: random.Random) -> AsyncGenerator[None]:
    """One of them is let in and sent out of the workspace, again and again; in the end he is in."""
    (workspace,) = ground.install.workspaces.values()
    place = f"{ground.process.url}/api/v1/workspaces/{show('w', workspace)}/operators"
    headers = {"Authorization": f"Bearer {ground.install.token}"}

    async def come(http: aiohttp.ClientSession) -> None:
        async with http.post(
            place, json={"email": "cleo@example.org", "name": "cleo", "role": "admin"}
        ) as said:
            assert said.status in (200, 201, 409), await said.text()

    async def go_on(http: aiohttp.ClientSession) -> None:
        while True:
            await asyncio.sleep(luck.uniform(2, 6))
            async with http.delete(f"{place}/{show('o', who)}") as said:
                assert said.status < 300, await said.text()
            await asyncio.sleep(luck.uniform(0, 1))
            await come(http)

    async with aiohttp.ClientSession(headers=headers) as http:
        task = asyncio.create_task(go_on(http))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})
            await come(http)
            if not task.cancelled():
                await task


async def bad_line(wish: Wish) -> Figures:
    """Operators work in the page's own client, customers write, and the line does all a line can do."""
    async with ground_of(wish, customers=12, start=False) as ground:
        numbers, people = await _people(ground)
        await ground.process.start()
        customers = Customers(ground.sim, ground.numbers, ground.customers, ground.luck)
        customers.greet()
        await settled(ground.install, ground.sim)
        upstream = ground.process.url.replace("http", "ws", 1)
        hostile = HostileWire(upstream, seed=wish.seed, rate=RATE, stall=STALL)
        async with (
            hostile.running() as wire,
            clients_at(
                url=ground.process.url,
                wire=wire.url,
                people=people,
                seed=wish.seed,
                haste=HASTE,
                folder=wish.folder,
            ) as clients,
        ):
            async with writing(customers, 0.4), _coming_and_going(ground, numbers["cleo"], ground.luck):
                await asyncio.sleep(max(wish.seconds, 10))
            wire.calm()
            ends = await clients.end()
        return await _figures(ground, wire, ends)


async def _figures(ground: Ground, wire: HostileWire, ends: Sequence[End]) -> Figures:
    rows = await ground.install.rows("SELECT text FROM message WHERE dir IN ('out', 'note')")
    stored = Counter(str(text) for (text,) in rows)
    said = [text for end in ends for text in end.said]
    kept = [text for text in said if stored[text]]
    refused = Counter[str]()
    for end in ends:
        refused.update(end.refused)
    return Figures(
        kills=wire.faults.total(),
        sent=len(kept),
        doubled=tuple(f"{text!r} is stored {stored[text]} times" for text in said if stored[text] > 1),
        wrong=tuple(f"{end.name}: {one}" for end in ends for one in end.wrong),
        measured={
            **{name.replace("-", " "): count for name, count in sorted(wire.faults.items())},
            "connections": wire.connections,
            "boots": sum(end.boots for end in ends),
            "commands": sum(end.done for end in ends),
            **{f"refused {code}": count for code, count in sorted(refused.items())},
        },
    )
