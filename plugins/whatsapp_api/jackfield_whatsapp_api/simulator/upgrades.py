"""A number's throughput is upgraded: refused for a while with 131057, then quicker, and told by webhook."""

from __future__ import annotations

from datetime import timedelta

from .account import tells_account
from .model import Number
from .world import World


def upgrade(world: World, number_id: str, level: str, within: timedelta) -> None:
    """Raises ValueError for a number that is not there, or a level other than STANDARD and HIGH."""
    number = world.state.numbers.get(number_id)
    if number is None or level not in ("STANDARD", "HIGH"):
        raise ValueError(f"no such number or level: {number_id!r}, {level!r}")
    number.upgrading_until = world.state.clock.now() + within
    world.crew.spawn(_done(world, number, level, within))


async def _done(world: World, number: Number, level: str, within: timedelta) -> None:
    await world.state.clock.sleep(within.total_seconds(), speed=world.settings.speed)
    number.throughput, number.upgrading_until = level, None
    if level == "HIGH":
        value = {"display_phone_number": number.phone, "event": "THROUGHPUT_UPGRADE"}
        tells_account(world, number.account, "phone_number_quality_update", value)
