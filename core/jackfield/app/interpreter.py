"""The interpreter, as a process wants it that answers many at once."""

from __future__ import annotations

import gc
import sys

YOUNG, MIDDLE, OLD = 20_000, 20, 20
"""When to look for cycles: at so many new objects (Python says 700), and at so many looks of the
generation before."""

SWITCH = 0.0005
"""Seconds after which a thread that computes lets another have the interpreter (Python says 0.005)."""


def settle() -> None:
    """Call once, when all that stays for good is loaded: it is never looked through again.

    Everything here is freed by its last reference; cycles are few (an exception and its frames). With
    Python's own numbers a quarter of the time of a busy outbox went into looking for them. And while
    the writer's thread decides, the loop gives up the interpreter with every call of the system and
    would stand still for 5 ms to have it back.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
    sys.setswitchinterval(SWITCH)
