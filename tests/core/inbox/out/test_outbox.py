"""The way out: every end a send can come to, order, pace, expiry, and what a crash leaves behind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from inbox_world import World
from scripted_channel import Plain

from jackfield.channel import (
    Address,
    ChannelError,
    ConversationId,
    Failure,
    MessageId,
    OutcomeUnknown,
    Pace,
    Part,
    RateLimited,
    Rejected,
    Sender,
    Suspended,
    Text,
    TxnId,
    Unavailable,
    WindowClosed,
)
from jackfield.channel import Message as ProviderMessage
from jackfield.channel import Receipt as ProviderReceipt
from jackfield.errors import Conflict, NotSendable
from jackfield.errors import Unavailable as DatabaseAway
from jackfield.ids import new_id, show
from jackfield.inbox.attempt import Accepted, Job, Refused
from jackfield.inbox.columns import EVENT, to_json
from jackfield.inbox.facts import ChannelFacts
from jackfield.inbox.incoming.statuses import raise_status
from jackfield.inbox.lane import CANDIDATES, Tempo, retry_after
from jackfield.inbox.outbox import Outbox
from jackfield.inbox.outbox_claim import Claim
from jackfield.inbox.outbox_land import Land
from jackfield.inbox.receive import receive
from jackfield.store.indexes import MESSAGE, OUTBOX_OF
from jackfield.store.rows import ChannelRow, ConversationRow, MessageRow, OutboxRow, WaitingRow
from jackfield.store.uow import Need, Uow, Work
from jackfield.wire.commands import (
    CancelMessage,
    EditMessage,
    MarkRead,
    PinMessage,
    ReactToMessage,
    RetryMessage,
    SendMessage,
)

OWNER = "process 1"
DAY = 24 * 3_600_000  # ms
QUICK = Tempo(send_within=1.0, idle=0.5, first_retry=0.02, most_retry=0.05)


@asynccontextmanager
async def sending(world: World, *, tempo: Tempo = QUICK, grace: float = 5) -> AsyncGenerator[Outbox]:
    await world.change(ChannelRow, world.here.channel, lease_owner=OWNER)
    async with Outbox(
        world.store, world.bus, world.channels.get, owner=OWNER, tempo=tempo, grace=grace
    ) as outbox:
        outbox.start(world.here.channel, world.here.workspace)
        yield outbox


async def until(look: Callable[[], Awaitable[bool]], *, within: float = 5) -> None:
    """Wait for something to become true, or fail."""
    end = time.monotonic() + within
    while not await look():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.01)


async def reaches(world: World, message: MessageRow, st: str) -> MessageRow:
    async def look() -> bool:
        return (await world.message(message.id)).st == st

    try:
        await until(look)
    except AssertionError:
        pytest.fail(f"the message is {(await world.message(message.id)).st}, not {st}")
    return await world.message(message.id)


async def outbox_row(world: World, message: MessageRow, op: str = "send") -> OutboxRow:
    (row,) = await world.store.rows(OutboxRow, "WHERE message_id = $1 AND op = $2", message.id, op)
    return row


async def say(world: World, text: str = "hi") -> MessageRow:
    (message,) = await world.say(SendMessage(conv=world.here.conv, parts=(Text(body=text),)))
    return message


# -- the ends ------------------------------------------------------------------------------------


async def test_an_accepted_message_is_sent_under_the_providers_id(world: World) -> None:
    async with sending(world):
        message = await reaches(world, await say(world), "sent")
    assert message.external_id == f"ext.{show('m', message.id)}"
    assert (await outbox_row(world, message)).state == "done"
    last = msgspec.json.decode((await world.conversation()).last_message)
    assert (last["id"], last["st"]) == (show("m", message.id), "sent")
    (call,) = [call for call in world.channel.calls if call.op == "send"]
    assert (call.to, call.target, call.parts) == (
        "phone:+79991234567",
        show("m", message.id),
        (Text(body="hi"),),
    )


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Rejected("bad parameter", remote_code="100"), "rejected"),
        (Suspended("policy", remote_code="368"), "suspended"),
    ],
)
async def test_a_refused_message_fails_with_its_reason_and_the_next_one_goes(
    world: World, error: ChannelError, code: str
) -> None:
    world.channel.script = [error]
    async with sending(world):
        refused = await reaches(world, await say(world), "failed")
        conversation = await world.conversation()
        assert conversation.failed
        failure = msgspec.json.decode(refused.fail, type=Failure)
        assert (failure.code, failure.remote_code, failure.text) == (code, error.remote_code, error.detail)
        await reaches(world, await say(world, "again"), "sent")
    assert not (await world.conversation()).failed


async def test_a_closed_window_offers_the_template_until_the_person_writes_again(world: World) -> None:
    world.channel.script = [WindowClosed("24 h", remote_code="131047")]
    async with sending(world):
        await reaches(world, await say(world), "failed")
    answer = await world.inbox.can_send(world.actor(), world.here.conv)
    assert (answer.ok, answer.reason, answer.alternatives) == (False, "window_closed", ("template", "note"))
    with pytest.raises(NotSendable):
        await say(world, "again")
    await heard_again(world)
    assert (await world.inbox.can_send(world.actor(), world.here.conv)).ok


async def heard_again(world: World) -> None:
    """The person writes."""
    facts = ChannelFacts(workspace=world.here.workspace, channel=world.here.channel, window_ms=DAY)
    person = (Address(kind="phone", value="+79991234567"),)
    event = ProviderMessage(
        at=datetime.now(UTC),
        conversation=ConversationId("phone:+79991234567"),
        id=MessageId(f"in.{new_id()}"),
        sender=Sender(addresses=person),
        parts=(Text(body="hello"),),
    )
    await receive(world.store, world.bus, facts, [event])


@pytest.mark.parametrize("error", [Unavailable("busy"), RateLimited("slow down", after=0.05)])
async def test_what_surely_did_not_go_out_is_tried_again_with_the_same_txn(
    world: World, error: ChannelError
) -> None:
    world.channel.script = [error, error]
    async with sending(world):
        message = await reaches(world, await say(world), "sent")
    assert world.channel.sent() == [show("m", message.id)] * 3
    assert (await outbox_row(world, message)).attempts == 3


@pytest.mark.parametrize("error", [OutcomeUnknown("connection lost"), ValueError("a bug of the plugin")])
async def test_an_unknown_outcome_is_never_sent_again_by_itself_and_holds_nobody_up(
    world: World, error: BaseException
) -> None:
    world.channel.script = [error]
    async with sending(world):
        lost = await reaches(world, await say(world), "unknown")
        later = await reaches(world, await say(world, "later"), "sent")
        await asyncio.sleep(0.2)
    assert world.channel.sent() == [show("m", lost.id), show("m", later.id)]
    assert msgspec.json.decode((await world.message(lost.id)).fail)["code"] == "outcome_unknown"


async def test_no_answer_in_time_is_an_unknown_outcome(world: World) -> None:
    world.channel.gate.clear()
    async with sending(world):
        await reaches(world, await say(world), "unknown")


class Receipt(msgspec.Struct):
    """A receipt of the provider reaches a message, as the way in applies it."""

    workspace: int
    message: int

    def needs(self, uow: Uow) -> list[Need]:
        return [MESSAGE(self.message), OUTBOX_OF(self.message)]

    def apply(self, uow: Uow) -> None:
        message = uow.one(MESSAGE, self.message)
        assert message is not None
        raise_status(uow, message, "delivered")


async def test_a_receipt_settles_an_unknown_message(world: World) -> None:
    world.channel.script = [OutcomeUnknown()]
    async with sending(world):
        message = await reaches(world, await say(world), "unknown")
        await world.store.writer.do(Receipt(world.here.workspace, message.id))
        settled = await world.message(message.id)
        assert (settled.st, settled.fail) == ("delivered", "")
        assert (await outbox_row(world, message)).state == "done"
        with pytest.raises(Conflict):
            await world.do(RetryMessage(message=show("m", message.id)))


async def test_a_person_may_send_an_unknown_message_again_under_its_old_txn(world: World) -> None:
    world.channel.script = [OutcomeUnknown()]
    async with sending(world):
        message = await reaches(world, await say(world), "unknown")
        await world.do(RetryMessage(message=show("m", message.id)))
        message = await reaches(world, message, "sent")
    assert world.channel.sent() == [show("m", message.id)] * 2
    assert message.fail == ""


async def test_a_person_may_give_up_an_unknown_message(world: World) -> None:
    world.channel.script = [OutcomeUnknown()]
    async with sending(world):
        message = await reaches(world, await say(world), "unknown")
        await world.do(CancelMessage(message=show("m", message.id)))
    message = await world.message(message.id)
    assert (message.st, (await outbox_row(world, message)).state) == ("cancelled", "gone")
    assert "outcome_unknown" in message.fail  # it may have arrived, and says so


async def test_what_expired_while_it_waited_fails_and_is_not_sent(world: World) -> None:
    message = await say(world)
    row = await outbox_row(world, message)
    await world.change(OutboxRow, row.id, expires_at=await world.now() - 1)
    async with sending(world):
        message = await reaches(world, message, "failed")
    assert msgspec.json.decode(message.fail)["code"] == "expired"
    assert world.channel.sent() == []


async def test_a_message_refused_for_now_until_it_expires_fails(world: World) -> None:
    world.channel.script = [Unavailable("busy")] * 100
    now = await world.now()
    command = SendMessage(conv=world.here.conv, parts=(Text(body="soon"),), expires_at=now + 300)
    (message,) = await world.say(command)
    async with sending(world):
        message = await reaches(world, message, "failed")
    failure = msgspec.json.decode(message.fail)
    assert (failure["code"], failure["text"]) == ("expired", "busy")


@pytest.mark.parametrize("person", [(), ({"kind": "phone", "value": "+15550001"},)])
async def test_an_early_receipt_is_applied_when_the_id_becomes_known(
    world: World, person: tuple[dict[str, str], ...]
) -> None:
    """Also one that says who it is from: what it needs of him was not asked for, and it was lost."""
    message = await say(world)
    external = f"ext.{show('m', message.id)}"
    event = {"type": "receipt", "at": "2026-01-01T00:00:00Z", "targets": [external], "level": "read"}
    event |= {"person": person}
    await world.put(
        WaitingRow(
            id=new_id(),
            workspace_id=world.here.workspace,
            channel_id=world.here.channel,
            external_id=external,
            event=to_json(EVENT.decode(msgspec.json.encode(event))),
            digest="x",
            at=0,
        )
    )
    async with sending(world):
        await reaches(world, message, "read")
    assert await world.all(WaitingRow) == []


async def test_a_failure_that_overtakes_the_acceptance_stays(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: the provider's answer, stored after its own word that it failed, said "sent" for good."""
    original = world.channel.send

    async def send(
        to: ConversationId, parts: Sequence[Part], txn: TxnId, *, reply_to: MessageId | None = None
    ) -> MessageId:
        external = await original(to, parts, txn, reply_to=reply_to)
        failed = ProviderReceipt(
            at=datetime(2026, 1, 1, tzinfo=UTC),
            targets=(external,),
            level="failed",
            txn=txn,
            failure=Failure(code="unreachable", remote_code="131026"),
        )
        facts = ChannelFacts(workspace=world.here.workspace, channel=world.here.channel)
        await receive(world.store, world.bus, facts, [failed])
        return external

    monkeypatch.setattr(world.channel, "send", send)
    async with sending(world):
        message = await say(world)
        await reaches(world, message, "failed")
    message = await world.message(message.id)  # the lane has ended: all it was told is stored
    assert (message.st, message.external_id) == ("failed", f"ext.{show('m', message.id)}")
    assert msgspec.json.decode(message.fail)["remote_code"] == "131026"
    assert (await outbox_row(world, message)).state == "done"


