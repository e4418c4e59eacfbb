"""An account that is used with care, on each engine: what is refused, what leaves, what a restart knows."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from inbox_reduce import events_of
from inbox_world import HOUR, World
from msgspec import structs
from scripted_channel import Careful

from jackfield.app.standing import SetState
from jackfield.channel import Limits, Protection, Text, Unreachable
from jackfield.errors import NotFound, NotSendable
from jackfield.ids import new_id, read, show
from jackfield.inbox.clock import Clock
from jackfield.inbox.lane import Tempo
from jackfield.inbox.openings import used
from jackfield.inbox.outbox import Outbox
from jackfield.inbox.perform import Inbox
from jackfield.inbox.protection.beginning import pool_of
from jackfield.inbox.protection.pausing import Alarmed, Pausing, Resuming
from jackfield.inbox.protection.setting import SetLimits
from jackfield.inbox.views import channel_view
from jackfield.store.rows import (
    ChannelRow,
    ConversationRow,
    DepartureRow,
    MessageRow,
    OutboxRow,
    PauseRow,
    StreamRow,
)
from jackfield.wire.commands import (
    AnyCommand,
    MarkRead,
    RetryMessage,
    SendMessage,
    Sent,
    StartConversation,
    Started,
)
from jackfield.wire.protection import LimitsChange
from jackfield.wire.stream import ChannelChanged, Notice

OWNER = "process 1"
DAY, MINUTE = 24 * HOUR, 60_000
QUICK = Tempo(send_within=2, idle=0.2, first_retry=0.02, most_retry=0.05, most_brake=0.1)
NEVER_QUIET = Limits(warm_up_days=0)
ALARMS = {"463": "restricted", "restricted": "restricted", "temp_banned": "banned"}


@pytest.fixture
def careful(world: World) -> Careful:
    """Our channel, used with care from now on; and warm already."""
    return swap(world)


def swap(world: World, *script: str | BaseException, **limits: Any) -> Careful:
    rules = Protection(
        limits=structs.replace(NEVER_QUIET, **limits),
        jitter=0,
        alarms=ALARMS,  # type: ignore[arg-type]  # its words
    )
    channel = world.channels[world.here.channel] = Careful(*script, rules=rules)
    return channel


async def robot(world: World, command: AnyCommand) -> Any:
    """The same operator's program, with a token."""
    return await world.inbox.perform(structs.replace(world.actor(), automatic=True), command)


async def someone(world: World, name: str, *, heard: int | None = 0) -> str:
    """A chat with somebody who wrote so many days ago; None: never."""
    here, number = world.here, new_id()
    await world.converse(here.workspace, here.channel, None, number, new_id(), peer=name, name=name)
    at = None if heard is None else await world.now() - heard * DAY
    await world.change(ConversationRow, number, last_in_at=at, windowed=False, window_until=None)
    return show("c", number)


def text(conv: str, body: str = "hello", **more: Any) -> SendMessage:
    return SendMessage(conv=conv, parts=(Text(body=body),), **more)


async def refused(doing: Any) -> NotSendable:
    with pytest.raises(NotSendable) as caught:
        await doing
    return caught.value


async def paused(world: World, reason: Any = "by_hand", **more: Any) -> None:
    here = world.here
    by = here.roles["admin"] if reason == "by_hand" else None
    await world.store.writer.do(
        Pausing(workspace=here.workspace, channel=here.channel, reason=reason, by=by, **more)
    )


async def resumed(world: World) -> None:
    here = world.here
    await world.store.writer.do(
        Resuming(workspace=here.workspace, channel=here.channel, by=here.roles["admin"])
    )
    await world.bus.publish(f"lane.{here.channel}", b"")


async def the_channel(world: World) -> ChannelRow:
    return await world.one(ChannelRow, world.here.channel)


# -- answering and beginning --------------------------------------------------------------------------


async def test_only_who_wrote_lately_is_answered(world: World, careful: Careful) -> None:
    lately, long_ago = await someone(world, "lately", heard=29), await someone(world, "long ago", heard=31)
    await world.do(text(lately))
    error = await refused(world.do(text(long_ago)))
    assert (error.code, error.data["alternatives"]) == ("reply_only", ["start", "note"])
    answer = await world.inbox.can_send(world.actor(), long_ago)
    assert (answer.ok, answer.reason) == (False, "reply_only")
    await world.do(SendMessage(conv=long_ago, parts=(Text(body="he is away"),), mode="note"))
    assert await world.count("departure") == 1


