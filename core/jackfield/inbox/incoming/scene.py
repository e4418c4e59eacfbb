"""One delivery being taken in: where it came from, and what came of it so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from jackfield.inbox.facts import ChannelFacts
from jackfield.store.uow import Uow
from jackfield.wire.realtime import Eph


@dataclass
class Scene:
    uow: Uow
    facts: ChannelFacts
    delivery: int | None = None
    messages: list[int] = field(default_factory=list[int])  # new ones
    ephemeral: list[Eph] = field(default_factory=list[Eph])
    unrecognised: int = 0
