"""Limits obeyed before the provider has to say so: new people in a day, one person's pace, the channel's."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inbox_world import HOUR, Change, World
from msgspec import structs

from jackfield.channel import (
    Pace,
    RateLimited,
    Template,
    Text,
    Unavailable,
)
from jackfield.ids import new_id, show
from jackfield.inbox.lane import Tempo, pair_after
from jackfield.inbox.openings import Ledger, person_of, pool_of, used
from jackfield.inbox.outbox import Outbox
from jackfield.inbox.pace import Brake, Pacer
from jackfield.inbox.views import message_view
from jackfield.store.rows import ChannelRow, ConversationRow, MessageRow, OpeningRow, OutboxRow
from jackfield.wire.commands import CancelMessage, SendMessage

OWNER = "process 1"
QUICK = Tempo(send_within=1.0, idle=0.2, first_retry=0.02, most_retry=0.05, most_brake=0.1, pair=0.05)
HELLO = Template(name="hello", language="en")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


# -- pace ---------------------------------------------------------------------------------------------


def test_another_pace_is_no_reason_for_another_burst() -> None:
    clock = Clock()
    slow = Pace(per_second=80, burst=80, conversation_per_second=1 / 6, conversation_burst=2)
    pacer = Pacer(slow, clock)
    for _ in range(2):
        pacer.take(1)
    for other in range(78):
        pacer.take(10 + other)
    assert pacer.channel_wait() > 0
    fast = Pace(per_second=1000, burst=1000, conversation_per_second=1 / 6, conversation_burst=2)
    pacer.adopt(fast)
    assert 0 < pacer.channel_wait() <= 1 / 1000
    assert pacer.conversation_wait(1) == pytest.approx(6, rel=1e-3)
    clock.now += 0.5
    sent = 0
    while not pacer.channel_wait():
        pacer.take(1000 + sent)
        sent += 1
    assert sent == 500
    pacer.adopt(slow)
    clock.now += 10
    assert pacer.resting() == 0


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.floats(0, 2), st.sampled_from([20.0, 80.0, 1000.0]), st.integers(0, 300)), max_size=30
    )
)
def test_whatever_the_pace_becomes_no_more_leaves_than_its_buckets_hold(
    steps: Sequence[tuple[float, float, int]],
) -> None:
    clock, allowed, sent = Clock(), 20.0, 0
    pacer = Pacer(Pace(per_second=20, burst=20), clock)
    for pause, rate, wanted in steps:
        clock.now += pause
        allowed += pause * pacer.pace.per_second
        pacer.adopt(Pace(per_second=rate, burst=int(rate)))
        for number in range(wanted):
            if pacer.channel_wait():
                break
            pacer.take(number)
            sent += 1
        assert sent <= allowed + 1


def test_a_brake_holds_longer_each_time_and_what_was_on_its_way_counts_once() -> None:
    clock = Clock()
    brake = Brake(2, 60, clock)
    assert brake.wait() == 0
    began = clock.now
    for _ in range(30):
        brake.hit(1, began=began)
    assert brake.wait() == 2
    for pause in (4, 8, 16, 32, 60, 60):
        clock.now += brake.wait()
        brake.hit(1, began=clock.now)
        assert brake.wait() == pause
    brake.hit(90, began=clock.now)
    assert brake.wait() == 90
    clock.now += 90
    brake.passed(began=clock.now - 95)  # was on its way before: it tells nothing
    brake.hit(0, began=clock.now)
    assert brake.wait() == 60
    clock.now += 60
    brake.passed(began=clock.now)
    brake.hit(0, began=clock.now)
    assert brake.wait() == 2


def test_one_person_is_left_alone_four_times_as_long_each_time() -> None:
    tempo = Tempo()
    assert [pair_after(tries, 0, tempo, 0) for tries in (1, 2, 3, 4)] == [4, 16, 64, 256]
    assert pair_after(1, 6, tempo, 0) == 6
    assert pair_after(30, 0, tempo, 0) == tempo.most_pair


# -- a lane -------------------------------------------------------------------------------------------


@asynccontextmanager
async def sending(world: World, *, tempo: Tempo = QUICK) -> AsyncGenerator[Outbox]:
    for place in (world.here, world.there):
        await world.change(ChannelRow, place.channel, lease_owner=OWNER)
    async with Outbox(world.store, world.bus, world.channels.get, owner=OWNER, tempo=tempo) as outbox:
        for place in (world.here, world.there):
            outbox.start(place.channel, place.workspace, "scripted")
        yield outbox


async def stranger(world: World, name: str, *, last_in: int | None = None) -> int:
    """A conversation with somebody who wrote long ago, or never."""
    here, conversation, inbound = world.here, new_id(), new_id()
    await world.converse(
        here.workspace, here.channel, None, conversation, inbound, peer=f"phone:{name}", name=name
    )
    until = None if last_in is None else last_in + 24 * HOUR
    await world.change(ConversationRow, conversation, last_in_at=last_in, window_until=until)
    return conversation


async def send(world: World, conversation: int, part: Template | Text = HELLO) -> MessageRow:
    (message,) = await world.say(SendMessage(conv=show("c", conversation), parts=(part,)))
    return message


async def settles(world: World, messages: Sequence[MessageRow], *wanted: str) -> list[MessageRow]:
    """Wait until each message is in one of these states and its row is not due."""
    end = time.monotonic() + 10
    while True:
        rows = [await world.message(one.id) for one in messages]
        if all(row.st in wanted and (row.st != "queued" or row.fail) for row in rows):
            return rows
        assert time.monotonic() < end, [(row.st, row.fail) for row in rows]
        await asyncio.sleep(0.02)


def limited(world: World, limit: int | None, *, pool: str = "portfolio") -> None:
    pace = Pace(per_second=10_000, burst=10_000, pool=pool, new_people_per_day=limit)
    for channel in world.channels.values():
        channel._pace = pace  # pyright: ignore[reportPrivateUsage]  # the test's own channel


async def opened(world: World, count: int, *, ago: int) -> None:
    """So many people of the pool were written to, ms ago."""
    at = await world.now() - ago
    pool = pool_of("scripted", 0, Pace(per_second=1, pool="portfolio"))
    rows = [OpeningRow(id=new_id(), pool=pool, person=f"{ago}.{n}", at=at + n) for n in range(count)]
    for start in range(0, count, 1000):
        await world.put(*rows[start : start + 1000])


async def test_whoever_is_one_too_many_waits_until_a_place_is_free(world: World) -> None:
    await opened(world, 3, ago=20 * HOUR)
    await opened(world, 50, ago=25 * HOUR)  # long enough ago
    limited(world, 5)
    people = [await stranger(world, f"+7900{n}") for n in range(4)]
    async with sending(world):
        messages = [await send(world, person) for person in people]
        rows = await settles(world, messages, "sent", "queued")
    assert [row.st for row in rows] == ["sent", "sent", "queued", "queued"]
    now = await world.now()
    for row in rows[2:]:
        waiting = message_view(row).waiting
        assert waiting is not None
        assert waiting.reason == "messaging_limit"
        assert now + 3 * HOUR < waiting.until <= now + 4 * HOUR + 1000
    pool = pool_of("scripted", 0, Pace(per_second=1, pool="portfolio"))
    assert await used(world.store, pool, now=now) == 5


async def test_a_pool_reaches_over_workspaces_and_shows_nobody_of_them(world: World) -> None:
    limited(world, 1)
    person = await stranger(world, "+79001")
    there = world.there
    closed: dict[str, object] = {"last_in_at": None, "window_until": None}
    await world.store.writer.do(Change(there.workspace, ConversationRow, there.conversation, closed))
    async with sending(world):
        await settles(world, [await send(world, person)], "sent")
        command = SendMessage(conv=there.conv, parts=(HELLO,))
        answer = await world.inbox.perform(world.actor("operator", there), command, cid="there")
        (row,) = await world.store.rows(MessageRow, "WHERE cid = 'there'")
        (row,) = await settles(world, [row], "queued")
    assert json.loads(row.fail)["code"] == "messaging_limit"
    assert answer.seq > 0
    (opening,) = await world.all(OpeningRow)
    assert opening.person == person_of("phone:+79001")
    assert "7900" not in f"{opening.person}{opening.pool}"


async def test_two_kinds_and_two_channels_without_a_pool_share_nothing() -> None:
    named, nameless = Pace(per_second=1, pool="1"), Pace(per_second=1)
    pools = {
        pool_of("a", 1, named),
        pool_of("b", 1, named),
        pool_of("a", 1, nameless),
        pool_of("a", 2, nameless),
    }
    assert len(pools) == 4
    assert pool_of("a", 1, named) == pool_of("a", 2, named)
    assert len(pool_of("a", 1, Pace(per_second=1, pool="x" * 500))) <= 120


async def test_who_is_counted_already_or_has_the_window_open_needs_no_place(world: World) -> None:
    limited(world, 1)
    now = await world.now()
    person, writer = await stranger(world, "+79001"), await stranger(world, "+79002", last_in=now - HOUR)
    async with sending(world):
        messages = [await send(world, person), await send(world, person), await send(world, writer)]
        messages.append(await send(world, writer, Text(body="hi")))
        await settles(world, messages, "sent")
    assert await world.count("opening") == 1


async def test_a_higher_limit_lets_go_at_once_who_was_held_back(world: World) -> None:
    limited(world, 1)
    people = [await stranger(world, f"+7900{n}") for n in range(2)]
    async with sending(world):
        messages = [await send(world, person) for person in people]
        await settles(world, messages, "sent", "queued")
        limited(world, 2)
        rows = await settles(world, messages, "sent")
    assert [(row.fail, row.due_at) for row in rows] == [("", None), ("", None)]


async def test_what_waits_can_be_cancelled_and_then_waits_for_nothing(world: World) -> None:
    await opened(world, 1, ago=HOUR)
    limited(world, 1)
    person = await stranger(world, "+79001")
    async with sending(world):
        (row,) = await settles(world, [await send(world, person)], "queued")
        await world.do(CancelMessage(message=show("m", row.id)))
    view = message_view(await world.message(row.id))
    assert (view.st, view.waiting, view.fail, view.due_at) == ("cancelled", None, None, None)


async def test_who_would_wait_longer_than_the_message_lives_is_told_at_once(world: World) -> None:
    await opened(world, 2, ago=HOUR)
    limited(world, 1)
    person = await stranger(world, "+79001")
    async with sending(world):
        soon = await world.now() + 2 * HOUR
        command = SendMessage(conv=show("c", person), parts=(HELLO,), expires_at=soon)
        (message,) = await world.say(command)
        (row,) = await settles(world, [message], "failed")
    assert json.loads(row.fail)["code"] == "messaging_limit"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(0, 12), batches=st.lists(st.integers(1, 8), min_size=1, max_size=6))
def test_however_many_lanes_ask_no_more_places_are_given_than_there_are(
    limit: int, batches: Sequence[int]
) -> None:
    class Shelf:
        """A store whose counting takes a while, and whose batches are stored some time later."""

        stored = 0

        async def fetch(self, *_: object) -> list[tuple[int]]:
            before = self.stored
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            return [(before,)]

    async def story() -> int:
        shelf = Shelf()
        ledger = Ledger(shelf)  # type: ignore[arg-type]  # all of a store that it needs

        async def lane(wanted: int) -> int:
            places = await ledger.take("pool", wanted, limit, now=1)
            await asyncio.sleep(0)
            shelf.stored += places
            ledger.give_back("pool", places)
            return places

        return sum(await asyncio.gather(*(lane(wanted) for wanted in batches)))

    given_out = asyncio.run(story())
    assert given_out <= limit
    assert given_out >= min(limit, *batches)


# -- the provider's own word ----------------------------------------------------------------------------


async def test_one_persons_pace_is_his_alone(world: World) -> None:
    """What follows to him waits behind the first; another person's leaves at once."""
    other = await stranger(world, "+79002", last_in=await world.now())
    world.channel.script = [RateLimited("pair", remote_code="131056", conversation=True)]
    async with sending(world, tempo=structs.replace(QUICK, pair=0.5)):
        first = await send(world, world.here.conversation, Text(body="1"))
        await refused(world)
        second = await send(world, world.here.conversation, Text(body="2"))
        third = await send(world, other, Text(body="3"))
        await settles(world, [first, second, third], "sent")
    order = [first.id, third.id, first.id, second.id]
    assert world.channel.sent() == [show("m", number) for number in order]


