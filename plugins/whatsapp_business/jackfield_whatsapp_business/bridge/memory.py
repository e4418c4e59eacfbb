"""How much memory a bridge has, and when that is too much: an engine that leaks is started anew."""

from __future__ import annotations

import asyncio
import logging
import os
import resource
from pathlib import Path

log = logging.getLogger("jackfield.bridge")

MOST = 400  # MiB, where JACKFIELD_BRIDGE_MEMORY says nothing else
LOOK = 5.0  # seconds between two looks
STATM = Path("/proc/self/statm")


def in_use() -> int:
    """Bytes of this process in memory now; where the system does not say, the most it ever had."""
    try:
        return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def most() -> int:
    """Bytes a bridge may have. A limit of the system's would count what Go only reserves."""
    return int(os.environ.get("JACKFIELD_BRIDGE_MEMORY") or MOST) << 20


async def until_too_big() -> None:
    limit = most()
    while (used := in_use()) <= limit:  # noqa: ASYNC110  # memory tells nobody that it grows
        await asyncio.sleep(LOOK)
    log.error("memory: %d MiB are in use, %d are allowed", used >> 20, limit >> 20)
