"""The limits that a channel is under now: the plugin's, with what was set here, never above its ceilings."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any, TypeGuard
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct, structs

from jackfield.channel import Alarm, Ceilings, Channel, Guarded, Limits, Protection
from jackfield.store.rows import ChannelRow

MINUTE, HOUR, DAY = 60_000, 3_600_000, 24 * 3_600_000  # ms

_SET = msgspec.json.Decoder(dict[str, Any])
_NONE = "{}"
_KNOWN: dict[type, bool] = {}  # classes of channels: whether they have rules


class Watch(Struct, frozen=True, kw_only=True):
    """What a channel that is used with care keeps to. `paused`: why; "": it is not. `warm_at`: ms; until then
    automatic messages get `share` of the limits."""

    limits: Limits
    share: float
    paused: str
    warm_at: int

    def days_left(self, now: int) -> int:
        """Of the warm-up, those that have begun too."""
        return max(0, -(-(self.warm_at - now) // DAY))


def guarded(channel: object) -> TypeGuard[Guarded]:
    """The same as isinstance(), which takes too long to be asked for every message."""
    kind = type(channel)
    known = _KNOWN.get(kind)
    if known is None:
        known = _KNOWN[kind] = issubclass(kind, Guarded)
    return known


def watch(channel: Channel | Guarded | None, row: ChannelRow) -> Watch | None:
    """None: nothing has to be kept to there, or the channel is not open in this process."""
    if not guarded(channel):
        return None
    rules = channel.protection()
    limits = in_force(rules, row.protection)
    warm_at = (row.linked_at or row.created_at) + limits.warm_up_days * DAY
    return Watch(limits=limits, share=rules.warm_up_share, paused=row.paused, warm_at=warm_at)


def in_force(rules: Protection, chosen: str) -> Limits:
    """`chosen`: the column of the channel. A plugin may have lowered a ceiling since it was written."""
    if chosen == _NONE:
        return rules.limits
    known = {name: value for name, value in _SET.decode(chosen).items() if name in Limits.__struct_fields__}
    limits = msgspec.convert(msgspec.to_builtins(rules.limits) | known, Limits)
    lowered = {
        name: most for name, most in ceilings_of(rules.ceilings).items() if getattr(limits, name) > most
    }
    return structs.replace(limits, **lowered)


def ceilings_of(ceilings: Ceilings) -> dict[str, int]:
    """Those there are, by the name of the limit."""
    return {name: most for name, most in structs.asdict(ceilings).items() if most is not None}


def alarm_of(channel: Channel | None, *codes: str) -> Alarm | None:
    """What the network did, if one of these codes says so."""
    if not guarded(channel):
        return None
    alarms = channel.protection().alarms
    return next((alarms[code] for code in codes if code in alarms), None)


def zone_of(name: str) -> tzinfo:
    """Raises ValueError for a zone that this machine does not know."""
    if name == "UTC":
        return UTC  # known where no table of zones is installed
    try:
        return ZoneInfo(name)
    except (OSError, KeyError, ValueError) as error:
        raise ValueError(f"no time zone {name!r}") from error


def quiet_until(limits: Limits, now: int) -> int | None:
    """When the quiet hours end, ms, if they are now."""
    if not limits.quiet_from or limits.quiet_from == limits.quiet_until:
        return None
    try:
        zone = zone_of(limits.timezone)
    except ValueError:  # its table was there when it was set
        zone = UTC
    here = datetime.fromtimestamp(now / 1000, zone)
    begin, end = time.fromisoformat(limits.quiet_from), time.fromisoformat(limits.quiet_until)
    at = here.time()
    quiet = begin <= at < end if begin < end else at >= begin or at < end
    if not quiet:
        return None
    day = here.date() if at < end else here.date() + timedelta(days=1)
    return int(datetime.combine(day, end, zone).timestamp() * 1000)