async def refused(world: World) -> None:
    """Wait until the provider has refused something, and that is stored."""
    end = time.monotonic() + 5
    while not any(row.attempts and row.state == "waiting" for row in await world.all(OutboxRow)):
        assert time.monotonic() < end
        await asyncio.sleep(0.005)


async def test_a_channel_that_is_too_fast_rests_as_a_whole(world: World) -> None:
    people = [await stranger(world, f"+7900{n}", last_in=await world.now()) for n in range(5)]
    world.channel.script = [RateLimited("throughput", remote_code="130429", after=3)]
    async with sending(world):
        first = await send(world, people[0], Text(body="1"))
        await refused(world)
        began = time.monotonic()
        rest = [await send(world, person, Text(body="x")) for person in people[1:]]
        if time.monotonic() - began < 2:  # else the machine was too busy to look in time
            assert len(world.channel.sent()) == 1
        await settles(world, [first, *rest], "sent")
        assert time.monotonic() - began >= 2


@pytest.mark.parametrize(
    ("after", "left", "st_"), [(3600, 2 * HOUR, "queued"), (24 * 3600, 2 * HOUR, "failed")]
)
async def test_a_wait_that_is_longer_than_a_message_lives_ends_it_with_its_reason(
    world: World, after: int, left: int, st_: str
) -> None:
    """What follows in the conversation waits behind the one, and goes at once after the other."""
    world.channel.script = [Unavailable("not yet", remote_code="134101", after=after)]
    async with sending(world):
        command = SendMessage(
            conv=world.here.conv, parts=(Text(body="1"),), expires_at=await world.now() + left
        )
        (first,) = await world.say(command)
        (row,) = await settles(world, [first], st_)
        second = await send(world, world.here.conversation, Text(body="2"))
        await asyncio.sleep(0.3)
        follows = (await world.message(second.id)).st
    assert json.loads(row.fail)["remote_code"] == "134101"
    assert follows == ("queued" if st_ == "queued" else "sent")
    waiting = message_view(row).waiting
    assert (waiting is not None) == (st_ == "queued")


async def test_counting_a_large_pool_is_quick(world: World) -> None:
    """Once a batch, and only where a template may begin with somebody new."""
    await opened(world, 5_000, ago=HOUR)
    pool, now = pool_of("scripted", 0, Pace(per_second=1, pool="portfolio")), await world.now()
    began = time.perf_counter()
    for _ in range(10):
        assert await used(world.store, pool, now=now) == 5_000
    assert (time.perf_counter() - began) / 10 < 0.2  # on a machine that is busy with other tests
