"""How many calls that manage an account are left this hour, for all its channels in this process."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from weakref import WeakValueDictionary

from jackfield.channel import RateLimited

from .payload import Node, listed, node, number

HOUR = 3600.0
IDLE, ACTIVE = 200, 5000  # calls an hour of one app to one account; active: it has a registered number
FULL = 100  # per cent of what the provider allows


class Budget:
    """The calls of the last hour. What runs by itself asks plenty() first and leaves half to people."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.allowed = IDLE
        self._clock = clock
        self._calls: deque[float] = deque()
        self._closed_until = 0.0
        self._used = 0.0  # per cent, as the provider counts

    def registered(self, *, yes: bool) -> None:
        """Whether the account has a number that works: then far more is allowed."""
        self.allowed = ACTIVE if yes else self.allowed

    def spend(self) -> None:
        """Count a call. Raises RateLimited where it would be one too many."""
        now = self._clock()
        if (left := self._closed_until - now) > 0:
            raise RateLimited("the provider takes no calls for this account now", after=left)
        while self._calls and now - self._calls[0] >= HOUR:
            self._calls.popleft()
        if len(self._calls) >= self.allowed:
            raise RateLimited("the calls of this hour are used up", after=HOUR - (now - self._calls[0]))
        self._calls.append(now)

    def plenty(self) -> bool:
        """Whether more than half is left."""
        now = self._clock()
        recent = sum(1 for at in self._calls if now - at < HOUR)
        return now >= self._closed_until and recent < self.allowed / 2 and self._used < FULL / 2

    def heed(self, usage: object) -> None:
        """What the provider says is used: the JSON of X-Business-Use-Case-Usage."""
        uses: list[Node] = [node(use) for said in node(usage).values() for use in listed(said)]
        if not uses:
            return
        self._used = max(_most(use) for use in uses)
        minutes = max(number(use.get("estimated_time_to_regain_access")) or 0 for use in uses)
        if minutes > 0:
            self.close(minutes * 60)

    def close(self, seconds: float) -> None:
        """The provider refused one for its pace: no more for so long."""
        self._closed_until = max(self._closed_until, self._clock() + seconds)


def _most(use: Mapping[str, object]) -> float:
    return max(number(use.get(key)) or 0 for key in ("call_count", "total_cputime", "total_time"))


_BUDGETS: WeakValueDictionary[tuple[str, str], Budget] = WeakValueDictionary()


def budget_of(api: str, waba_id: str) -> Budget:
    """The one budget of an account in this process, for as long as somebody uses it."""
    found = _BUDGETS.get((api, waba_id))
    if found is None:
        found = _BUDGETS[api, waba_id] = Budget()
    return found
