"""Protection: how carefully an account has to be used so that its network does not shut it out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

from msgspec import Struct

Alarm = Literal["restricted", "banned"]
"""What the network did: it bars first messages, or it bars the account."""


class Limits(Struct, frozen=True, kw_only=True):
    """What may be done with an account. Those who run it change this, within the ceilings.

    `reply_within_days`: people are answered so long after they last wrote. `new_chats_per_day`: begun by
    one of us. `per_minute`, `per_hour`: messages that leave. `same_text_chats`: so many may be told the
    same within an hour. `warm_up_days` after linking, automatic messages get a share of the limits only.
    From `quiet_from` to `quiet_until` ("22:00" to "08:00" in `timezone`) no automatic message leaves; ""
    in both: there are no quiet hours.
    """

    reply_within_days: int = 30
    new_chats_per_day: int = 5
    per_minute: int = 20
    per_hour: int = 200
    same_text_chats: int = 5
    warm_up_days: int = 7
    quiet_from: str = ""
    quiet_until: str = ""
    timezone: str = "UTC"


class Ceilings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The most that anybody may set. None: the plugin knows no hard end."""

    reply_within_days: int | None = None
    new_chats_per_day: int | None = None
    per_minute: int | None = None
    per_hour: int | None = None
    same_text_chats: int | None = None


class Protection(Struct, frozen=True, kw_only=True):
    """`limits`: as long as nobody sets others.

    `warm_up_share`: of the limits, for automatic messages while the account is young. `jitter`: seconds; up
    to so much is waited before a message, at random. `alarms`: codes of states (Port.state) and remote codes
    of errors after which only people answer people, until one of us goes on. `until`: when the network says
    that its present restriction ends.
    """

    limits: Limits = Limits()
    ceilings: Ceilings = Ceilings()
    warm_up_share: float = 0.25
    jitter: float = 1.0
    alarms: Mapping[str, Alarm] = {}
    until: datetime | None = None


@runtime_checkable
class Guarded(Protocol):
    """An account that its network takes away from whoever writes too much: core keeps to these rules."""

    def protection(self) -> Protection:
        """No I/O: it is asked for every message."""
        ...