# -- order and pace ------------------------------------------------------------------------------


async def test_later_messages_wait_for_one_that_is_tried_again(world: World) -> None:
    world.channel.script = [Unavailable(), Unavailable()]
    first, second, third = await world.say(
        SendMessage(conv=world.here.conv, parts=tuple(Text(body=word) for word in "abc"))
    )
    async with sending(world):
        await reaches(world, third, "sent")
    shown = [show("m", message.id) for message in (first, second, third)]
    assert world.channel.sent() == [shown[0], shown[0], shown[0], shown[1], shown[2]]


async def test_conversations_do_not_wait_for_each_other(world: World) -> None:
    """While one conversation's send hangs, others are sent; never two of one conversation at once."""
    place = world.here
    others = [new_id() for _ in range(3)]
    for number in others:
        await world.converse(
            place.workspace, place.channel, None, number, new_id(), peer=f"p{number}", name="x"
        )
    world.channel.gate.clear()
    messages = [await say(world), await say(world)]
    for number in others:
        messages += await world.say(SendMessage(conv=show("c", number), parts=(Text(body="hi"),)))
    async with sending(world, tempo=msgspec.structs.replace(QUICK, send_within=5)):

        async def all_fly() -> bool:
            return world.channel.flying == 4

        await until(all_fly)
        await asyncio.sleep(0.05)
        assert len(world.channel.sent()) == 4
        world.channel.gate.set()
        for message in messages:
            await reaches(world, message, "sent")
    assert world.channel.most_flying == 4


