"""What the provider refuses by measure: sends per second, sends to one person, the 24-hour window."""

from __future__ import annotations

from datetime import datetime

from .errors import GraphError
from .settings import WINDOW, Settings


class Limits:
    """Two leaky buckets (GCRA): one of each number, one of each pair of number and customer."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._until: dict[str, float] = {}  # theoretical arrival time, seconds

    def check(self, number: str, user: str, now: datetime) -> None:
        """Count one send. Raises GraphError 130429 or 131056; a refused send counts for nothing."""
        each, burst = 1 / self._settings.number_per_second, self._settings.number_per_second
        pair, pair_burst = self._settings.pair_every, self._settings.pair_burst
        at = now.timestamp()
        whole = self._next(number, at, each, each * max(burst - 1, 0))
        if whole is None:
            raise GraphError(130429, "Cloud API message throughput has been reached.", retry_after=1)
        single = self._next(f"{number}/{user}", at, pair, pair * (pair_burst - 1))
        if single is None:
            raise GraphError(131056, "Too many messages sent from the sender to the same recipient.")
        self._until[number], self._until[f"{number}/{user}"] = whole, single

    def _next(self, key: str, at: float, every: float, tolerance: float) -> float | None:
        due = max(self._until.get(key, at), at)
        return None if due - at > tolerance else due + every


def window_open(last_inbound: datetime | None, now: datetime) -> bool:
    return last_inbound is not None and now - last_inbound < WINDOW