async def test_a_person_begins_so_many_chats_in_a_day_and_not_one_more(world: World) -> None:
    swap(world, new_chats_per_day=2)
    begun: list[str] = []
    for number in ("+79990000001", "+79990000002"):
        answer = await world.do(StartConversation(channel=show("ch", world.here.channel), phone=number))
        assert isinstance(answer, Started)
        begun.append(answer.conv)
        await world.do(text(answer.conv, f"hello {number}"))
    third = StartConversation(channel=show("ch", world.here.channel), phone="+79990000003")
    before = await world.count("conversation")
    error = await refused(world.do(third))
    assert error.code == "new_chats_full"
    now = await world.now()
    assert now < error.data["until"] <= now + DAY
    assert await world.count("conversation") == before, "a refusal leaves nothing behind"
    # The same person again is the same chat, and takes no place.
    again = await world.do(StartConversation(channel=show("ch", world.here.channel), phone="+79990000001"))
    assert isinstance(again, Started)
    assert again.conv == begun[0]
    assert await used(world.store, pool_of(world.here.channel), now=now) == 2


async def test_whoever_was_silent_is_begun_with_anew_and_it_counts(world: World) -> None:
    swap(world, new_chats_per_day=1)
    start = StartConversation(channel=show("ch", world.here.channel), phone="+79991234567")
    answer = await world.do(start)  # he wrote a moment ago: nothing is begun
    assert isinstance(answer, Started)
    assert answer.conv == world.here.conv
    assert await used(world.store, pool_of(world.here.channel), now=await world.now()) == 0
    long_ago = await world.now() - 40 * DAY
    await world.change(ConversationRow, world.here.conversation, last_in_at=long_ago)
    assert (await refused(world.do(text(world.here.conv)))).code == "reply_only"
    await world.do(start)
    await world.do(text(world.here.conv))
    assert await used(world.store, pool_of(world.here.channel), now=await world.now()) == 1
    # A day later it has to be begun once more.
    await world.change(ConversationRow, world.here.conversation, begun_at=await world.now() - DAY - 1)
    assert (await refused(world.do(text(world.here.conv)))).code == "reply_only"
    assert (await refused(world.do(start))).code == "new_chats_full"


async def test_a_program_begins_nothing_and_says_no_first_word(world: World, careful: Careful) -> None:
    start = StartConversation(channel=show("ch", world.here.channel), phone="+79990000001")
    assert (await refused(robot(world, start))).code == "start_by_hand"
    answer = await world.do(start)
    assert isinstance(answer, Started)
    assert (await refused(robot(world, text(answer.conv)))).code == "reply_only"
    await robot(world, text(world.here.conv))  # he wrote first


# -- the same words -----------------------------------------------------------------------------------


async def test_the_same_words_to_many_are_asked_about(world: World) -> None:
    swap(world, same_text_chats=3)
    chats = [await someone(world, f"person {n}") for n in range(5)]
    for conv in chats[:3]:
        await world.do(text(conv, "Sale today"))
    error = await refused(world.do(text(chats[3], " SALE  today ")))
    assert (error.code, error.data["count"], error.data["alternatives"]) == ("same_text", 3, ["anyway"])
    await world.do(text(chats[0], "Sale today"))  # who was told before is not one more
    await world.do(text(chats[3], "Sale tomorrow"))
    assert (await refused(robot(world, text(chats[3], "Sale today", anyway=True)))).code == "same_text"
    await world.do(text(chats[3], "Sale today", anyway=True))  # a person's decision
    # Spread over the day it is no bulk.
    for row in await world.all(DepartureRow):
        await world.change(DepartureRow, row.id, due_at=row.due_at - HOUR - 1)
    await world.do(text(chats[4], "Sale today"))


