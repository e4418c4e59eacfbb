"""Pace: token buckets for a channel and for each of its conversations, and a brake for the whole of it."""

from __future__ import annotations

from collections.abc import Callable

from jackfield.channel import Pace

FORGET_AT = 4096  # buckets of conversations kept before the full ones are forgotten


class Bucket:
    """`rate` tokens a second, at most `burst` of them. Full at the beginning. Times are in seconds."""

    __slots__ = ("_at", "_burst", "_rate", "_tokens")

    def __init__(self, rate: float, burst: int, now: float) -> None:
        self._rate, self._burst = rate, float(max(burst, 1))
        self._tokens, self._at = self._burst, now

    def wait(self, now: float) -> float:
        """Seconds until there is a token; 0: there is one."""
        self._refill(now)
        return 0.0 if self._tokens >= 1 else (1 - self._tokens) / self._rate

    def take(self, now: float) -> None:
        """Use a token. Call it only after wait() was 0."""
        self._refill(now)
        self._tokens -= 1

    def full(self, now: float) -> bool:
        self._refill(now)
        return self._tokens >= self._burst

    def become(self, rate: float, burst: int, now: float) -> None:
        """From now on so fast. It has what it had: another pace is no reason for another burst."""
        self._refill(now)
        self._rate, self._burst = rate, float(max(burst, 1))
        self._tokens = min(self._tokens, self._burst)

    def drain(self, now: float) -> None:
        self._tokens, self._at = min(self._tokens, 0.0), now

    def _refill(self, now: float) -> None:
        # A rest of a millionth is rounding: without it a wait could end just short of its token.
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate + 1e-6)
        self._at = now


class Pacer:
    """Says when the next send to a conversation may go, by its channel's Pace."""

    def __init__(self, pace: Pace, clock: Callable[[], float]) -> None:
        _check(pace)
        self.pace, self._clock = pace, clock
        self._channel = Bucket(pace.per_second, pace.burst, clock())
        self._conversations: dict[int, Bucket] = {}
        self._empty: set[int] = set()  # conversations that had no token left when they were last used

    def adopt(self, pace: Pace) -> None:
        """Go on at another pace. What was used up stays used up."""
        _check(pace)
        now, was = self._clock(), self.pace
        self.pace = pace
        self._channel.become(pace.per_second, pace.burst, now)
        ours = (pace.conversation_per_second, pace.conversation_burst)
        if ours == (was.conversation_per_second, was.conversation_burst):
            return
        if pace.conversation_per_second <= 0:
            self._conversations, self._empty = {}, set()
        for bucket in self._conversations.values():
            bucket.become(*ours, now)

    def drain(self) -> None:
        """Begin without a burst after a rest that the provider asked for."""
        self._channel.drain(self._clock())

    def channel_wait(self) -> float:
        """Seconds until the channel may send at all."""
        return self._channel.wait(self._clock())

    def conversation_wait(self, conversation: int) -> float:
        """Seconds until this conversation may be sent to, as far as it has a limit of its own."""
        bucket = self._conversations.get(conversation)
        return 0.0 if bucket is None else bucket.wait(self._clock())

    def take(self, conversation: int) -> None:
        now = self._clock()
        self._channel.take(now)
        if self.pace.conversation_per_second <= 0:
            return
        if len(self._conversations) >= FORGET_AT:
            self._conversations = {c: b for c, b in self._conversations.items() if not b.full(now)}
        bucket = self._conversations.get(conversation)
        if bucket is None:
            bucket = self._conversations[conversation] = Bucket(
                self.pace.conversation_per_second, self.pace.conversation_burst, now
            )
        bucket.take(now)
        if bucket.wait(now):
            self._empty.add(conversation)

    def resting(self) -> int:
        """How many conversations have to wait now because of their own limit."""
        self._empty = {conversation for conversation in self._empty if self.conversation_wait(conversation)}
        return len(self._empty)

    def known(self) -> int:
        """How many conversations it remembers."""
        return len(self._conversations)


class Brake:
    """Holds a whole channel when the provider says that it is too fast: `first` seconds, then twice as long
    each time it says so again, at most `most`, and never shorter than it asks for."""

    def __init__(self, first: float, most: float, clock: Callable[[], float]) -> None:
        self._first, self._most, self._clock = first, most, clock
        self._until = self._since = float("-inf")
        self._times = 0

    def hit(self, after: float, *, began: float) -> None:
        """A send that began at `began` came too soon. What was on its way at the last hit tells no more."""
        now = self._clock()
        if began > self._since:
            self._times += 1
        pause = min(self._first * 2.0 ** min(max(self._times, 1) - 1, 30), self._most)
        self._until, self._since = max(self._until, now + max(pause, after)), now

    def passed(self, *, began: float) -> None:
        """A send that began at `began` was taken."""
        if began >= self._until:
            self._times = 0

    def wait(self) -> float:
        """Seconds until the channel may go on."""
        return max(self._until - self._clock(), 0.0)


def _check(pace: Pace) -> None:
    if pace.per_second <= 0:
        raise ValueError(f"a channel cannot send {pace.per_second} a second")
