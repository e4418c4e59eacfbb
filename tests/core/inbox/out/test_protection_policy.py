"""Protection as pure decisions, in tables: who may be written to, what may leave, what the gauge says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import structs
from scripted_channel import Able, Careful

from jackfield.channel import Ceilings, Limits, Media, Protection, Text
from jackfield.errors import Invalid
from jackfield.inbox.protection import gauge
from jackfield.inbox.protection.asking import refusal
from jackfield.inbox.protection.leaving import Gone, room
from jackfield.inbox.protection.limits import (
    DAY,
    HOUR,
    MINUTE,
    Watch,
    alarm_of,
    in_force,
    quiet_until,
    watch,
)
from jackfield.inbox.protection.saying import digest_of
from jackfield.inbox.protection.setting import check
from jackfield.store.rows import ChannelRow, ConversationRow
from jackfield.wire.protection import Used

NOW = int(datetime(2026, 6, 1, 12, tzinfo=UTC).timestamp() * 1000)
LIMITS = Limits(per_minute=8, per_hour=40)
CALM = Watch(limits=LIMITS, share=0.25, paused="", warm_at=NOW - 1)
PAUSED = structs.replace(CALM, paused="restricted")
YOUNG = structs.replace(CALM, warm_at=NOW + 3 * DAY)


def chat(*, heard: int | None = None, begun: int | None = None, group: bool = False) -> ConversationRow:
    """`heard`: days since they wrote; `begun`: hours since one of us began it."""
    return ConversationRow(
        id=1,
        workspace_id=1,
        channel_id=1,
        peer="p",
        is_group=group,
        last_at=NOW,
        last_in_at=None if heard is None else NOW - heard * DAY,
        begun_at=None if begun is None else NOW - begun * HOUR,
        created_at=0,
    )


# -- who may be written to ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seen", "conversation", "automatic", "reason"),
    [
        (CALM, chat(heard=1), False, ""),
        (CALM, chat(heard=1), True, ""),
        (CALM, chat(heard=30), True, ""),
        (CALM, chat(heard=31), False, "reply_only"),
        (CALM, chat(), False, "reply_only"),
        (CALM, chat(begun=23), False, ""),
        (CALM, chat(begun=25), False, "reply_only"),
        (CALM, chat(begun=1), True, "reply_only"),  # first words are a person's
        (CALM, chat(heard=31, begun=1), False, ""),
        (CALM, chat(group=True), True, ""),
        (PAUSED, chat(heard=1), False, ""),
        (PAUSED, chat(heard=1), True, "paused"),
        (PAUSED, chat(begun=1), False, "paused_new"),
        (PAUSED, chat(heard=31), False, "reply_only"),
        (PAUSED, chat(group=True), False, ""),
        (PAUSED, chat(group=True), True, "paused"),
    ],
)
def test_who_wrote_lately_is_answered_and_nobody_else(
    seen: Watch, conversation: ConversationRow, automatic: bool, reason: str
) -> None:
    assert refusal(seen, conversation, automatic=automatic, now=NOW) == reason


# -- what may leave -----------------------------------------------------------------------------------


def gone(*seconds_ago: float, automatic: bool = False) -> list[Gone]:
    return [(NOW - int(ago * 1000), automatic) for ago in seconds_ago]


@pytest.mark.parametrize(
    ("seen", "left", "messages", "automatic", "look_in"),
    [
        (CALM, [], 8, 8, None),
        (CALM, gone(50, 20, 1), 5, 5, None),
        (CALM, gone(*range(59, 51, -1)), 0, 0, 1),  # the oldest falls out of the minute in a second
        (CALM, gone(*range(70, 55, -1)), 4, 4, None),  # those before the minute count for the hour
        (CALM, gone(*range(3590, 3550, -1)), 0, 0, 10),
        (CALM, gone(*range(3590, 3551, -1)), 1, 1, None),
        (CALM, gone(*range(3599, 3567, -1), *range(59, 51, -1)), 0, 0, 1),
        (YOUNG, [], 8, 2, None),
        (YOUNG, gone(30, 20, automatic=True), 6, 0, 30),
        (YOUNG, gone(30, 20), 6, 2, None),  # what people write uses up nothing of it
        (YOUNG, gone(*range(3590, 3580, -1), automatic=True), 8, 0, 10),
        (PAUSED, [], 8, 0, None),
    ],
)
def test_no_more_leaves_than_fits_into_a_minute_and_an_hour(
    seen: Watch, left: list[Gone], messages: int, automatic: int, look_in: float | None
) -> None:
    found = room(seen, left, now=NOW)
    wanted = None if look_in is None else NOW + int(look_in * 1000)
    assert (found.messages, found.automatic, found.look_at) == (messages, automatic, wanted)


def quiet(begin: str, end: str, zone: str = "UTC") -> Limits:
    return structs.replace(LIMITS, quiet_from=begin, quiet_until=end, timezone=zone)


@pytest.mark.parametrize(
    ("limits", "hours"),
    [
        (quiet("", ""), None),
        (quiet("12:00", "12:00"), None),
        (quiet("22:00", "08:00"), None),
        (quiet("12:00", "13:00"), 1),
        (quiet("11:00", "12:00"), None),
        (quiet("11:30", "08:00"), 20),
        (quiet("23:00", "12:30"), 0.5),
        (quiet("22:00", "08:00", "Asia/Tokyo"), None),  # it is nine in the evening there
        (quiet("21:00", "08:00", "Asia/Tokyo"), 11),
        (quiet("22:00", "08:00", "America/Los_Angeles"), 3),
        (quiet("12:00", "13:00", "No/Where"), 1),  # its zone is gone: UTC
    ],
)
def test_quiet_hours_are_those_of_the_place(limits: Limits, hours: float | None) -> None:
    ends = None if hours is None else NOW + int(hours * HOUR)
    assert quiet_until(limits, NOW) == ends
    found = room(structs.replace(CALM, limits=limits), [], now=NOW)
    assert (found.automatic, found.look_at) == ((8, None) if ends is None else (0, ends))
    assert found.messages == 8


# -- the limits in force ------------------------------------------------------------------------------

ROW = ChannelRow(id=1, workspace_id=1, kind="k", name="n", external_id="e", created_at=NOW - 10 * DAY)
RULES = Protection(limits=Limits(per_minute=8), ceilings=Ceilings(per_minute=10, new_chats_per_day=5))


@pytest.mark.parametrize(
    ("chosen", "per_minute", "days"),
    [("{}", 8, 30), ('{"per_minute":3}', 3, 30), ('{"reply_within_days":7,"of_another_day":1}', 8, 7)],
)
def test_what_was_set_counts_before_the_plugins_word(chosen: str, per_minute: int, days: int) -> None:
    limits = in_force(RULES, chosen)
    assert (limits.per_minute, limits.reply_within_days) == (per_minute, days)


def test_a_ceiling_that_was_lowered_holds_for_what_was_set_before() -> None:
    assert in_force(RULES, '{"per_minute":60}').per_minute == 10


def test_a_channel_without_the_ability_is_not_watched() -> None:
    assert watch(Able(), ROW) is None
    assert watch(None, ROW) is None
    assert alarm_of(Able(), "463") is None


@pytest.mark.parametrize(
    ("linked_at", "days"), [(0, 0), (NOW, 7), (NOW - DAY, 6), (NOW - 7 * DAY + 1, 1), (NOW - 7 * DAY, 0)]
)
def test_the_warm_up_begins_with_the_last_login(linked_at: int, days: int) -> None:
    seen = watch(Careful(), structs.replace(ROW, linked_at=linked_at))
    assert seen is not None
    assert seen.days_left(NOW) == days


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"per_minute": 10}, None),
        ({"per_minute": 11}, "above_ceiling"),
        ({"new_chats_per_day": 6}, "above_ceiling"),
        ({"per_hour": 4000}, None),
        ({"quiet_from": "22:00"}, "quiet_hours"),
        ({"quiet_from": "22:00", "quiet_until": "08:00", "timezone": "Europe/Moscow"}, None),
        ({"timezone": "Moscow"}, "timezone"),
        ({"timezone": "../etc/passwd"}, "timezone"),
    ],
)
def test_limits_that_cannot_be_are_refused_with_their_name(change: dict[str, Any], code: str | None) -> None:
    limits = structs.replace(RULES.limits, **change)
    if code is None:
        check(RULES, limits, change)
        return
    with pytest.raises(Invalid) as refused:
        check(RULES, limits, change)
    assert refused.value.code == code
    assert refused.value.data["fields"]


# -- the gauge ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seen", "uses", "level", "reasons"),
    [
        (CALM, (0, 0, 0, 0), "calm", ()),
        (CALM, (6, 6, 3, 0), "calm", ()),
        (CALM, (7, 7, 0, 0), "near", ("minute_near",)),
        (CALM, (8, 8, 0, 0), "full", ("minute_full",)),
        (CALM, (0, 33, 4, 0), "near", ("hour_near", "new_chats_near")),
        (CALM, (0, 40, 5, 0), "full", ("hour_full", "new_chats_full")),
        (YOUNG, (0, 0, 0, 3), "calm", ("warm_up",)),
        (PAUSED, (8, 8, 0, 0), "paused", ("paused_restricted", "minute_full")),
        (structs.replace(CALM, limits=quiet("11:00", "13:00")), (0, 0, 0, 0), "calm", ("quiet_hours",)),
        (structs.replace(CALM, limits=structs.replace(LIMITS, new_chats_per_day=0)), (0,) * 4, "calm", ()),
    ],
)
def test_the_gauge_shows_the_nearest_limit_and_every_reason(
    seen: Watch, uses: tuple[int, ...], level: str, reasons: tuple[str, ...]
) -> None:
    minute, hour, new_chats, left = uses
    used = Used(minute=minute, hour=hour, new_chats=new_chats, warm_up_left_days=left)
    assert gauge.read(seen, used, now=NOW) == (level, reasons)


def test_what_is_used_is_counted_from_what_left() -> None:
    left = [(NOW - 2 * MINUTE, True), (NOW - MINUTE, False), (NOW - MINUTE + 1, False)]
    assert gauge.used(YOUNG, left, 2, now=NOW) == Used(minute=1, hour=3, new_chats=2, warm_up_left_days=3)


# -- the same words -----------------------------------------------------------------------------------


def test_words_that_read_the_same_are_the_same() -> None:
    hello = digest_of(Text(body="Hello  there"))
    assert digest_of(Text(body=" hello\nTHERE ")) == hello
    assert digest_of(Text(body="Hello, there")) != hello
    picture = Media(sort="image", ref="f_1", mime="image/jpeg")
    assert digest_of(structs.replace(picture, caption="hello there")) == hello
    assert digest_of(picture) == digest_of(structs.replace(picture, name="b.jpg")) != ""
