"""How a person writes: looks, waits a moment, types for as long as the text takes.

For what a program sends. Who answers in no time, at any hour, is taken for what he is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from jackfield.channel import Location, Media, Part, Text

PER_SECOND = 15  # characters that are typed
LEAST, MOST = 1.5, 8.0  # seconds of typing
LOOK_LEAST, LOOK_MOST = 0.5, 2.0  # seconds before it


class Manner(NamedTuple):
    """Seconds."""

    look: float
    type: float


def manner(parts: Sequence[Part], luck: float) -> Manner:
    """`luck`: from 0 to 1."""
    typed = sum(map(_characters, parts)) / PER_SECOND
    return Manner(LOOK_LEAST + luck * (LOOK_MOST - LOOK_LEAST), min(max(typed, LEAST), MOST))


def _characters(part: Part) -> int:
    match part:
        case Text(body=body):
            return len(body)
        case Media(caption=caption):
            return len(caption)
        case Location():
            return 0
        case _:
            return PER_SECOND * 3  # a card, a list: it is put together for a while
