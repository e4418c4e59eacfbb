"""Health: what a channel measures of itself, and what of its kind can be looked at without opening one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, runtime_checkable

from msgspec import Struct

Verdict = Literal["good", "warn", "bad"]


class Vital(Struct, frozen=True, kw_only=True):
    """One thing measured. `name` picks the words ("health.<name>"); `unit`: "ms", "s", "bytes", "days", or
    "" for what is a word. `level`: whether somebody should look at it, or has to."""

    name: str
    value: float | str
    unit: str = ""
    level: Verdict = "good"


@runtime_checkable
class HasHealth(Protocol):
    """A channel with a connection of its own to measure, rather than a flag that says it is there."""

    async def health(self) -> Sequence[Vital]:
        """What is known now. Raises no ChannelError: what does not answer is a bad sign, and is said."""
        ...


@runtime_checkable
class Checked(Protocol):
    """A kind that needs something of the machine (an engine, a program): `jackfield doctor` asks."""

    def check(self) -> Sequence[Vital]:
        """Starts nothing and reaches nobody."""
        ...