async def test_no_more_are_on_their_way_at_once_than_the_channel_says(world: World) -> None:
    place = world.here
    channel = world.channels[place.channel] = Plain(pace=Pace(per_second=1000, burst=100, at_once=2))
    messages: list[MessageRow] = []
    for _ in range(6):
        number = new_id()
        await world.converse(
            place.workspace, place.channel, None, number, new_id(), peer=f"p{number}", name="x"
        )
        messages += await world.say(SendMessage(conv=show("c", number), parts=(Text(body="hi"),)))
    channel.gate.clear()
    async with sending(world, tempo=msgspec.structs.replace(QUICK, send_within=5)):

        async def two_fly() -> bool:
            return channel.flying == 2

        await until(two_fly)
        await asyncio.sleep(0.05)
        assert channel.flying == 2
        channel.gate.set()
        for message in messages:
            await reaches(world, message, "sent")
    assert channel.most_flying == 2


async def test_a_lane_keeps_the_pace_of_its_channel(world: World) -> None:
    world.channels[world.here.channel] = Plain(pace=Pace(per_second=20, burst=1))
    messages = await world.say(
        SendMessage(conv=world.here.conv, parts=tuple(Text(body=str(n)) for n in range(6)))
    )
    began = time.monotonic()
    async with sending(world):
        await reaches(world, messages[-1], "sent")
    assert time.monotonic() - began >= 5 / 20 - 0.02


