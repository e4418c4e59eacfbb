"""Named steps at which a test may end this process as a power cut would; nothing at all otherwise.

JACKFIELD_CRASH_AT="outbox.claimed" ends it there with SIGKILL, "outbox.claimed:3" the third time it
comes by. It is read once, here; without it a step is a call that does nothing. In order of a send:

    store.commit       everything of a transaction is written, and it is not committed yet
    outbox.queued      a command is stored; nobody has been answered, and no lane was rung
    outbox.found       a lane knows what may leave and has not claimed it
    outbox.claimed     the claim is stored; nothing has left
    outbox.answered    the provider has answered; what it said is not stored
    outbox.landed      what came of it is stored
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable


def crash_at(wish: str) -> Callable[[str], None]:
    """What a step does, for a wish as JACKFIELD_CRASH_AT says it. Raises ValueError for a bad count."""
    if not wish:
        return _nothing
    wanted, _, times = wish.partition(":")
    left = int(times or 1)

    def step(name: str) -> None:
        nonlocal left
        if name == wanted:
            left -= 1
            if left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return step


def _nothing(name: str) -> None:
    pass


crash_point = crash_at(os.environ.get("JACKFIELD_CRASH_AT", ""))
