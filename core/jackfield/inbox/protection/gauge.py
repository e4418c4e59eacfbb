"""The gauge: what of an account's limits is used, how near to them it is, and why something waits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jackfield.wire.protection import Level, Used

from .leaving import Gone
from .limits import MINUTE, Watch, quiet_until

NEAR = 0.8  # of a limit


def used(watch: Watch, gone: Sequence[Gone], new_chats: int, *, now: int) -> Used:
    """`gone`: of the last hour; `new_chats`: begun in the last 24 hours; `now` in ms."""
    return Used(
        minute=sum(at > now - MINUTE for at, _ in gone),
        hour=len(gone),
        new_chats=new_chats,
        warm_up_left_days=watch.days_left(now),
    )


def read(watch: Watch, uses: Used, *, now: int) -> tuple[Level, tuple[str, ...]]:
    """The level, and the reasons, the gravest first."""
    return _level(watch, uses), tuple(_reasons(watch, uses, now))


def _level(watch: Watch, uses: Used) -> Level:
    if watch.paused:
        return "paused"
    shares = [share for _, share in _shares(watch, uses)]
    return "full" if max(shares) >= 1 else "near" if max(shares) >= NEAR else "calm"


def _reasons(watch: Watch, uses: Used, now: int) -> Iterator[str]:
    if watch.paused:
        yield f"paused_{watch.paused}"
    for name, share in sorted(_shares(watch, uses), key=lambda one: -one[1]):
        if share >= NEAR:
            yield f"{name}_full" if share >= 1 else f"{name}_near"
    if quiet_until(watch.limits, now) is not None:
        yield "quiet_hours"
    if uses.warm_up_left_days:
        yield "warm_up"


def _shares(watch: Watch, uses: Used) -> Iterator[tuple[str, float]]:
    """How much of each limit is used. A limit of nothing is used up and no reason to warn."""
    limits = watch.limits
    for name, count, most in (
        ("minute", uses.minute, limits.per_minute),
        ("hour", uses.hour, limits.per_hour),
        ("new_chats", uses.new_chats, limits.new_chats_per_day),
    ):
        yield name, count / most if most else 0.0
