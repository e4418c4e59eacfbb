"""kill -9 between every two steps of one send, with the provider taking or not taking the message."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec import Struct

from chaos.audit import ARRIVED, audit_outbound
from chaos.figures import Figures, together
from chaos.ground import Ground, Wish, ground_of
from chaos.traffic import settled
from jackfield_whatsapp_api.simulator import Hang, Refuse

from .kills import greeted

LONG = 10.0  # seconds that are wished for, from which on everything is played
HANGS = 2.0  # seconds the provider keeps silent while the process is killed
UNDELIVERABLE = 131026

ASKED = "outbox.asked"
IN_FLIGHT = "in flight"

End = Literal["arrived", "failed", "unknown"]


class Ends(Struct, frozen=True):
    """What a message is at last, if the process ended at a step: with a provider who takes it, and with
    one who does not."""

    taken: End
    refused: End


SENT_LATER = Ends("arrived", "failed")  # nothing has left: it does when the process is there again
NOT_SENT = Ends("unknown", "unknown")  # nothing has left, but nobody can know
IN_DOUBT = Ends("arrived", "unknown")  # only the provider knows, and tells of what he has
KNOWN = Ends("arrived", "failed")

# Every step of jackfield.crash but the commit, in the order of a send; the commits after the step
# before them; and the time in which only the provider acts, which is a step of ours as well.
STEPS: Mapping[str, Ends] = {
    ASKED: SENT_LATER,
    "outbox.asked store.commit": SENT_LATER,
    "outbox.queued": SENT_LATER,
    "outbox.found": SENT_LATER,
    "outbox.found store.commit": SENT_LATER,
    "outbox.claimed": NOT_SENT,
    IN_FLIGHT: IN_DOUBT,
    "outbox.answered": IN_DOUBT,
    "outbox.answered store.commit": IN_DOUBT,
    "outbox.landed": KNOWN,
}


class Case(Struct, frozen=True, kw_only=True):
    """One kill."""

    step: str
    taken: bool
    ends: End

    @property
    def name(self) -> str:
        return f"{self.step}, {'taken' if self.taken else 'not taken'}"

    @property
    def hangs(self) -> bool:
        return self.step == IN_FLIGHT

    def wish(self, armed_by: int) -> str:
        """JACKFIELD_CRASH_AT of a life that first clears away what the one before left: only this
        command, counted from its start, arms the step."""
        first = f"{ASKED}:{armed_by}"
        if self.step.startswith(ASKED):
            return first + self.step.removeprefix(ASKED)
        return "" if self.hangs else f"{first} {self.step}"


def cases(*, taken: bool) -> list[Case]:
    return [
        Case(step=step, taken=taken, ends=ends.taken if taken else ends.refused)
        for step, ends in STEPS.items()
    ]


async def send_steps(wish: Wish) -> Figures:
    """Every step once with a provider who takes what he gets, and beside it once with one who does not; in
    the short form one of the two in turn."""
    turns = (slice(None), slice(None)) if wish.seconds >= LONG else (slice(0, None, 2), slice(1, None, 2))
    sides = [
        (wish.folder / side, cases(taken=side == "taken")[turn])
        for side, turn in zip(("taken", "refused"), turns, strict=True)
    ]
    for folder, _ in sides:
        folder.mkdir()
    played = (one_by_one(Wish(seed=wish.seed, seconds=0, folder=folder), todo) for folder, todo in sides)
    return together(await asyncio.gather(*played))


async def one_by_one(wish: Wish, todo: list[Case]) -> Figures:
    """One send a case, each to a customer of its own, killed at its step; the next life of the process
    finds what is left, and then the outcome is looked at."""
    wrong: list[str] = []
    asked: list[asyncio.Task[str]] = []
    places: list[str] = []
    async with ground_of(wish, customers=len(todo), start=False) as ground:
        for place, case in enumerate(todo):
            before = sum(1 for one in asked if not one.done()) if place else len(todo)
            await ground.process.start({"JACKFIELD_CRASH_AT": case.wish(before + 1)})
            if place == 0:
                places = await _greeted_and_read(ground)
            else:
                wrong += await _outcome(ground, todo[place - 1], await asked[-1])
            _provoke(ground, case)
            asked.append(asyncio.create_task(ground.operator.send(places[place], case.name)))
            if case.hangs:
                await asked[-1]
                await _on_its_way(ground)
                await ground.process.kill()
            await ground.process.ends(within=30)
            await asyncio.sleep(0.1)  # an answer that was on its way to the operator has arrived
        await ground.process.start()
        wrong += await _outcome(ground, todo[-1], await asked[-1])
        failed = {one.result() for one, case in zip(asked, todo, strict=True) if case.ends == "failed"}
        found = await audit_outbound(ground.install, ground.sim, ground.operator.commands, apart=failed)
    return msgspec.structs.replace(found, kills=len(todo), wrong=(*found.wrong, *wrong))


async def _greeted_and_read(ground: Ground) -> list[str]:
    """An answer to what is not read yet sends a read mark as well: that would take the steps with it."""
    places = await greeted(ground)
    for place in places:
        await ground.operator.read(place)
    await settled(ground.install, ground.sim)
    return places


def _provoke(ground: Ground, case: Case) -> None:
    """What the provider will do with the next send."""
    ground.sim.world.script.clear()
    ground.sim.settings.sent_after = 2 * HANGS if case.hangs else 0.02  # the first status: after the kill
    if case.hangs:
        ground.sim.script(Hang(seconds=HANGS, taken=case.taken))
    elif not case.taken:
        ground.sim.script(Refuse(code=UNDELIVERABLE))


async def _outcome(ground: Ground, case: Case, message: str) -> list[str]:
    """What is wrong with how a case ended, after all has come to rest."""
    await settled(ground.install, ground.sim)
    st: str = (await ground.operator.get(f"/messages/{message}"))["st"]
    has = sum(1 for one in ground.sim.messages.values() if one.tracker == message)
    if st in (ARRIVED if case.ends == "arrived" else (case.ends,)) and has == (case.ends == "arrived"):
        return []
    return [f"killed at {case.name}: shown as {st}, the provider has it {has} times"]


async def _on_its_way(ground: Ground) -> None:
    """Wait until the message is with the provider, who is silent about it."""
    sql = "SELECT COUNT(*) FROM outbox WHERE state = 'sending'"
    async with asyncio.timeout(10):
        while await ground.install.rows(sql) != [(1,)]:  # noqa: ASYNC110  # another process has no event
            await asyncio.sleep(0.05)
    await asyncio.sleep(HANGS / 4)
