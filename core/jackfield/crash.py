"""Named steps at which a test may end this process as a power cut would; nothing at all otherwise.

JACKFIELD_CRASH_AT="outbox.claimed" ends it there with SIGKILL, "outbox.claimed:3" the third time it
comes by, "outbox.answered store.commit" at the first commit after it came by there. It is read once,
here; without it a step is a call that does nothing.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping

STEPS: Mapping[str, str] = {
    "store.commit": "everything of a transaction is written, and it is not committed yet",
    # of a send, in its order
    "outbox.asked": "a command is understood; nothing of it is stored",
    "outbox.queued": "it is stored; nobody has been answered, and no lane was rung",
    "outbox.found": "a lane knows what may leave and has not claimed it",
    "outbox.claimed": "the claim is stored; nothing has left",
    "outbox.answered": "the provider has answered; what it said is not stored",
    "outbox.landed": "what came of it is stored",
    "restore.loaded": "a backup stands beside the database, and has not taken its place",
}


def crash_at(wish: str) -> Callable[[str], None]:
    """What a step does, for a wish as JACKFIELD_CRASH_AT says it. Raises ValueError for one that is none."""
    way = [_stop(one) for one in wish.split()]
    if not way:
        return _nothing

    def step(name: str) -> None:
        wanted, left = way[0]
        if name != wanted:
            return
        if left > 1:
            way[0] = wanted, left - 1
        elif len(way) > 1:
            del way[0]
        else:
            os.kill(os.getpid(), signal.SIGKILL)

    return step


def _stop(said: str) -> tuple[str, int]:
    name, _, times = said.partition(":")
    if name not in STEPS:
        raise ValueError(f"JACKFIELD_CRASH_AT names {name!r}; the steps are {', '.join(STEPS)}")
    return name, int(times or 1)


def _nothing(name: str) -> None:
    pass


crash_point = crash_at(os.environ.get("JACKFIELD_CRASH_AT", ""))