async def test_a_paced_conversation_does_not_slow_the_others(world: World) -> None:
    place = world.here
    pace = Pace(per_second=1000, burst=100, conversation_per_second=2, conversation_burst=1)
    channel = world.channels[place.channel] = Plain(pace=pace)
    slow = await world.say(SendMessage(conv=place.conv, parts=(Text(body="1"), Text(body="2"))))
    number = new_id()
    await world.converse(place.workspace, place.channel, None, number, new_id(), peer="p", name="x")
    (other,) = await world.say(SendMessage(conv=show("c", number), parts=(Text(body="hi"),)))
    async with sending(world):
        await reaches(world, other, "sent")
        await reaches(world, slow[1], "sent")
    assert channel.sent() == [show("m", m.id) for m in (slow[0], other, slow[1])]


@pytest.mark.parametrize(
    ("attempts", "after", "least", "most"),
    [
        (1, 0, 2, 2.5),
        (2, 0, 4, 5),
        (5, 0, 32, 40),
        (9, 0, 300, 375),
        (60, 0, 300, 375),
        (1, 60, 60, 60.5),  # never before the provider allows it
    ],
)
def test_retries_back_off(attempts: int, after: float, least: float, most: float) -> None:
    for luck in (0.0, 0.5, 1.0):
        assert least <= retry_after(attempts, after, Tempo(), luck) <= most


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
async def test_the_next_to_leave_is_found_by_indexes(world: World) -> None:
    plan = await world.store.fetch(f"EXPLAIN QUERY PLAN {CANDIDATES}", world.here.channel, 0, 8)
    steps = "\n".join(str(step[-1]) for step in plan)
    assert "outbox_lane (channel_id=? AND state=? AND due_at<?)" in steps
    assert "outbox_conversation (conversation_id=? AND state=? AND id<?)" in steps
    assert "TEMP B-TREE" not in steps


