"""Checks of how carefully a channel asks to be used: limits that can be kept to, alarms that are known."""

from __future__ import annotations

import inspect
from typing import get_args
from zoneinfo import available_timezones

from msgspec import structs

from jackfield.channel import Alarm, Guarded, Limits, Protection

from .bench import Bench, Subject

LEAST_NOTHING = frozenset({"new_chats_per_day", "warm_up_days"})  # the others are 1 at least


class ProtectionChecks(Bench):
    @classmethod
    def applies(cls, about: Subject) -> bool:
        return isinstance(about.channel, Guarded)

    def test_its_protection_can_be_kept_to(self) -> None:
        channel, port = self.open(self.config)
        assert isinstance(channel, Guarded)
        assert not inspect.iscoroutinefunction(channel.protection), "protection() must not be async"
        rules = channel.protection()
        assert rules == channel.protection(), "two answers to one question: nothing has happened between"
        assert not port.calls, f"protection() uses its port: {port.calls}"
        faults = [*_of_limits(rules.limits), *_of_rules(rules)]
        assert not faults, "; ".join(faults)


def _of_limits(limits: Limits) -> list[str]:
    numbers = {name: value for name, value in structs.asdict(limits).items() if isinstance(value, int)}
    below = [name for name, value in numbers.items() if value < (0 if name in LEAST_NOTHING else 1)]
    faults = [f"{name} is too low: nothing would ever leave" for name in below]
    if bool(limits.quiet_from) != bool(limits.quiet_until):
        faults.append("quiet hours have two ends")
    if limits.timezone != "UTC" and limits.timezone not in available_timezones():
        faults.append(f"no time zone {limits.timezone!r}")
    return faults


def _of_rules(rules: Protection) -> list[str]:
    ceilings = {name: most for name, most in structs.asdict(rules.ceilings).items() if most is not None}
    faults = [f"{name} is above its ceiling" for name, most in ceilings.items()
              if getattr(rules.limits, name) > most]  # fmt: skip
    if not 0 < rules.warm_up_share <= 1:
        faults.append("warm_up_share is a part of one")
    if rules.jitter < 0:
        faults.append("jitter is negative")
    faults += [f"no alarm {word!r}" for word in set(rules.alarms.values()) - set(get_args(Alarm))]
    return faults
