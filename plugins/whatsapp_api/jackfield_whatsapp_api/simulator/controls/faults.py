"""Controls of what goes wrong: faults one by one, whole scenarios of them, and what came of it."""

from __future__ import annotations

from datetime import timedelta

from msgspec import field

from jackfield_whatsapp_api.simulator import scenarios, upgrades
from jackfield_whatsapp_api.simulator.model import Json
from jackfield_whatsapp_api.simulator.script import Fault
from jackfield_whatsapp_api.simulator.world import World

from .wish import Gets, Posts, Wish


class Scenario(Wish, kw_only=True):
    """Faults that take the place of all that waited before; or the name of one of the ready ones."""

    faults: list[Fault] = field(default_factory=list[Fault])
    name: str = ""
    seed: int = 0


class Upgrade(Wish, kw_only=True):
    """A number's throughput goes to `level` after `seconds` in which nothing can be sent."""

    number: str
    level: str = "HIGH"
    seconds: float = 60


def play(world: World, wish: Scenario) -> Json:
    """Raises ValueError for a name that is none."""
    faults = [*scenarios.ready(wish.name), *wish.faults] if wish.name else wish.faults
    world.script.clear()
    world.courier.release()
    world.script.seed(wish.seed)
    for fault in faults:
        world.script.add(fault)
    return waiting(world)


def clear(world: World) -> Json:
    """Nothing goes wrong any more; what a Gather held back leaves."""
    return play(world, Scenario())


def waiting(world: World) -> Json:
    return {"faults": world.script.waiting, "scenarios": scenarios.names()}


def upgrade(world: World, wish: Upgrade) -> None:
    upgrades.upgrade(world, wish.number, wish.level, timedelta(seconds=wish.seconds))


POSTS: Posts = {
    "script": (Fault, lambda w, b: w.script.add(b)),
    "scenario": (Scenario, play),
    "calm": (Wish, lambda w, _: clear(w)),
    "upgrade": (Upgrade, upgrade),
    "record/clear": (Wish, lambda w, _: w.ledger.clear()),
}
GETS: Gets = {
    "script": lambda w, _: waiting(w),
    "record": lambda w, _: w.ledger.view(),
}
