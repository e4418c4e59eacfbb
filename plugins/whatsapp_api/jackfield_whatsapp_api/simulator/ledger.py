"""What the simulator saw of the sends: how many, how fast, which were refused, and which broke a limit."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence

from msgspec import Struct

from .model import Json

SECOND, PAIR = 1.0, 6.0  # seconds that the limits are named by


class Entry(Struct, frozen=True, kw_only=True):
    """One send that was asked for. `at`: seconds since 1970. `code` 0: taken. `over`: refused because a
    limit of the provider was exceeded, not because a script said so."""

    at: float
    number: str
    user: str
    code: int
    over: bool = False


class Tally(Struct, frozen=True, kw_only=True):
    """`per_second`: the most that came in any second; `per_pair`: the most that one customer was sent in
    any six seconds. Both count what was taken."""

    number: str
    asked: int
    taken: int
    refused: dict[int, int]
    over: int
    per_second: int
    per_pair: int


class Ledger:
    """`over` is empty as long as nobody was faster than the provider allows."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def note(self, entry: Entry) -> None:
        self.entries.append(entry)

    @property
    def over(self) -> Sequence[Entry]:
        return [one for one in self.entries if one.over]

    def clear(self) -> None:
        self.entries.clear()

    def tallies(self) -> list[Tally]:
        """One of each number that was sent from."""
        by_number: defaultdict[str, list[Entry]] = defaultdict(list)
        for one in self.entries:
            by_number[one.number].append(one)
        return [_tally(number, entries) for number, entries in by_number.items()]

    def view(self) -> Json:
        return {"numbers": self.tallies(), "over": self.over[-100:]}


def _tally(number: str, entries: Sequence[Entry]) -> Tally:
    taken = [one for one in entries if not one.code]
    pairs: defaultdict[str, list[float]] = defaultdict(list)
    for one in taken:
        pairs[one.user].append(one.at)
    return Tally(
        number=number,
        asked=len(entries),
        taken=len(taken),
        refused=dict(Counter(one.code for one in entries if one.code)),
        over=sum(one.over for one in entries),
        per_second=most_within([one.at for one in taken], SECOND),
        per_pair=max((most_within(times, PAIR) for times in pairs.values()), default=0),
    )


def most_within(times: Sequence[float], seconds: float) -> int:
    """The most of the times that lie in any stretch of so many seconds."""
    ordered = sorted(times)
    return max(
        (place + 1 - bisect_left(ordered, at - seconds + 1e-9) for place, at in enumerate(ordered)), default=0
    )