# -- crashes and stops ---------------------------------------------------------------------------


async def claim(world: World, message: MessageRow, op: str = "send") -> Job:
    """Take it as a process does that ends right after."""
    await world.change(ChannelRow, world.here.channel, lease_owner="process 0")
    row = await outbox_row(world, message, op)
    (job,) = await world.store.writer.do(
        Claim(workspace=world.here.workspace, channel=world.here.channel, owner="process 0", rows=[row.id])
    )
    return job


async def test_what_was_on_its_way_in_a_crash_is_unknown_and_not_sent_again(world: World) -> None:
    message = await say(world)
    await claim(world, message)
    assert (await world.message(message.id)).st == "sending"
    async with sending(world):
        await reaches(world, message, "unknown")
        await reaches(world, await say(world, "next"), "sent")
    assert show("m", message.id) not in world.channel.sent()


async def test_a_read_mark_on_its_way_in_a_crash_is_done_again(world: World) -> None:
    await world.do(MarkRead(conv=world.here.conv, pos=1))
    inbound = await world.message(world.here.inbound)
    await claim(world, inbound, "read")
    async with sending(world):

        async def done() -> bool:
            return (await outbox_row(world, inbound, "read")).state == "done"

        await until(done)
    assert [call.op for call in world.channel.calls] == ["read"]


async def test_an_answer_that_comes_after_the_lease_was_lost_still_counts(world: World) -> None:
    """The old process was only slow: its success is the truth, its refusal is nobody's business."""
    message = await say(world)
    job = await claim(world, message)
    async with sending(world):
        await reaches(world, message, "unknown")
    land = Land(
        workspace=world.here.workspace,
        channel=world.here.channel,
        job=job,
        result=Accepted("ext.late"),
        pause=0,
    )
    await world.store.writer.do(land)
    message = await world.message(message.id)
    assert (message.st, message.external_id, message.fail) == ("sent", "ext.late", "")


async def test_an_answer_finds_its_message_where_it_went_when_conversations_were_joined(
    world: World,
) -> None:
    message = await say(world)
    job = await claim(world, message)
    here, joined = world.here, new_id()
    await world.converse(
        here.workspace, here.channel, here.contact, joined, new_id(), peer="phone:+79990000000", name="joined"
    )
    shown = (await world.conversation()).last_message
    await world.change(MessageRow, message.id, conversation_id=joined, pos=99)
    await world.change(ConversationRow, joined, last_message=shown)
    land = Land(workspace=here.workspace, channel=here.channel, job=job, result=Accepted("ext.1"), pause=0)
    await world.store.writer.do(land)
    message = await world.message(message.id)
    assert (message.st, message.external_id) == ("sent", "ext.1")
    last = msgspec.json.decode((await world.one(ConversationRow, joined)).last_message)
    assert (last["id"], last["st"]) == (show("m", message.id), "sent")


