"""What every verb is: a command in its scene, which names its needs and then decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from msgspec import Struct

from jackfield.channel import Channel
from jackfield.errors import Forbidden
from jackfield.inbox.policy import RANK
from jackfield.inbox.thread import By
from jackfield.store.uow import Need, Uow
from jackfield.wire.commands import AnyAnswer, Did
from jackfield.wire.views import Role

Channels = Callable[[int], Channel | None]
"""The open channel with this id, if this process has it open. Its answers are pure: any thread may ask."""


class Scene(Struct, frozen=True, kw_only=True):
    """Where a command is done, by whom, and how to ask a channel what it can do."""

    workspace: int
    by: By
    channels: Channels


class Outcome(NamedTuple):
    """The answer, with its `seq` still to be filled in, and the channel whose lane has something to send."""

    answer: AnyAnswer
    lane: int | None = None


class Verb(Protocol):
    """One command. needs() and apply() as in store.uow.Work."""

    def needs(self, uow: Uow) -> Iterable[Need]: ...
    def apply(self, uow: Uow) -> Outcome: ...


DID = Outcome(Did(seq=0))


def require(by: By, least: Role) -> None:
    """Raise Forbidden unless this role is enough."""
    if RANK[by.role] < RANK[least]:
        raise Forbidden(f"this takes the role {least}", role=least)


def may_change(by: By, author: int | None) -> None:
    """Raise Forbidden unless it is one's own message, or one is an admin."""
    if by.id != author:
        require(by, "admin")
