"""All scenarios by name, and how one is run."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import msgspec

from .figures import Figures
from .ground import Wish
from .scenarios.backup import backup
from .scenarios.bridges import bridge_kills
from .scenarios.cluster import two_processes
from .scenarios.deliveries import deliveries, order
from .scenarios.errors import provider_errors, throttled
from .scenarios.kills import commit_kills, ingest_kills, sending_kills
from .scenarios.line import bad_line
from .scenarios.provider import media_never, provider_silence
from .scenarios.steps import send_steps
from .scenarios.storage import database_locked, disk_full
from .scenarios.storm import rate_storm

Scenario = Callable[[Wish], Awaitable[Figures]]

SCENARIOS: Mapping[str, Scenario] = {
    "ingest-kills": ingest_kills,
    "sending-kills": sending_kills,
    "commit-kills": commit_kills,
    "send-steps": send_steps,
    "disk-full": disk_full,
    "database-locked": database_locked,
    "provider-errors": provider_errors,
    "throttled": throttled,
    "rate-storm": rate_storm,
    "provider-silence": provider_silence,
    "media-never": media_never,
    "deliveries": deliveries,
    "order": order,
    "two-processes": two_processes,
    "bad-line": bad_line,
    "backup": backup,
    "bridge-kills": bridge_kills,
}


async def play(name: str, *, seed: int, seconds: float) -> Figures:
    """Run one in a folder of its own, which is gone afterwards."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="jackfield-chaos-", ignore_cleanup_errors=True) as folder:
        wish = Wish(seed=seed, seconds=seconds, folder=Path(folder))
        try:
            found = await SCENARIOS[name](wish)
        except BaseException as error:
            error.add_note(_tail(wish.folder))
            raise
    return msgspec.structs.replace(found, name=name, seconds=time.monotonic() - started)


def _tail(folder: Path) -> str:
    """The end of what the processes said: a person who sees a scenario break needs it."""
    said = [f"--- {path.name}\n{path.read_text(errors='replace')[-3000:]}" for path in folder.glob("*.log")]
    return "\n".join(said)
