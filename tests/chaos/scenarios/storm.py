"""As fast as one number may send, while the provider refuses: whole squalls, and single customers."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager

from chaos.audit import audit_outbound
from chaos.figures import Figures, together
from chaos.ground import Wish, ground_of
from chaos.operator import Operator
from chaos.traffic import settled
from jackfield_whatsapp_api.simulator import Refuse, Simulator
from jackfield_whatsapp_api.simulator.ledger import Entry, Ledger

from .kills import greeted

RATE = 80  # messages a second: what a number may send
HANDS = 16  # commands under way
TOO_FAST, PAIR = 130429, 131056
CHANCE = 0.05  # of a send that its customer was sent too much
REST = 1.0  # seconds: the least that a refused customer is left in peace; then four times as long each time


async def rate_storm(wish: Wish) -> Figures:
    """Every message arrives once and in order, and no limit is exceeded as the provider sees it."""
    many = max(20, round(wish.seconds * RATE / 24))  # well below what one customer may be sent
    async with ground_of(wish, customers=many, paced=True) as ground:
        places = await greeted(ground)
        started = time.monotonic()
        async with _storm(ground.sim, ground.luck):
            await _offered(ground.operator, places, round(wish.seconds * RATE), ground.luck)
            offered = time.monotonic() - started
        await settled(ground.install, ground.sim, within=60 + 4 * wish.seconds)
        took = time.monotonic() - started
        found = await audit_outbound(ground.install, ground.sim, ground.operator.commands)
        states = await ground.install.rows("SELECT st, COUNT(*) FROM message WHERE dir = 'out' GROUP BY st")
    (tally,) = ground.sim.ledger.tallies()
    measured = {
        "offered/s": wish.seconds * RATE / offered,
        "all out after, s": took,
        "most in a second": tally.per_second,
        "refused 130429": tally.refused.get(TOO_FAST, 0),
        "refused 131056": tally.refused.get(PAIR, 0),
    }
    wrong = [*_not_delivered(dict(states)), *_over(ground.sim.ledger), *_hasty(ground.sim.ledger.entries)]
    if not (measured["refused 130429"] and measured["refused 131056"]):
        wrong.append(f"there was no storm: {tally.refused}")
    return together([found, Figures(wrong=tuple(wrong), measured=measured)])


async def _offered(operator: Operator, places: Sequence[str], many: int, luck: random.Random) -> None:
    """So many commands, each at its time. Those of one conversation come one after the other."""
    started, todo = time.monotonic(), iter(range(many))
    order = [place for _ in range(many // len(places) + 1) for place in luck.sample(places, len(places))]
    turns = defaultdict[str, asyncio.Lock](asyncio.Lock)

    async def hand() -> None:
        for number in todo:
            await asyncio.sleep(max(0.0, started + number / RATE - time.monotonic()))
            async with turns[order[number]]:
                await operator.send(order[number], f"message {number}")

    async with asyncio.TaskGroup() as group:
        for _ in range(HANDS):
            group.create_task(hand())


@asynccontextmanager
async def _storm(sim: Simulator, luck: random.Random) -> AsyncGenerator[None]:
    """One customer in twenty refused all the while, and every few seconds nothing gets through at all."""
    sim.scenario("", Refuse(code=PAIR, times=0, chance=CHANCE), seed=luck.randrange(2**32))

    async def squalls() -> None:
        while True:
            await asyncio.sleep(luck.uniform(0.3, 2))
            sim.script(Refuse(code=TOO_FAST, retry_after=1, times=0, lasts=luck.uniform(0.1, 1)))
            await asyncio.sleep(luck.uniform(0, 5))

    task = asyncio.create_task(squalls(), name="squalls")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
        sim.scenario()


def _not_delivered(states: dict[str, int]) -> list[str]:
    return [f"{count} messages are {st}" for st, count in states.items() if st not in ("delivered", "read")]


def _over(ledger: Ledger) -> list[str]:
    return [f"a limit was exceeded: {one}" for one in ledger.over]


def _hasty(entries: Iterable[Entry]) -> list[str]:
    """Customers that were tried again too soon after they had been refused, the second time and so on."""
    wrong: list[str] = []
    refused: dict[str, tuple[float, float]] = {}  # since when, and for how long
    for one in entries:
        since, rest = refused.get(one.user, (0.0, 0.0))
        if one.at - since < rest:
            wrong.append(f"{one.user} was tried again after {one.at - since:.2f} s, not {rest}")
        if one.code == PAIR:
            refused[one.user] = (one.at, rest * 4 or REST)
        elif not one.code:
            refused.pop(one.user, None)
    return wrong
