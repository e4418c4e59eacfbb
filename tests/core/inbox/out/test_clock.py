"""What happens by itself: waking, queueing, cleaning."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from inbox_world import HOUR, World

from jackfield.channel import Text
from jackfield.ids import first_id, make_ids, new_id, show
from jackfield.inbox.clock import DAY, HISTORY_KEPT, STREAM_LEAST, Clock
from jackfield.store import tables
from jackfield.store.rows import (
    ConversationRow,
    DoneRow,
    MessageRow,
    OpeningRow,
    OutboxRow,
    RemarkRow,
    StreamRow,
    WorkspaceRow,
)
from jackfield.wire.commands import Close, SendMessage, Snooze


async def snooze(world: World) -> None:
    await world.do(Snooze(conv=world.here.conv, until=await world.now() + HOUR))


async def test_a_snoozed_conversation_wakes_when_its_time_is_over(world: World) -> None:
    clock = Clock(world.store, world.bus)
    await snooze(world)
    assert await clock.wake() == 0
    assert (await world.conversation()).status == "snoozed"
    await world.change(ConversationRow, world.here.conversation, snoozed_until=await world.now())
    assert await clock.wake() == 1
    row = await world.conversation()
    assert (row.status, row.snoozed_until) == ("open", None)
    told = (await world.thread())[-1]
    assert (told.dir, told.author_kind) == ("system", "system")
    assert msgspec.json.decode(told.parts)[0]["code"] == "woke"
    assert await clock.wake() == 0


async def test_what_was_closed_meanwhile_does_not_wake(world: World) -> None:
    await snooze(world)
    await world.do(Close(conv=world.here.conv))
    in_a_day = await world.now() + DAY
    assert await Clock(world.store, world.bus, now=lambda: in_a_day).wake() == 0
    assert (await world.conversation()).status == "closed"


async def test_a_scheduled_message_is_queued_though_no_lane_runs(world: World) -> None:
    due = await world.now() + HOUR
    command = SendMessage(conv=world.here.conv, parts=(Text(body="later"),), due_at=due)
    (message,) = await world.say(command)
    clock = Clock(world.store, world.bus)
    assert await clock.queue() == 0
    past = await world.now() - 1
    await world.change(MessageRow, message.id, due_at=past)
    (row,) = [row for row in await world.all(OutboxRow) if row.op == "send"]
    await world.change(OutboxRow, row.id, due_at=past)
    assert await clock.queue() == 1
    message = await world.message(message.id)
    assert message.st == "queued"
    last = msgspec.json.decode((await world.conversation()).last_message)
    assert last["id"] == show("m", message.id)
    assert await clock.queue() == 0


async def test_what_is_over_is_cleaned_away_and_nothing_else(world: World) -> None:
    now = await world.now()
    old_id, older_id = make_ids(lambda: now - 2 * DAY), make_ids(lambda: now - 8 * DAY)
    space, place = world.here.workspace, world.here
    await world.put(
        DoneRow(id=old_id(), operator_id=1, cid="old", digest="", answer="", at=now - 2 * DAY),
        *(
            OutboxRow(
                id=older_id(),
                workspace_id=space,
                channel_id=place.channel,
                conversation_id=place.conversation,
                message_id=place.inbound,
                op="send",
                state=state,
                due_at=now,
                created_at=now - 8 * DAY,
            )
            for state in ("done", "failed", "gone", "unknown", "held")
        ),
    )
    await world.do(Close(conv=place.conv), cid="new")
    for number, at in ((older_id(), now - 8 * DAY), (old_id(), now - 2 * DAY)):
        await tables.ChannelLog.create(id=number, workspace_id=space, channel_id=1, at=at, op="send", ok=True)
    for expires in (now - 1, now + HOUR):
        await tables.Session.create(
            id=old_id(),
            operator_id=1,
            token=f"s{expires}",
            csrf="",
            created_at=0,
            seen_at=0,
            expires_at=expires,
        )
        await tables.SignInLink.create(id=old_id(), operator_id=1, token=f"l{expires}", expires_at=expires)
    assert await Clock(world.store, world.bus).clean() == 1 + 3 + 1 + 1 + 1
    assert [row.cid for row in await world.all(DoneRow)] == ["new"]
    assert {row.state for row in await world.all(OutboxRow)} == {"unknown", "held"}
    assert await world.store.fetch("SELECT at FROM channel_log") == [(now - 2 * DAY,)]
    assert await world.store.fetch("SELECT expires_at FROM session") == [(now + HOUR,)]


async def test_events_are_kept_while_they_are_young_or_few(world: World) -> None:
    """Old events go only beyond the newest five thousand: a page that was away resumes from them."""
    now = await world.now()
    space = world.here.workspace
    seq = (await world.one(WorkspaceRow, space)).seq
    older, young = make_ids(lambda: now - 8 * DAY), make_ids()
    top = seq + STREAM_LEAST + 30
    made = [
        StreamRow(id=older() if n < top - 10 else young(), workspace_id=space, seq=n, data="{}", at=now)
        for n in range(seq + 1, top + 1)
    ]
    await world.put(*made)
    await world.change(WorkspaceRow, space, seq=top)
    young_before = seq  # events of the making of this world
    assert await Clock(world.store, world.bus).clean() == 30
    left = await world.store.rows(
        StreamRow, "WHERE workspace_id = $1 AND seq > $2 ORDER BY seq LIMIT 1", space, young_before
    )
    assert left[0].seq == seq + 31


async def test_the_clock_goes_on_after_a_missed_beat(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from jackfield.errors import Unavailable

    beats, often = 0, asyncio.Event()

    async def wake() -> int:
        nonlocal beats
        beats += 1
        if beats == 3:
            often.set()
        raise Unavailable("the database is away")

    clock = Clock(world.store, world.bus, every=0.01)
    monkeypatch.setattr(clock, "wake", wake)
    task = asyncio.create_task(clock.run())
    async with asyncio.timeout(10):
        await often.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_the_first_id_of_a_moment_is_before_all_ids_of_it() -> None:
    now = 1_800_000_000_000
    assert first_id(now) <= make_ids(lambda: now)() < first_id(now + 1)
    assert make_ids(lambda: now - 1)() < first_id(now)


async def test_of_what_was_said_of_a_channel_the_newest_is_kept(world: World) -> None:
    here, there = world.here, world.there
    said = [
        RemarkRow(id=new_id(), workspace_id=here.workspace, channel_id=here.channel, about="quality", at=n)
        for n in range(HISTORY_KEPT + 3)
    ]
    await world.put(*said)
    other = RemarkRow(id=new_id(), workspace_id=there.workspace, channel_id=there.channel, about="x", at=0)
    await world.put(other)
    assert await Clock(world.store, world.bus).clean() == 3
    kept = await world.all(RemarkRow)
    assert [row.id for row in kept] == [*sorted(row.id for row in said)[3:], other.id]


async def test_who_was_written_to_first_is_forgotten_after_two_days(world: World) -> None:
    now = await world.now()
    await world.put(
        OpeningRow(id=new_id(), pool="p", person="old", at=now - 3 * DAY),
        OpeningRow(id=new_id(), pool="p", person="new", at=now - DAY),
    )
    await Clock(world.store, world.bus).clean()
    assert [row.person for row in await world.all(OpeningRow)] == ["new"]
