"""kill -9 while messages come in, while they go out, and between the last write and the commit."""

from __future__ import annotations

import asyncio
import time

from chaos.audit import audit_inbound, audit_outbound, unread_is_right
from chaos.figures import Figures, together
from chaos.ground import Ground, Wish, ground_of
from chaos.install import LEASE, Install
from chaos.operator import Operator
from chaos.traffic import Answers, Customers, conversations, settled, writing
from jackfield import ids
from jackfield_whatsapp_api.simulator import Hang, Simulator

KILLS = 20  # at least, however few seconds there are, in a long run
SHORT = 30.0  # seconds; a run that is given less than this is a short one


def kills_wanted(wish: Wish) -> int:
    return KILLS if wish.seconds >= SHORT else 2


async def ingest_kills(wish: Wish) -> Figures:
    """Customers write in bursts while the process is killed and started again."""
    async with ground_of(wish) as ground:
        customers = Customers(ground.sim, ground.numbers, ground.customers, ground.luck)
        started, kills = time.monotonic(), 0
        async with writing(customers, every=0.03):
            while kills < kills_wanted(wish) or time.monotonic() - started < wish.seconds:
                await asyncio.sleep(ground.luck.uniform(0.05, 0.6))
                await ground.process.kill()
                kills += 1
                await ground.process.start()
        await settled(ground.install, ground.sim)
        await ground.process.stop()
        found = await audit_inbound(ground.install, ground.sim, customers.written)
        unread = await unread_is_right(ground.install, customers.written)
    return together([found, Figures(kills=kills, wrong=tuple(unread))])


async def sending_kills(wish: Wish) -> Figures:
    """An operator answers in many conversations while the process is killed and started again; at the
    end a person sends again what is unknown and never arrived, and then everything has arrived once."""
    async with ground_of(wish) as ground:
        places = await greeted(ground)
        answers = Answers(ground.operator, places, ground.luck)
        started, kills = time.monotonic(), 0
        async with answers.going_on():
            while kills < kills_wanted(wish) or time.monotonic() - started < wish.seconds:
                slow_to_answer(ground)
                await asyncio.sleep(ground.luck.uniform(0.05, 0.4) + lanes_run(kills))
                await ground.process.kill()
                kills += 1
                await ground.process.start()
        await settled(ground.install, ground.sim)
        found = await audit_outbound(ground.install, ground.sim, ground.operator.commands)
        after = await sent_again(ground.install, ground.sim, ground.operator)
        await ground.process.stop()
    return together([found, after, Figures(kills=kills)])


def lanes_run(kills: int) -> float:
    """Two of three times long enough for the lease of the killed process to run out: lanes send then."""
    return 0.0 if kills % 3 == 2 else 1.7


def slow_to_answer(ground: Ground) -> None:
    """Some of the next sends are with the provider for a while, taken or not: a kill finds them there."""
    luck = ground.luck
    ground.sim.script(*(Hang(seconds=luck.uniform(0.2, 1), taken=luck.random() < 0.7) for _ in range(5)))


async def commit_kills(wish: Wish) -> Figures:
    """The process ends between the last write of a transaction and its commit, again and again."""
    kills = kills_wanted(wish)
    async with ground_of(wish, start=False) as ground:
        await ground.process.start()
        places = await greeted(ground)
        await ground.process.stop()
        customers = Customers(ground.sim, ground.numbers, ground.customers, ground.luck)
        answers = Answers(ground.operator, places, ground.luck)
        async with answers.going_on(hands=2), writing(customers, every=0.05):
            for _ in range(kills):
                # starting takes some commits by itself; the later ones come when lanes run again
                crash = f"store.commit:{ground.luck.randint(15, 120)}"
                await ground.process.start({"JACKFIELD_CRASH_AT": crash})
                await ground.process.ends(within=60)
            await ground.process.start()
        await asyncio.sleep(LEASE + 0.5)
        await settled(ground.install, ground.sim)
        outbound = await audit_outbound(ground.install, ground.sim, ground.operator.commands)
        inbound = await audit_inbound(ground.install, ground.sim, customers.written)
    return together([outbound, inbound, Figures(kills=kills)])


async def greeted(ground: Ground) -> list[str]:
    """All customers have written; the conversations that came of it."""
    Customers(ground.sim, ground.numbers, ground.customers, ground.luck).greet()
    await settled(ground.install, ground.sim)
    return [conversation for conversation, _ in await conversations(ground.install)]


async def sent_again(install: Install, sim: Simulator, operator: Operator) -> Figures:
    """A person decides about what is unknown. Only what is then wrong counts; the rest was counted."""
    rows = await install.rows("SELECT id FROM message WHERE dir = 'out' AND st = 'unknown'")
    for (number,) in rows:
        await operator.retry(ids.show("m", number))
    await settled(install, sim)
    found = await audit_outbound(install, sim, operator.commands)
    orderly = tuple(one for one in found.wrong if "out of order" not in one)  # a late one is late
    still = [f"{found.unknown} are unknown after they were sent again"] if found.unknown else []
    return Figures(lost=found.lost, doubled=found.doubled, wrong=(*orderly, *still))