async def test_what_is_scheduled_counts_for_the_hour_it_leaves_in(world: World) -> None:
    swap(world, same_text_chats=1)
    one, two = await someone(world, "one"), await someone(world, "two")
    later = await world.now() + 5 * HOUR
    await world.do(text(one, "See you", due_at=later))
    await world.do(text(two, "See you"))
    error = await refused(world.do(text(two, "See you", due_at=later + MINUTE)))
    assert error.code == "same_text"


# -- pauses -------------------------------------------------------------------------------------------


async def test_a_pause_lets_people_answer_people_and_nothing_else(world: World, careful: Careful) -> None:
    start = StartConversation(channel=show("ch", world.here.channel), phone="+79990000001")
    begun = await world.do(start)
    assert isinstance(begun, Started)
    await paused(world)
    await world.do(text(world.here.conv))
    assert (await refused(robot(world, text(world.here.conv)))).code == "paused"
    assert (await refused(world.do(text(begun.conv)))).code == "paused_new"
    other = structs.replace(start, phone="+79990000002")
    assert (await refused(world.do(other))).code == "paused_new"
    await resumed(world)
    await robot(world, text(world.here.conv))
    await world.do(text(begun.conv))
    (row,) = await world.all(PauseRow)
    admin = world.here.roles["admin"]
    assert (row.reason, row.by_id, row.resumed_by) == ("by_hand", admin, admin)
    assert row.resumed_at is not None


async def test_a_graver_pause_takes_the_place_of_a_lighter_one(world: World, careful: Careful) -> None:
    until = await world.now() + HOUR
    await paused(world)
    await paused(world, "banned", until=until)
    await paused(world, "restricted")
    await paused(world, "banned", until=until + HOUR)
    assert (await the_channel(world)).paused == "banned"
    first, second = await world.all(PauseRow)
    assert (first.reason, first.resumed_by, second.until) == ("by_hand", None, until + HOUR)
    assert (first.resumed_at is None, second.resumed_at) == (False, None)


async def test_another_workspace_pauses_nothing_here(world: World, careful: Careful) -> None:
    there = world.there
    with pytest.raises(NotFound):
        await world.store.writer.do(
            Pausing(workspace=there.workspace, channel=world.here.channel, reason="by_hand", by=1)
        )
    assert (await the_channel(world)).paused == ""


def state(world: World, code: str, *, until: int | None = None) -> SetState:
    alarm = ALARMS.get(code)
    return SetState(
        workspace=world.here.workspace,
        channel=world.here.channel,
        state="suspended" if code == "temp_banned" else "connected",
        code=code,
        text="",
        alarm=None if alarm is None else Alarmed(reason=alarm, until=until),  # type: ignore[arg-type]  # its words
    )


async def test_a_ban_pauses_until_a_person_goes_on_and_is_told_live(world: World, careful: Careful) -> None:
    (before,) = await world.store.fetch("SELECT seq FROM workspace WHERE id = $1", world.here.workspace)
    until = await world.now() + HOUR
    await world.store.writer.do(state(world, "temp_banned", until=until))
    await world.store.writer.do(state(world, ""))  # the ban is over, the connection back
    row = await the_channel(world)
    assert (row.state, row.paused) == ("connected", "banned")
    rows = await world.store.rows(
        StreamRow, "WHERE workspace_id = $1 AND seq > $2 ORDER BY seq", world.here.workspace, before[0]
    )
    told = [event for _, event in events_of(rows)]
    channels = [event.channel for event in told if isinstance(event, ChannelChanged)]
    assert channels[0].paused == "banned"
    assert channels[-1] == channel_view(row), "state and events say the same"
    assert [(one.code, one.severity) for one in told if isinstance(one, Notice)] == [
        ("paused_banned", "critical")
    ]
    (pause,) = await world.all(PauseRow)
    assert (pause.until, pause.by_id) == (until, None)
    await resumed(world)
    await world.store.writer.do(state(world, ""))
    assert (await the_channel(world)).paused == ""


async def test_the_same_state_told_again_is_no_new_alarm(world: World, careful: Careful) -> None:
    await world.store.writer.do(state(world, "restricted"))
    await resumed(world)
    await world.store.writer.do(state(world, "restricted"))
    assert (await the_channel(world)).paused == ""


# -- leaving ------------------------------------------------------------------------------------------


