"""What the provider refuses by measure: sends per second, sends to one person, the 24-hour window."""

from __future__ import annotations

from datetime import datetime

from .errors import GraphError
from .model import Number
from .settings import WINDOW, Settings

UPGRADED = 1000.0  # messages a second of a number whose throughput is HIGH


class Exceeded(GraphError):
    """A limit of the provider, as against an error that a script asked for."""


class Limits:
    """Two leaky buckets (GCRA): one of each number, one of each pair of number and customer."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._until: dict[str, float] = {}  # theoretical arrival time, seconds

    def check(self, number: Number, user: str, now: datetime) -> None:
        """Count one send. Raises Exceeded 130429 or 131056, or GraphError 131057 while the number is
        being upgraded; a refused send counts for nothing."""
        if number.upgrading_until is not None and now < number.upgrading_until:
            raise GraphError(131057, "The throughput of the business phone number is being upgraded.")
        rate = self.rate(number)
        at, each = now.timestamp(), 1 / rate
        pair, pair_burst = self._settings.pair_every, self._settings.pair_burst
        whole = self._next(number.id, at, each, each * max(rate - 1, 0))
        if whole is None:
            raise Exceeded(130429, "Cloud API message throughput has been reached.", retry_after=1)
        single = self._next(f"{number.id}/{user}", at, pair, pair * (pair_burst - 1))
        if single is None:
            raise Exceeded(131056, "Too many messages sent from the sender to the same recipient.")
        self._until[number.id], self._until[f"{number.id}/{user}"] = whole, single

    def rate(self, number: Number) -> float:
        """Messages a second that the number may send."""
        return UPGRADED if number.throughput == "HIGH" else self._settings.number_per_second

    def _next(self, key: str, at: float, every: float, tolerance: float) -> float | None:
        due = max(self._until.get(key, at), at)
        return None if due - at > tolerance + 1e-9 else due + every


def window_open(last_inbound: datetime | None, now: datetime) -> bool:
    return last_inbound is not None and now - last_inbound < WINDOW