async def test_a_stale_refusal_does_not_undo_a_later_try(world: World) -> None:
    world.channel.script = [OutcomeUnknown()]
    async with sending(world):
        message = await reaches(world, await say(world), "unknown")
        await world.do(RetryMessage(message=show("m", message.id)))
        message = await reaches(world, message, "sent")
    row = await outbox_row(world, message)
    stale = Job(
        row=row.id,
        op="send",
        workspace=world.here.workspace,
        conversation=world.here.conversation,
        message=message.id,
        to="x",
        owner=OWNER,
        attempts=1,
    )
    await world.store.writer.do(
        Land(
            workspace=world.here.workspace,
            channel=world.here.channel,
            job=stale,
            result=Refused(Failure(code="rejected")),
            pause=0,
        )
    )
    assert (await world.message(message.id)).st == "sent"


async def test_a_process_without_the_lease_takes_nothing(world: World) -> None:
    message = await say(world)
    async with sending(world) as outbox:
        await reaches(world, message, "sent")
        await world.change(ChannelRow, world.here.channel, lease_owner="process 2")
        message = await say(world, "next")
        await asyncio.sleep(0.2)
        assert (await world.message(message.id)).st == "queued"
        await outbox.stop(world.here.channel)
    assert len(world.channel.sent()) == 1


async def test_stopping_lets_end_what_is_on_its_way(world: World) -> None:
    world.channel.gate.clear()
    message = await say(world)
    async with sending(world, tempo=msgspec.structs.replace(QUICK, send_within=5)) as outbox:
        await reaches(world, message, "sending")
        asyncio.get_running_loop().call_later(0.1, world.channel.gate.set)
        await outbox.stop(world.here.channel)
        assert (await world.message(message.id)).st == "sent"
        assert outbox.running() == frozenset()


async def test_what_does_not_end_in_time_is_cut_and_unknown_at_the_next_start(world: World) -> None:
    world.channel.gate.clear()
    message = await say(world)
    async with sending(world, tempo=msgspec.structs.replace(QUICK, send_within=60), grace=0.1):
        await reaches(world, message, "sending")
    assert (await world.message(message.id)).st == "sending"
    world.channel.gate.set()
    async with sending(world):
        await reaches(world, message, "unknown")
    assert len(world.channel.sent()) == 1


