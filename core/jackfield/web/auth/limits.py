"""How often something may be tried: a sliding window in memory, per address and per account."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict, deque
from collections.abc import Callable

from jackfield.errors import TooMany


class Limit:
    """At most `most` tries within `within` seconds, for each key. Keeps at most `keys` keys.

    A process counts for itself: with several, the bound is that many times higher.
    """

    def __init__(
        self,
        most: int,
        within: float,
        *,
        keys: int = 50_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most, self._within, self._keys, self._clock = most, within, keys, clock
        self._tries: OrderedDict[str, deque[float]] = OrderedDict()

    def take(self, key: str) -> None:
        """Count a try, before it is made. Raises TooMany with the seconds until the next may be."""
        self.check(key)
        self._tries.setdefault(key, deque()).append(self._clock())
        self._tries.move_to_end(key)
        while len(self._tries) > self._keys:
            self._tries.popitem(last=False)

    def check(self, key: str) -> None:
        """Whether there may be a try, without counting one. Raises TooMany as take() does."""
        now, tries = self._clock(), self._tries.get(key, deque())
        while tries and tries[0] <= now - self._within:
            tries.popleft()
        if len(tries) >= self._most:
            raise TooMany(after=tries[0] + self._within - now)

    def forget(self, key: str) -> None:
        """It went well: earlier tries count no more."""
        self._tries.pop(key, None)


class SignInLimits:
    """Guessing is stopped for an address (many accounts) and for an account (many addresses)."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.address = Limit(30, 300, clock=clock)
        self.account = Limit(8, 900, clock=clock)

    def take(self, address: str, email: str) -> None:
        self.take_address(address)
        self.account.take(email.casefold())

    def take_address(self, address: str) -> None:
        self.address.take(network_of(address))


class InvitationLimits:
    """Links that do not work are counted for an address; attempts, each a process and perhaps a sign on
    somebody's phone, for an invitation."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.wrong = Limit(30, 300, clock=clock)
        self.attempts = Limit(20, 900, clock=clock)


def network_of(address: str) -> str:
    """Who has one IPv6 address has its /64, and counts as one."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((found.packed, 64), strict=False))
