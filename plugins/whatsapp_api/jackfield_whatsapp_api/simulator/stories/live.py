"""Customers who write by themselves now and then, and answer a little while after they were written to."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass

from jackfield_whatsapp_api.simulator.model import Json, Number
from jackfield_whatsapp_api.simulator.reading import part
from jackfield_whatsapp_api.simulator.simulator import Simulator
from jackfield_whatsapp_api.simulator.state import digits

from .past import Story

PAUSE = (20.0, 60.0)  # seconds between two who write by themselves
ANSWER = (4.0, 12.0)  # seconds from reading to answering
READ = (1.0, 3.0)


async def live(sim: Simulator, number: Number, story: Story, *, seed: int = 0, speed: float = 1) -> None:
    """Goes on until cancelled. `seed` decides who writes when; `speed` 10: every pause ten times shorter."""
    chance = random.Random(f"{story.name}/{seed}")  # noqa: S311  # who writes when is no secret
    play = _Play(sim=sim, number=number, story=story, chance=chance, speed=speed)
    async with asyncio.TaskGroup() as group:
        group.create_task(_write(play))
        group.create_task(_answer(play))


@dataclass(frozen=True, kw_only=True)
class _Play:
    sim: Simulator
    number: Number
    story: Story
    chance: random.Random
    speed: float

    async def pause(self, between: tuple[float, float]) -> None:
        await asyncio.sleep(self.chance.uniform(*between) / self.speed)


async def _write(play: _Play) -> None:
    while True:
        await play.pause(PAUSE)
        person = play.chance.choice(play.story.customers)
        play.sim.user_says(play.number.id, person.phone, play.chance.choice(play.story.later))


async def _answer(play: _Play) -> None:
    """Read what arrives, and answer it; each chat on its own, one answer to whatever came meanwhile."""
    answering: set[str] = set()
    ours = {digits(person.phone) for person in play.story.customers}
    async with asyncio.TaskGroup() as group:
        with play.sim.world.feed.listen() as feed:
            while (event := await feed.get()) is not None:
                user = _delivered(event, play.number)
                if user in ours - answering:
                    answering.add(user)
                    group.create_task(_reply(play, user, answering))


def _delivered(event: Json, number: Number) -> str:
    """Whom a message of the business has just reached, or ""."""
    message = part(event, "message")
    new = message.get("number") == number.id and message.get("status") == "delivered"
    return str(message["user"]) if new and message.get("by") == "business" else ""


async def _reply(play: _Play, user: str, answering: set[str]) -> None:
    """Whoever plays this customer on the phone page has read it by now: then the answer is his."""
    try:
        await play.pause(READ)
        if not play.sim.user_reads(play.number.id, user):
            return
        await play.pause(ANSWER)
        play.sim.user_says(play.number.id, user, play.chance.choice(play.story.answers))
    finally:
        answering.discard(user)
