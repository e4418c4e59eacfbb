"""How a connection is, in numbers: what is measured, and from where on somebody should look."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from jackfield.channel import Verdict, Vital

from .protocol import Alive, Hello

SLOW, STUCK = 2_000.0, 8_000.0  # ms of a round trip
QUIET, SILENT = 6 * 3600.0, 24 * 3600.0  # seconds without a word: nights are long
MUCH, TOO_MUCH = 300 << 20, 400 << 20  # bytes
OLD, TOO_OLD = 90.0, 120.0  # days; servers refuse an engine some four to six months after it was made


def vitals(hello: Hello | None, alive: Alive | None, today: date) -> Iterator[Vital]:
    """`alive` None: the bridge, or the network behind it, does not answer."""
    if alive is None or alive.round_trip is None:
        yield Vital(name="round_trip", value="", unit="ms", level="bad")
    else:
        trip = round(alive.round_trip, 1)
        yield Vital(name="round_trip", value=trip, unit="ms", level=verdict(trip, SLOW, STUCK))
    if alive is not None:
        silent = round(alive.silent, 1)
        yield Vital(name="silent", value=silent, unit="s", level=verdict(silent, QUIET, SILENT))
        memory = verdict(alive.memory, MUCH, TOO_MUCH)
        yield Vital(name="memory", value=alive.memory, unit="bytes", level=memory)
    if hello is not None:
        yield from engine(hello.engine, hello.engine_version, hello.built, today)


def engine(name: str, version: str, built: str, today: date) -> Iterator[Vital]:
    """What is in the bridge, and how old it is. `built`: ISO 8601; "": it does not say."""
    yield Vital(name="engine", value=f"{name} {version}")
    if built:
        days = (today - date.fromisoformat(built)).days
        yield Vital(name="engine_age", value=days, unit="days", level=verdict(days, OLD, TOO_OLD))


def verdict(value: float, warn: float, bad: float) -> Verdict:
    return "bad" if value >= bad else "warn" if value >= warn else "good"
