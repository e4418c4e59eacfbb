"""Protection as the page shows it: what an account may do, what of it is used, and why something waits."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from jackfield.channel import Ceilings, Limits

PauseReason = Literal["restricted", "banned", "by_hand"]
Level = Literal["calm", "near", "full", "paused"]
Time = Annotated[str, Meta(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9])?$")]


class Used(Struct, frozen=True, kw_only=True):
    """Messages that left in the last minute and hour, chats begun in the last 24 hours, days of the warm-up
    that are left."""

    minute: int
    hour: int
    new_chats: int
    warm_up_left_days: int


class Pause(Struct, frozen=True, kw_only=True):
    """`restricted` and `banned`: the network did it, and says until when, or does not. Either way it lasts
    until a person goes on."""

    reason: PauseReason
    at: int
    until: int | None


class ProtectionView(Struct, frozen=True, kw_only=True):
    """The gauge. `ceilings`: the most that can be set, where there is a most. `reasons`: why it is at this
    level and what else holds messages back; each picks its words: "protection.reason.<code>"."""

    limits: Limits
    ceilings: Ceilings
    used: Used
    paused: Pause | None
    level: Level
    reasons: tuple[str, ...]


class LimitsChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be other than it is. Quiet hours: both times, or "" for both."""

    reply_within_days: Annotated[int, Meta(ge=1, le=365)] | None = None
    new_chats_per_day: Annotated[int, Meta(ge=0, le=1000)] | None = None
    per_minute: Annotated[int, Meta(ge=1, le=600)] | None = None
    per_hour: Annotated[int, Meta(ge=1, le=5000)] | None = None
    same_text_chats: Annotated[int, Meta(ge=1, le=1000)] | None = None
    warm_up_days: Annotated[int, Meta(ge=0, le=90)] | None = None
    quiet_from: Time | None = None
    quiet_until: Time | None = None
    timezone: Annotated[str, Meta(min_length=1, max_length=60)] | None = None
