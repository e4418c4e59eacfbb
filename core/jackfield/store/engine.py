"""What the writer and the readers ask of a database, whichever it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, Protocol, TypeVar

from .plan import Plan

T = TypeVar("T")

Records = list[tuple[Any, ...]]
EngineName = Literal["sqlite", "postgres"]


class Refused(Exception):
    """A row of the transaction breaks a rule of the database (a unique key): some work is at fault."""


class Again(Exception):
    """The transaction lost against another one (deadlock, serialisation): the same may work now."""


class Engine(Protocol):
    """One database. `run` raises Refused, Again, Unavailable, or Invalid for a value it cannot hold;
    what the plan itself raises passes."""

    name: EngineName

    async def run(self, make: Callable[[], Plan[T]]) -> T:
        """Run a plan as one transaction. Nothing of it is stored unless this returns."""
        ...

    async def fetch(self, sql: str, params: Sequence[Any], make: Callable[[Records], T]) -> T:
        """Read committed state. Placeholders are $1, $2 …; Unavailable if the database is away,
        Invalid for a value it cannot hold.

        `make` is pure, and may run in another thread: what is read is quickest where it was read.
        """
        ...

    async def aclose(self) -> None:
        """Let go of the connections, before they are closed."""
        ...

    def any(self, column: str, place: str) -> str:
        """The condition "column is one of the list at place", for this engine."""
        ...
