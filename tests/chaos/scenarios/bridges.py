"""kill -9 of bridges, of the server above them, and of both, while people write and are answered."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from itertools import count

import aiohttp

from chaos.bridge_audit import audit_heard, audit_said, unknown
from chaos.bridged import Bridged, bridged
from chaos.figures import Figures, together
from chaos.ground import Wish
from chaos.scenarios.kills import SHORT

KILLS, SHORT_KILLS = 100, 5
WHAT = ("bridge", "bridge", "server", "both")
BACKLOG = 3  # answers that wait to leave
SETTLES = 120.0  # seconds until everything has to be at rest


async def bridge_kills(wish: Wish) -> Figures:
    """Customers write, an operator answers; what is killed is drawn, and when. At the end everything has
    arrived once each way, or nobody knows: then a person sends it again, and it has arrived once."""
    long = wish.seconds >= SHORT
    wanted, pause = (KILLS, 3.0) if long else (SHORT_KILLS, 1.0)
    luck = random.Random(wish.seed)
    async with bridged(wish.folder, customers=4 if long else 2) as ground:
        talk = Talk(ground, luck)
        await talk.begin()
        began, kills = time.monotonic(), Counter[str]()
        async with talk.going_on(), minded(ground) as mended:
            while kills.total() < wanted or time.monotonic() - began < wish.seconds:
                what = luck.choice(WHAT)
                await within_reach(ground, luck, pause)
                await kill(ground, what)
                kills[what] += 1
        async with minded(ground):
            await at_rest(ground)
        found = [await audit_heard(ground), await audit_said(ground, talk.said)]
        if again := await unknown(ground):
            for message in again:
                await ground.operator.retry(message)
            await at_rest(ground)
        after = await audit_said(ground, talk.said, late=again)
        left = [f"{after.unknown} are unknown after they were sent again"] if after.unknown else []
        await ground.process.stop()
    measured = {f"kills of {what}": float(number) for what, number in sorted(kills.items())}
    measured["started again by a person"] = float(mended[0])
    decided = Figures(lost=after.lost, doubled=after.doubled, wrong=(*after.wrong, *left))
    return together([*found, decided, Figures(kills=kills.total(), measured=measured)])


class Talk:
    """What is written and answered. `said`: the text of each answer by its message."""

    def __init__(self, ground: Bridged, luck: random.Random) -> None:
        self._ground, self._luck = ground, luck
        self._numbers, self._answers = count(1), count(1)
        self._places: list[str] = []
        self.said: dict[str, str] = {}

    async def begin(self) -> None:
        """Everybody writes once, and can be answered."""
        for customer in self._ground.customers:
            await customer.write(f"message {next(self._numbers)}")
        async with asyncio.timeout(SETTLES):
            while len(self._places) < len(self._ground.customers):
                found = await self._ground.operator.get("/conversations")
                self._places = [one["id"] for one in found["items"]]

    @asynccontextmanager
    async def going_on(self) -> AsyncGenerator[None]:
        """At the end every command has been answered."""
        end = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            writing = [
                tasks.create_task(self._write(number)) for number in range(len(self._ground.customers))
            ]
            tasks.create_task(self._answer(end))
            try:
                yield
            finally:
                end.set()
                for task in writing:
                    task.cancel()

    async def _write(self, who: int) -> None:
        customer = self._ground.customers[who]
        while True:
            for _ in range(self._luck.randint(1, 4)):
                await customer.write(f"message {next(self._numbers)}")
            await asyncio.sleep(self._luck.uniform(0, 3))

    async def _answer(self, end: asyncio.Event) -> None:
        """About as fast as a linked account may: what piled up while it could not goes first."""
        waiting = "SELECT COUNT(*) FROM outbox WHERE op = 'send' AND state IN ('waiting', 'sending')"
        while not end.is_set():
            while (await self._ground.install.rows(waiting))[0][0] > BACKLOG and not end.is_set():  # noqa: ASYNC110  # another process has no event
                await asyncio.sleep(0.2)
            text = f"answer {next(self._answers)}"
            self.said[await self._ground.operator.send(self._luck.choice(self._places), text)] = text
            with suppress(TimeoutError):
                async with asyncio.timeout(self._luck.uniform(1, 4)):
                    await end.wait()


async def within_reach(ground: Bridged, luck: random.Random, pause: float) -> None:
    """Until a moment that is worth a kill: mostly while it works, sometimes while it starts. `pause`:
    seconds at most in which it is left alone."""
    (shop,) = ground.shops
    if luck.random() < 0.8:
        await ground.stands(shop, within=SETTLES)
        await asyncio.sleep(luck.uniform(0.1, pause))
    else:
        async with asyncio.timeout(SETTLES):
            while ground.bridge(shop) is None:  # noqa: ASYNC110  # another process has no event
                await asyncio.sleep(0.02)
        await asyncio.sleep(luck.uniform(0, min(pause, 1)))


async def kill(ground: Bridged, what: str) -> None:
    (shop,) = ground.shops
    if what != "server":
        ground.kill_bridge(shop)
    if what != "bridge":
        await ground.process.kill()
        await ground.process.start()


@asynccontextmanager
async def minded(ground: Bridged) -> AsyncGenerator[list[int]]:
    """A person starts a channel again that crashed too often. What it yields: how many times so far."""
    times = [0]

    async def mind() -> None:
        (shop,) = ground.shops
        while True:
            await asyncio.sleep(0.5)
            with suppress(aiohttp.ClientError, TimeoutError):
                if (await ground.operator.get(f"/channels/{shop.channel}"))["state"] == "stopped":
                    times[0] += 1
                    for enabled in (False, True):
                        await ground.operator.patch(f"/channels/{shop.channel}", {"enabled": enabled})

    async with AsyncExitStack() as stack:
        minding = asyncio.create_task(mind())
        stack.push_async_callback(asyncio.wait, {minding})
        stack.callback(minding.cancel)
        yield times


async def at_rest(ground: Bridged) -> None:
    """Wait until nothing waits to leave, all that was written is stored, and what arrived has been told.

    Raises TimeoutError only if something still waits to leave: what is lost is the audit's to say.
    """
    (shop,) = ground.shops
    waiting = "SELECT COUNT(*) FROM outbox WHERE state IN ('waiting', 'sending')"
    async with asyncio.timeout(SETTLES):
        await ground.stands(shop)
        while (await ground.install.rows(waiting))[0][0]:  # noqa: ASYNC110  # another process has no event
            await asyncio.sleep(0.2)
    with suppress(TimeoutError):
        async with asyncio.timeout(10):
            while not await _all_told(ground):  # noqa: ASYNC110  # another process has no event
                await asyncio.sleep(0.2)


async def _all_told(ground: Bridged) -> bool:
    stored = "SELECT COUNT(*) FROM message WHERE dir = 'in'"
    unsaid = "SELECT COUNT(*) FROM message WHERE dir = 'out' AND st NOT IN ('delivered', 'read')"
    written = sum(len(customer.written) for customer in ground.customers)
    return (await ground.install.rows(stored))[0][0] >= written and not (await ground.install.rows(unsaid))[
        0
    ][0]
