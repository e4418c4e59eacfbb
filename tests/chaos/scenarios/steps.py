"""kill -9 between every two steps of one send, with the provider having or not having the message."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from chaos.audit import ARRIVED, audit_inbound, audit_outbound
from chaos.figures import Figures, together
from chaos.ground import Ground, Wish, ground_of
from chaos.install import LEASE
from chaos.traffic import Answers, Customers, settled, writing
from jackfield_whatsapp_api.simulator import Hang

from .kills import greeted

HANGS = 2.0  # seconds the provider keeps silent while the process is killed


class Step(Struct, frozen=True, kw_only=True):
    """Where it ends: at a crash point, or while the provider is silent. `ends`: what is shown at last.

    `has`: whether the provider has the message. Without a crash nobody is told twice either way.
    """

    crash: str = ""
    hang: bool = False
    has: bool
    unknown: bool


STEPS: Mapping[str, Step] = {
    "queued": Step(crash="outbox.queued", has=True, unknown=False),
    "found": Step(crash="outbox.found", has=True, unknown=False),
    "claimed": Step(crash="outbox.claimed", has=False, unknown=True),
    "in flight, not taken": Step(hang=True, has=False, unknown=True),
    "in flight, taken": Step(hang=True, has=True, unknown=False),
    "answered": Step(crash="outbox.answered", has=True, unknown=False),
    "landed": Step(crash="outbox.landed", has=True, unknown=False),
}


async def send_steps(wish: Wish) -> Figures:
    """Every step once."""
    parts: list[Figures] = []
    for name in STEPS:
        inner = wish.folder / name.replace(" ", "-").replace(",", "")
        inner.mkdir()
        parts.append(await one_step(name, msgspec.structs.replace(wish, folder=inner)))
    return together(parts)


async def one_step(name: str, wish: Wish) -> Figures:
    """One send, killed at one step; the process starts again, and the outcome is looked at."""
    step = STEPS[name]
    async with ground_of(wish, customers=1, start=False) as ground:
        await ground.process.start({"JACKFIELD_CRASH_AT": step.crash})
        (place,) = await greeted(ground)
        if step.hang:
            ground.sim.settings.sent_after = 2 * HANGS  # its first status comes after the kill
            ground.sim.script(Hang(seconds=HANGS, taken=step.has))
        asked = asyncio.create_task(ground.operator.send(place, f"killed at: {name}"))
        if step.hang:
            await asked
            await _on_its_way(ground)
            await ground.process.kill()
        await ground.process.ends(within=20)
        await ground.process.start()
        await asked
        await asyncio.sleep(LEASE + 0.5)  # then the dead process's lease is over, and its rows are found
        await settled(ground.install, ground.sim)
        found = await audit_outbound(ground.install, ground.sim, ground.operator.commands)
        ((st,), *_) = await ground.install.rows("SELECT st FROM message WHERE dir = 'out'")
        taken = sum(1 for one in ground.sim.messages.values() if one.by == "business")
    wrong = [*found.wrong]
    if taken != int(step.has) or (st == "unknown") != step.unknown or (st in ARRIVED) == step.unknown:
        wrong.append(f"killed at {name!r}: shown as {st}, the provider has it {taken} times")
    return msgspec.structs.replace(found, kills=1, wrong=tuple(wrong))


async def _on_its_way(ground: Ground) -> None:
    """Wait until the message is with the provider, who is silent about it."""
    sql = "SELECT COUNT(*) FROM outbox WHERE state = 'sending'"
    async with asyncio.timeout(10):
        while await ground.install.rows(sql) != [(1,)]:  # noqa: ASYNC110  # another process has no event
            await asyncio.sleep(0.05)
    await asyncio.sleep(HANGS / 4)


async def commit_kills(wish: Wish) -> Figures:
    """The process ends between the last write of a transaction and its commit, again and again."""
    rounds = max(2, round(wish.seconds / 5))
    async with ground_of(wish, start=False) as ground:
        await ground.process.start()
        places = await greeted(ground)
        customers = Customers(ground.sim, ground.numbers, ground.customers, ground.luck)
        answers = Answers(ground.operator, places, ground.luck)
        async with answers.going_on(hands=2), writing(customers, every=0.05):
            for _ in range(rounds):
                await ground.process.stop()
                crash = f"store.commit:{ground.luck.randint(15, 60)}"  # starting takes some by itself
                await ground.process.start({"JACKFIELD_CRASH_AT": crash})
                await ground.process.ends(within=30)
                await ground.process.start()
                await asyncio.sleep(ground.luck.uniform(0, LEASE))
        await asyncio.sleep(LEASE + 0.5)
        await settled(ground.install, ground.sim)
        outbound = await audit_outbound(ground.install, ground.sim, ground.operator.commands)
        inbound = await audit_inbound(ground.install, ground.sim, customers.written)
    return together([outbound, inbound, Figures(kills=rounds)])
