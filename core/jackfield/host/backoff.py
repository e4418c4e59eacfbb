"""How long to wait before the next try: exponential, with full jitter."""

from __future__ import annotations

from msgspec import Struct


class BackOff(Struct, frozen=True, kw_only=True):
    """Seconds. A connection that held for `quiet` makes the next loss a first one again."""

    first: float = 1.0
    most: float = 300.0
    quiet: float = 60.0

    def ceiling(self, tries: int) -> float:
        """The longest wait after so many failed tries in a row, counted from 1."""
        return min(self.most, self.first * 2.0 ** min(tries - 1, 30))

    def wait(self, tries: int, luck: float) -> float:
        """The wait itself: `luck`, 0 to 1, spreads many channels that lost one provider at once."""
        return luck * self.ceiling(tries)