@asynccontextmanager
async def sending(world: World) -> AsyncGenerator[Outbox]:
    await world.change(ChannelRow, world.here.channel, lease_owner=OWNER)
    async with Outbox(world.store, world.bus, world.channels.get, owner=OWNER, tempo=QUICK) as outbox:
        outbox.start(world.here.channel, world.here.workspace, "scripted")
        yield outbox


async def until(so: Callable[[], bool], *, within: float = 20) -> None:
    end = time.monotonic() + within
    while not so():
        assert time.monotonic() < end, "it did not come so far"
        await asyncio.sleep(0.02)


async def reach(world: World, messages: Sequence[str], wanted: str) -> None:
    """Wait until every message is so."""
    end = time.monotonic() + 20
    while True:
        found = [(await world.message(read("m", shown))).st for shown in messages]
        if set(found) <= {wanted}:
            return
        assert time.monotonic() < end, found
        await asyncio.sleep(0.02)


async def ids_of(doing: Any) -> str:
    answer = await doing
    assert isinstance(answer, Sent)
    return answer.messages[0]


async def left_before(world: World, *ago: int, automatic: bool = False) -> list[int]:
    """Messages that left so many ms ago, maybe through another process."""
    now, here = await world.now(), world.here
    rows = [
        DepartureRow(
            id=new_id(),
            workspace_id=here.workspace,
            channel_id=here.channel,
            conversation_id=1,
            message_id=new_id(),
            automatic=automatic,
            due_at=now - one,
            gone_at=now - one,
        )
        for one in ago
    ]
    await world.put(*rows)
    return [row.due_at for row in rows]


async def test_what_is_too_much_for_a_minute_waits_even_after_a_restart(world: World) -> None:
    swap(world, per_minute=3)
    oldest, *_ = await left_before(world, MINUTE - 1500, 20_000, 10_000)
    async with sending(world):
        shown = await ids_of(world.do(text(world.here.conv)))
        await reach(world, [shown], "sent")
    (row,) = [one for one in await world.all(DepartureRow) if one.message_id == read("m", shown)]
    assert row.gone_at is not None
    assert row.gone_at >= oldest + MINUTE


async def test_a_full_hour_holds_back_messages_and_not_what_belongs_to_them(world: World) -> None:
    channel = swap(world, per_hour=2)
    await left_before(world, 30 * MINUTE, 20 * MINUTE)
    chats = [await someone(world, f"person {n}") for n in range(9)]  # more than a lane looks at

    def marks() -> int:
        return sum(call.op == "read" for call in channel.calls)

    async with sending(world):
        queued = [await ids_of(world.do(text(conv, conv))) for conv in chats]
        await until(lambda: marks() == len(chats))
        await world.do(MarkRead(conv=world.here.conv, pos=1))
        await until(lambda: marks() == len(chats) + 1)
        assert channel.sent() == []
    assert {(await world.message(read("m", shown))).st for shown in queued} == {"queued"}


async def test_automatic_messages_wait_and_hold_up_nobody(world: World) -> None:
    """In the warm-up, with their share used up: a person's answer in the same chat goes first."""
    channel = swap(world, per_minute=8, warm_up_days=7)
    await left_before(world, 2000, 1000, automatic=True)
    await world.change(ChannelRow, world.here.channel, linked_at=await world.now() - DAY)
    waits = await ids_of(robot(world, text(world.here.conv, "first")))
    async with sending(world):
        goes = await ids_of(world.do(text(world.here.conv, "second")))
        await reach(world, [goes], "sent")
        assert channel.sent() == [goes]
        await world.change(ChannelRow, world.here.channel, linked_at=await world.now() - 8 * DAY)
        await reach(world, [waits], "sent")


async def test_a_pause_keeps_what_is_queued_until_a_person_goes_on(world: World, careful: Careful) -> None:
    waits = [await ids_of(robot(world, text(world.here.conv, f"{n}"))) for n in range(3)]
    soon = await world.now() + 100
    waits.append(await ids_of(world.do(text(world.here.conv, "at its time", due_at=soon))))
    await paused(world)
    async with sending(world):
        goes = await ids_of(world.do(text(world.here.conv, "by hand")))
        await reach(world, [goes], "sent")
        await asyncio.sleep(0.3)
        assert careful.sent() == [goes]
    async with sending(world):  # another process, later
        await asyncio.sleep(0.3)
        assert careful.sent() == [goes]
        await resumed(world)
        await reach(world, waits, "sent")
    assert careful.sent() == [goes, *waits], "in their order"


