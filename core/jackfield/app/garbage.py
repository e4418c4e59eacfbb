"""The collector of reference cycles, as a process wants it that answers many at once."""

from __future__ import annotations

import gc

YOUNG, MIDDLE, OLD = 20_000, 20, 20
"""When to look: at so many new objects (Python says 700), and at so many looks of the generation before."""


def settle() -> None:
    """Call once, when all that stays for good is loaded: it is never looked through again.

    Everything here is freed by its last reference; cycles are few (an exception and its frames). With
    Python's own numbers a quarter of the time of a busy outbox went into looking for them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
