"""What the inbox knows of a channel while something comes in through it."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from msgspec import Struct

from jackfield.ids import show
from jackfield.store.rows import Row
from jackfield.store.uow import Index, Uow

R = TypeVar("R", bound=Row)


class Look(Protocol):
    """How rows are found: `one` while deciding, `peek` while naming needs."""

    def __call__(self, uow: Uow, index: Index[R], /, *key: Any) -> R | None: ...


class ChannelFacts(Struct, frozen=True, kw_only=True):
    """`window_ms`: how long free text is allowed after their last message; None: always."""

    workspace: int
    channel: int
    kind: str = ""
    window_ms: int | None = None

    @property
    def source(self) -> str:
        """Where an address was learnt."""
        return show("ch", self.channel)


one: Look = Uow.one
"""The row under a unique key, or None. KeyError: it was not named among the needs."""

peek: Look = Uow.peek
"""The row under a unique key if that was loaded already: for needs() that follow from others."""


def peek_all(uow: Uow, index: Index[R], *key: Any) -> list[R]:
    return uow.all(index, *key) if uow.knows(index, *key) else []