async def test_quiet_hours_hold_what_is_automatic(world: World) -> None:
    now = datetime.now(UTC)
    begin, end = (f"{now + timedelta(hours=hours):%H:%M}" for hours in (-1, 6))
    channel = swap(world, quiet_from=begin, quiet_until=end)
    waits = await ids_of(robot(world, text(world.here.conv)))
    goes = await ids_of(world.do(text(world.here.conv, "by hand")))
    async with sending(world):
        await reach(world, [goes], "sent")
        await asyncio.sleep(0.3)
        assert channel.sent() == [goes]
        channel.rules = structs.replace(channel.rules, limits=NEVER_QUIET)
        await reach(world, [waits], "sent")


async def test_a_person_who_retries_sends_by_hand(world: World) -> None:
    swap(world, Unreachable("gone"))
    shown = await ids_of(robot(world, text(world.here.conv)))
    async with sending(world):
        await reach(world, [shown], "failed")
        await world.do(RetryMessage(message=shown))
        await reach(world, [shown], "sent")
    (row,) = await world.store.rows(OutboxRow, "WHERE op = 'send'")
    assert not row.automatic
    assert await world.count("departure") == 1, "one message, however often it is tried"


async def test_a_barred_first_message_pauses_the_account(world: World) -> None:
    channel = swap(world, Unreachable("server returned error 463", remote_code="463"))
    begun = await world.do(StartConversation(channel=show("ch", world.here.channel), phone="+79990000001"))
    assert isinstance(begun, Started)
    async with sending(world):
        first = await ids_of(world.do(text(begun.conv)))
        await reach(world, [first], "failed")
        row = await the_channel(world)
        assert row.paused == "restricted"
        reply = await ids_of(world.do(text(world.here.conv)))  # people who write are still answered
        await reach(world, [reply], "sent")
    assert len(channel.sent()) == 2
    world.inbox = Inbox(world.store, world.channels.get, world.bus)  # as after a restart
    assert (await refused(world.do(text(begun.conv)))).code == "paused_new"


async def test_a_first_message_that_was_queued_before_the_pause_does_not_leave(world: World) -> None:
    channel = swap(world)
    begun = await world.do(StartConversation(channel=show("ch", world.here.channel), phone="+79990000001"))
    assert isinstance(begun, Started)
    shown = await ids_of(world.do(text(begun.conv)))
    await paused(world, "restricted")
    async with sending(world):
        await reach(world, [shown], "failed")
    message = await world.one(MessageRow, read("m", shown))
    assert json.loads(message.fail)["code"] == "paused_new"
    assert channel.sent() == []


async def test_a_channel_without_the_ability_keeps_no_account(world: World) -> None:
    async with sending(world):
        await reach(world, [await ids_of(robot(world, text(world.here.conv)))], "sent")
    assert await world.count("departure") == 0
    assert await world.count("opening") == 0


# -- settings and cleaning ----------------------------------------------------------------------------


async def test_limits_are_kept_as_they_differ_from_the_plugins(world: World, careful: Careful) -> None:
    here = world.here

    async def change(**values: Any) -> str:
        work = SetLimits(
            workspace=here.workspace,
            channel=here.channel,
            rules=careful.rules,
            change=LimitsChange(**values),
        )
        row = await world.store.writer.do(work)
        return row.protection

    assert json.loads(await change(per_minute=3, same_text_chats=5)) == {"per_minute": 3}
    assert json.loads(await change(quiet_from="22:00", quiet_until="07:00"))["per_minute"] == 3
    assert json.loads(await change(per_minute=20, quiet_from="", quiet_until="")) == {}


async def test_what_left_long_ago_is_forgotten(world: World) -> None:
    kept, *_ = await left_before(world, 23 * HOUR, 25 * HOUR)
    now = await world.now()
    assert await Clock(world.store, world.bus, now=lambda: now).clean() >= 1
    assert [row.due_at for row in await world.all(DepartureRow)] == [kept]