async def test_an_answer_is_kept_while_the_database_is_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the provider did is not forgotten, and not done again."""
    message = await say(world)
    do, refused = world.store.writer.do, 0

    async def away(work: Work[Any]) -> Any:
        nonlocal refused
        if isinstance(work, Land) and refused < 2:
            refused += 1
            raise DatabaseAway("the database is away")
        return await do(work)

    monkeypatch.setattr(world.store.writer, "do", away)
    async with sending(world):
        await reaches(world, message, "sent")
    assert refused == 2
    assert world.channel.sent() == [show("m", message.id)]


async def test_what_another_process_has_on_its_way_is_not_taken_for_lost(world: World) -> None:
    """A lane that starts too late, when the channel has moved on."""
    message = await say(world)
    row = await outbox_row(world, message)
    await world.change(OutboxRow, row.id, state="sending", owner="process 2", attempts=1)
    async with sending(world) as outbox:
        await world.change(ChannelRow, world.here.channel, lease_owner="process 2")
        await outbox.stop(world.here.channel)
        outbox.start(world.here.channel, world.here.workspace)
        await asyncio.sleep(0.2)
        assert (await outbox_row(world, message)).state == "sending"


@pytest.mark.parametrize("stored", [True, False])
async def test_a_claim_that_may_be_stored_or_not_sends_once(
    world: World, monkeypatch: pytest.MonkeyPatch, stored: bool
) -> None:
    """The database went away at the commit: nobody was given the jobs, and nothing has left."""
    messages = [await say(world), await say(world, "next")]
    do, refused = world.store.writer.do, 0

    async def away(work: Work[Any]) -> Any:
        nonlocal refused
        if isinstance(work, Claim) and not refused:
            refused += 1
            if stored:
                await do(work)
            raise DatabaseAway("the database went away")
        return await do(work)

    monkeypatch.setattr(world.store.writer, "do", away)
    async with sending(world):
        for message in messages:
            await reaches(world, message, "sent")
    assert world.channel.sent() == [show("m", message.id) for message in messages]


async def test_a_row_that_cannot_be_read_does_not_stop_its_lane(world: World) -> None:
    broken = await say(world)
    await world.change(MessageRow, broken.id, parts="[{]")
    async with sending(world):
        await reaches(world, await say(world, "next"), "sent")
    row = await outbox_row(world, broken)
    assert (row.state, row.error) == ("failed", "internal")
    broken = await world.message(broken.id)
    assert (broken.st, msgspec.json.decode(broken.fail)["code"]) == ("failed", "internal")


async def test_an_echo_without_our_txn_keeps_the_id_it_came_with(world: World) -> None:
    """Nothing is lost by it: the message was sent, and the lane goes on."""
    echo = await world.more_inbound("hi")
    world.channel.script = [str(echo.external_id)]
    async with sending(world):
        message = await reaches(world, await say(world), "sent")
        await reaches(world, await say(world, "next"), "sent")
    assert message.external_id is None
    assert (await world.message(echo.id)).external_id == echo.external_id


async def test_a_channel_that_is_not_open_yet_keeps_its_queue(world: World) -> None:
    message = await say(world)
    channel = world.channels.pop(world.here.channel)
    async with sending(world):
        await asyncio.sleep(0.1)
        assert (await world.message(message.id)).st == "queued"
        world.channels[world.here.channel] = channel
        await reaches(world, message, "sent")


# -- hold ----------------------------------------------------------------------------------------


async def test_what_is_held_waits_for_a_person_and_new_messages_do_not_wait_for_it(world: World) -> None:
    first, second = await world.say(SendMessage(conv=world.here.conv, parts=(Text(body="a"), Text(body="b"))))
    outbox = Outbox(world.store, world.bus, world.channels.get, owner=OWNER)
    assert await outbox.hold(world.here.channel) == 2
    assert {(await world.message(m.id)).st for m in (first, second)} == {"held"}
    async with sending(world) as running:
        third = await reaches(world, await say(world, "c"), "sent")
        await world.do(CancelMessage(message=show("m", first.id)))
        assert await running.release(world.here.channel) == 1
        await reaches(world, second, "sent")
    assert world.channel.sent() == [show("m", third.id), show("m", second.id)]


async def test_holding_drops_read_marks_and_leaves_scheduled_messages(world: World) -> None:
    """A read mark is stale by then; what somebody scheduled has its time."""
    await world.do(MarkRead(conv=world.here.conv, pos=1))
    due = await world.now() + 3_600_000
    command = SendMessage(conv=world.here.conv, parts=(Text(body="later"),), due_at=due)
    (scheduled,) = await world.say(command)
    outbox = Outbox(world.store, world.bus, world.channels.get, owner=OWNER)
    assert await outbox.hold(world.here.channel) == 0
    assert (await world.message(scheduled.id)).st == "scheduled"
    states = {row.op: row.state for row in await world.all(OutboxRow)}
    assert states == {"read": "gone", "send": "waiting"}


async def test_a_held_message_may_be_sent_alone(world: World) -> None:
    message = await say(world)
    outbox = Outbox(world.store, world.bus, world.channels.get, owner=OWNER)
    await outbox.hold(world.here.channel)
    await world.do(RetryMessage(message=show("m", message.id)))
    async with sending(world):
        await reaches(world, message, "sent")


# -- what is no message --------------------------------------------------------------------------


async def test_edits_and_reactions_show_when_the_provider_has_accepted_them(world: World) -> None:
    async with sending(world):
        message = await reaches(world, await say(world), "sent")
        world.channel.gate.clear()
        await world.do(EditMessage(message=show("m", message.id), text="hello"))
        await world.do(ReactToMessage(message=show("m", message.id), emoji="👍"))
        await asyncio.sleep(0.05)
        assert (await world.message(message.id)).text == "hi"
        world.channel.gate.set()

        async def reacted() -> bool:
            return "👍" in (await world.message(message.id)).reactions

        await until(reacted)
    message = await world.message(message.id)
    assert (message.text, message.edited_at is not None) == ("hello", True)
    assert "hi" in message.versions
    assert [call.op for call in world.channel.calls if call.op != "read"] == ["send", "edit", "react"]


async def test_the_thread_says_what_was_pinned_and_what_could_not_be(world: World) -> None:
    shown = show("m", world.here.inbound)
    async with sending(world):
        for days, outcome in ((7, None), (0, None), (7, Rejected("full"))):
            if outcome is not None:
                world.channel.script.append(outcome)
            before = len(await world.thread())
            await world.do(PinMessage(message=shown, days=days))

            async def told(before: int = before) -> bool:
                return len(await world.thread()) > before

            await until(told)
    pins = [call for call in world.channel.calls if call.op == "pin"]
    assert [(call.target, call.emoji) for call in pins] == [
        (pins[0].target, days) for days in ("7", "0", "7")
    ]
    codes = [msgspec.json.decode(row.parts)[0]["code"] for row in (await world.thread())[-3:]]
    assert codes == ["pinned", "unpinned", "pin_failed"]


async def test_an_edit_that_is_refused_leaves_the_message_and_tells_the_thread(world: World) -> None:
    async with sending(world):
        message = await reaches(world, await say(world), "sent")
        world.channel.script = [Rejected("too old")]
        await world.do(EditMessage(message=show("m", message.id), text="hello"))

        async def told() -> bool:
            return (await world.thread())[-1].dir == "system"

        await until(told)
    (part,) = msgspec.json.decode((await world.thread())[-1].parts)
    assert part["code"] == "edit_failed"
    assert part["data"]["error"] == "rejected"
    assert part["data"]["text"] == "too old"
    assert (await world.message(message.id)).text == "hi"


async def test_an_edit_without_an_answer_is_done_again(world: World) -> None:
    async with sending(world):
        message = await reaches(world, await say(world), "sent")
        world.channel.script = [OutcomeUnknown()]
        await world.do(EditMessage(message=show("m", message.id), text="hello"))

        async def edited() -> bool:
            return (await world.message(message.id)).text == "hello"

        await until(edited)
    assert [call.op for call in world.channel.calls].count("edit") == 2


async def test_a_reply_quotes_what_got_its_id_meanwhile(world: World) -> None:
    first = await say(world)
    command = SendMessage(conv=world.here.conv, parts=(Text(body="and"),), reply_to=show("m", first.id))
    (second,) = await world.say(command)
    async with sending(world):
        await reaches(world, second, "sent")
    sends = [call for call in world.channel.calls if call.op == "send"]
    assert [call.reply_to for call in sends] == [None, f"ext.{show('m', first.id)}"]


async def test_the_person_is_told_of_typing_at_most_every_so_often(world: World) -> None:
    async with sending(world):
        await asyncio.sleep(0.05)
        for _ in range(3):
            await world.inbox.typing(world.actor(), world.here.conv, "reply")
        await world.inbox.typing(world.actor(), world.here.conv, "note")

        async def typed() -> bool:
            return any(call.op == "typing" for call in world.channel.calls)

        await until(typed)
        await asyncio.sleep(0.1)
    inbound = await world.message(world.here.inbound)
    assert [(call.op, call.target) for call in world.channel.calls] == [("typing", inbound.external_id)]


async def test_a_scheduled_message_leaves_when_its_time_has_come_and_holds_nobody_up(world: World) -> None:
    due = await world.now() + 400
    command = SendMessage(conv=world.here.conv, parts=(Text(body="later"),), due_at=due)
    (scheduled,) = await world.say(command)
    assert scheduled.st == "scheduled"
    async with sending(world):
        at_once = await reaches(world, await say(world, "now"), "sent")
        scheduled = await reaches(world, scheduled, "sent")
    assert world.channel.sent() == [show("m", at_once.id), show("m", scheduled.id)]
    assert scheduled.pos > at_once.pos
    assert scheduled.at >= due
    conversation = await world.one(ConversationRow, world.here.conversation)
    assert msgspec.json.decode(conversation.last_message)["id"] == show("m", scheduled.id)
