"""Which process ran which channel when, as the processes themselves say in their logs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import combinations
from pathlib import Path

from msgspec import Struct

from .process import ENDED, FROZEN

SAID = re.compile(
    r"(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+) (?:INFO jackfield\.leases: channel (?P<channel>\d+)"
    rf" (?:(?P<begins>runs here now)|does not run here any more)|{ENDED}|(?P<frozen>{FROZEN}))"
)


class Run(Struct, frozen=True):
    """`until` None: it still does. A frozen process runs nothing: what it thinks afterwards, for as
    long as it has not looked at its leases, is nobody's business as long as it does nothing."""

    process: str
    channel: int
    since: datetime
    until: datetime | None


def runs(log: Path) -> Iterator[Run]:
    """What a process, in all its lives, ran; the log is at INFO."""
    now: dict[int, datetime] = {}
    for said in SAID.finditer(log.read_text(errors="replace")):
        at = datetime.strptime(said["at"], "%Y-%m-%d %H:%M:%S,%f")  # noqa: DTZ007  # local, as logging writes
        if said["begins"]:
            now[int(said["channel"])] = at
            continue
        for channel in [int(said["channel"])] if said["channel"] else list(now):
            if channel in now:
                yield Run(log.stem, channel, now.pop(channel), at)
    for channel, since in now.items():
        yield Run(log.stem, channel, since, None)


def running(log: Path) -> set[int]:
    """The channels that it runs now, or would if it were not frozen."""
    now: set[int] = set()
    for said in SAID.finditer(log.read_text(errors="replace")):
        match said["channel"], said["begins"], said["frozen"]:
            case str(channel), None, _:
                now.discard(int(channel))
            case str(channel), _, _:
                now.add(int(channel))
            case _, _, None:
                now.clear()
            case _:
                pass
    return now


def together(logs: Iterable[Path]) -> list[str]:
    """Channels that two processes ran at one time."""
    found: Sequence[Run] = [run for log in logs for run in runs(log)]
    return [
        f"channel {one.channel} ran in {one.process} and in {other.process} at {max(one.since, other.since)}"
        for one, other in combinations(found, 2)
        if one.channel == other.channel
        and one.process != other.process
        and (one.until is None or other.since < one.until)
        and (other.until is None or one.since < other.until)
    ]
