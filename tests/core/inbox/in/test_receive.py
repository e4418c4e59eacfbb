"""What becomes of what a channel tells: one delivery, one work."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

import msgspec
import pytest
from inbox_line import (
    DAY_MS,
    IVAN,
    OLGA,
    Line,
    at,
    at_ms,
    deleted,
    edited,
    ours,
    reacted,
    receipt,
    said,
)
from inbox_reduce import Verify
from msgspec import Raw

from jackfield.channel import (
    Call,
    ConversationId,
    ConversationInfo,
    Failure,
    HistoryChunk,
    LimitChange,
    Media,
    MessageId,
    Part,
    Seen,
    System,
    TemplateState,
    Text,
    Typing,
    Unrecognised,
    Unsupported,
)
from jackfield.errors import NotFound
from jackfield.ids import new_id, show
from jackfield.inbox.columns import VERSIONS, to_json
from jackfield.inbox.incoming.dispatch import apply_waiting, waiting_needs
from jackfield.inbox.reading import Reading
from jackfield.inbox.receive import KeepUnassigned
from jackfield.inbox.receive import Raw as RawDelivery
from jackfield.store.indexes import CONVERSATION, FILES_OF, MESSAGE, OUTBOX_OF, RECEIPTS_OF
from jackfield.store.rows import (
    ChannelRow,
    ContactRow,
    ConversationRow,
    DeliveryCountRow,
    DeliveryRow,
    FileRow,
    MessageRow,
    OutboxRow,
    ReceiptRow,
    WaitingRow,
)
from jackfield.store.uow import Need, Needs, Uow
from jackfield.wire.stream import ChannelChanged, Notice
from jackfield.wire.views import MessageView

# -- deliveries ------------------------------------------------------------------------------------


async def test_a_message_makes_its_contact_and_its_conversation(line: Line) -> None:
    received = await line.take(said("Good day", key="m1", name="Ivan"), raw=b"the payload")
    message = await line.one(MessageRow)
    assert received.messages == (message.id,)
    assert (message.text, message.dir, message.st, message.pos) == ("Good day", "in", "received", 1)
    assert (await line.one(ContactRow)).name == "Ivan"
    conversation = await line.one(ConversationRow)
    assert (conversation.name, conversation.shown) == ("Ivan", "+7 999 123-45-67")
    assert (conversation.unread, conversation.last_at) == (1, at_ms(0))
    delivery = await line.one(DeliveryRow)
    assert (delivery.body, delivery.state, delivery.events) == (b"the payload", "stored", 1)
    assert message.delivery_id == delivery.id == received.delivery


async def test_a_second_delivery_is_not_a_second_message(line: Line) -> None:
    first = await line.take(said("Good day", key="m1"))
    second = await line.take(said("Good day", key="m1"))
    assert second.messages == ()
    assert (await line.one(MessageRow)).id == first.messages[0]
    assert len(await line.all(DeliveryRow)) == 2
    assert await counted(line) == (2, 2, 0, 0)
    assert (await line.one(ConversationRow)).unread == 1


async def test_the_same_message_many_times_at_once_is_one(line: Line) -> None:
    await asyncio.gather(*(line.take(said("Good day", key="m1")) for _ in range(20)))
    assert len(await line.all(MessageRow)) == 1
    assert await counted(line) == (20, 20, 0, 0)


async def test_a_burst_from_a_new_person_is_one_contact_and_one_conversation(line: Line) -> None:
    await asyncio.gather(*(line.take(said(str(n), key=f"m{n}", minute=n)) for n in range(30)))
    assert len(await line.all(ContactRow)) == 1
    conversation = await line.one(ConversationRow)
    assert (conversation.unread, conversation.last_pos) == (30, 30)
    positions = [row.pos for row in await line.all(MessageRow, "ORDER BY pos")]
    assert positions == list(range(1, 31))


async def test_every_item_of_a_delivery_is_taken(line: Line) -> None:
    people = [IVAN, OLGA]
    events = [
        said(f"{n}", key=f"m{n}", minute=n, by=[person], peer=f"phone:{person.value}")
        for n in range(6)
        for person in [people[n % 2]]
    ]
    received = await line.take(*events)
    assert len(received.messages) == 6
    assert [row.unread for row in await line.all(ConversationRow)] == [3, 3]


async def test_a_bad_event_does_not_spoil_its_neighbours(line: Line) -> None:
    received = await line.take(
        said("before", key="m1"), said("bad", key="x" * 301), said("after", key="m2", minute=1)
    )
    assert len(received.messages) == 2
    delivery = await line.one(DeliveryRow)
    assert (delivery.state, delivery.unrecognised) == ("stored", 1)
    assert delivery.reason == "message: message id is longer than 300 characters"
    assert await counted(line) == (1, 1, 0, 1)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (said("no id", key=""), "message: message id is empty"),
        (said("zero", key="a\x00b"), "message: message id holds a zero byte"),
        (said("far", key="m", peer="p" * 201), "message: conversation is longer than 200 characters"),
        (edited("x", key="t" * 301), "edit: target is longer than 300 characters"),
        (receipt("read", "t" * 301), "receipt: target is longer than 300 characters"),
    ],
)
async def test_what_cannot_be_applied_is_kept_with_its_reason(line: Line, event: Any, reason: str) -> None:
    received = await line.take(event, raw=b"as it came")
    assert (received.reason, received.unrecognised) == (reason, 1)
    delivery = await line.one(DeliveryRow)
    assert (delivery.body, delivery.reason) == (b"as it came", reason)


async def test_an_event_that_breaks_half_way_leaves_no_trace(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a mistake of ours")

    await line.take(said("before", key="m1"))
    monkeypatch.setattr("jackfield.inbox.incoming.messages._mark", broken)
    received = await line.take(said("lost", key="m2"), reacted("👍", key="m1"))
    assert received.reason == "message: RuntimeError: a mistake of ours"
    assert [row.text for row in await line.all(MessageRow)] == ["before"]
    assert (await line.one(MessageRow)).reactions != "[]"
    assert (await line.one(ConversationRow)).last_pos == 1


async def test_what_cannot_be_read_is_a_failed_delivery(line: Line) -> None:
    await line.take(raw=b"{nonsense", failed="not JSON: line 1 column 2")
    delivery = await line.one(DeliveryRow)
    assert (delivery.state, delivery.reason) == ("failed", "not JSON: line 1 column 2")
    assert await counted(line) == (1, 0, 1, 0)


async def test_a_failed_delivery_can_be_taken_in_again(line: Line) -> None:
    failed = await line.take(raw=b"later we can", failed="not understood")
    assert failed.delivery is not None
    again = await line.take(said("Good day", key="m1"), raw=None, replays=failed.delivery)
    assert len(again.messages) == 1
    delivery = await line.one(DeliveryRow)
    assert (delivery.id, delivery.state, delivery.reason) == (failed.delivery, "stored", "")
    assert delivery.replayed_at is not None
    assert (await line.one(MessageRow)).delivery_id == failed.delivery
    assert await counted(line) == (1, 1, 0, 0)


async def test_only_a_delivery_of_this_workspace_is_replayed(line: Line) -> None:
    with pytest.raises(NotFound):
        await line.take(said("Good day", key="m1"), raw=None, replays=new_id())
    assert await line.all(MessageRow) == []


async def test_what_no_channel_is_named_in_is_kept_too(line: Line) -> None:
    work = KeepUnassigned("test", RawDelivery(body=b"whose?", headers={"host": "h"}), reason="no channel")
    await line.store.writer.do(work)
    delivery = await line.one(DeliveryRow)
    assert (delivery.workspace_id, delivery.channel_id, delivery.state) == (None, None, "failed")
    assert (delivery.body, delivery.headers) == (b"whose?", '{"host":"h"}')


async def test_unknown_content_is_counted_and_kept_even_without_a_payload(line: Line) -> None:
    await line.take(Unrecognised(at=at(0), kind="field.weather", raw=Raw(b'{"sunny":1}')), raw=None)
    delivery = await line.one(DeliveryRow)
    assert (delivery.body, delivery.unrecognised) == (b'{"sunny":1}', 1)
    assert await line.all(MessageRow) == []


async def test_events_without_a_payload_make_no_delivery(line: Line) -> None:
    received = await line.take(said("Good day", key="m1"), raw=None)
    assert received.delivery is None
    assert await line.all(DeliveryRow) == []
    assert (await line.one(MessageRow)).delivery_id is None


async def counted(line: Line) -> tuple[int, int, int, int]:
    count = await line.one(DeliveryCountRow)
    return count.received, count.stored, count.failed, count.unrecognised


# -- messages --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "kind", "listed", "text"),
    [
        (Text(body="two\nlines"), "text", "text", "two lines"),
        (Media(sort="voice", ref="r"), "media", "media.voice", ""),
        (Media(sort="document", ref="r", name="bill.pdf"), "media", "media.document", "bill.pdf"),
        (Call(id="c", outcome="missed"), "call", "call", ""),
        (Unsupported(kind="hologram", note="a hologram"), "unsupported", "unsupported", "a hologram"),
    ],
)
async def test_every_kind_is_shown(line: Line, part: Part, kind: str, listed: str, text: str) -> None:
    await line.take(said("", key="m1", parts=[part]))
    view = await found(line, "m1")
    assert view.kind == kind
    rows = await Reading(line.store).conversation_for({line.workspace}, view.conv)
    assert rows[1].last is not None
    assert (rows[1].last.kind, rows[1].last.text) == (listed, text)


async def test_a_late_message_keeps_its_place_and_is_not_the_last(line: Line) -> None:
    await line.take(said("answer", key="m2", minute=5))
    await line.take(said("question", key="m1", minute=1))
    conversation = await line.one(ConversationRow)
    assert conversation.last_at == at_ms(5)
    assert '"text":"answer"' in conversation.last_message
    page = await Reading(line.store).thread({line.workspace}, show("c", conversation.id))
    assert [(message.text, message.pos) for message in page.messages] == [("question", 2), ("answer", 1)]
    assert conversation.unread == 2


async def test_a_zero_byte_in_a_text_loses_nothing(line: Line) -> None:
    await line.take(said("before\x00after", key="m1", name="I\x00van"))
    assert (await line.one(MessageRow)).text == "before\ufffdafter"
    assert (await line.one(ContactRow)).name == "I\ufffdvan"


async def test_the_past_is_neither_unread_nor_news(line: Line) -> None:
    await line.take(said("now", key="m1"))
    await set_conversation(line, status="closed")
    chunk = HistoryChunk(at=at(0), messages=(said("old", key="h1", minute=-60),), progress=40)
    received = await line.take(chunk)
    conversation = await line.one(ConversationRow)
    assert (conversation.unread, conversation.status, conversation.last_at) == (1, "closed", at_ms(0))
    assert (await found(line, "h1")).history
    (progress,) = received.ephemeral
    assert (progress.e, progress.d["progress"]) == ("progress", 40)


@pytest.mark.parametrize("status", ["closed", "snoozed"])
async def test_a_message_opens_its_conversation_again(line: Line, status: str) -> None:
    await line.take(said("first", key="m1"))
    await set_conversation(line, status=status, snoozed_until=at_ms(600) if status == "snoozed" else None)
    async with Verify(Reading(line.store), line.workspace, line.stream):
        await line.take(said("second", key="m2", minute=1))
    conversation = await line.one(ConversationRow)
    assert (conversation.status, conversation.snoozed_until) == ("open", None)


async def test_only_what_the_person_says_or_calls_opens_the_window(line: Line) -> None:
    await line.take(ours("hello", key="o1"), reacted("👍", key="o1", minute=1), receipt("read", "o1"))
    before = await line.one(ConversationRow)
    assert (before.windowed, before.window_until) == (True, None)
    await line.take(said("", key="c1", minute=2, parts=[Call(id="c1", outcome="missed")]))
    await line.take(reacted("❤", key="o1", minute=9))
    after = await line.one(ConversationRow)
    assert after.window_until == at_ms(2) + DAY_MS


async def test_a_late_message_does_not_shorten_the_window(line: Line) -> None:
    await line.take(said("new", key="m2", minute=30), said("old", key="m1", minute=1))
    assert (await line.one(ConversationRow)).window_until == at_ms(30) + DAY_MS


async def test_a_system_message_is_shown_and_is_no_news(line: Line) -> None:
    await line.take(said("hi", key="m1"))
    await line.take(said("", key="s1", minute=1, parts=[System(code="number_changed")]))
    view = await found(line, "s1")
    assert (view.dir, view.author.kind) == ("system", "system")
    conversation = await line.one(ConversationRow)
    assert (conversation.unread, conversation.last_at) == (1, at_ms(0))


async def test_a_reply_shows_what_it_answers_whichever_comes_first(line: Line) -> None:
    await line.take(said("early reply", key="r1", minute=2, reply_to="m1"))
    early = await found(line, "r1")
    assert early.reply is not None
    assert early.reply.id is None
    await line.take(said("question", key="m1"), said("late reply", key="r2", minute=3, reply_to="m1"))
    for key in ("r1", "r2"):
        reply = (await found(line, key)).reply
        assert reply is not None
        assert (reply.text, reply.dir) == ("question", "in")
    assert await line.all(WaitingRow) == []


async def test_what_our_phone_says_marks_the_rest_read(line: Line) -> None:
    await line.take(said("one", key="m1"), said("two", key="m2", minute=1))
    await line.take(ours("answer", key="o1", minute=2))
    conversation = await line.one(ConversationRow)
    assert (conversation.unread, conversation.read_pos) == (0, 3)
    view = await found(line, "o1")
    assert (view.dir, view.st, view.author.kind) == ("out", "sent", "phone")


async def test_what_another_program_says_marks_nothing_read(line: Line) -> None:
    await line.take(said("one", key="m1"), ours("robot", key="o1", minute=1, origin="bot"))
    assert (await line.one(ConversationRow)).unread == 1
    assert (await found(line, "o1")).author.kind == "bot"


async def test_a_group_is_one_conversation_of_many_people(line: Line) -> None:
    await line.take(
        said("hi", key="g1", by=[IVAN], name="Ivan", peer="group:1", group=True),
        said("hello", key="g2", minute=1, by=[OLGA], name="Olga", peer="group:1", group=True),
        ConversationInfo(at=at(2), conversation=ConversationId("group:1"), name="Builders"),
    )
    conversation = await line.one(ConversationRow)
    assert (conversation.name, conversation.is_group, conversation.contact_id) == ("Builders", True, None)
    assert '"by":"Olga"' in conversation.last_message
    assert not conversation.windowed
    assert [row.author_name for row in await line.all(MessageRow, "ORDER BY pos")] == ["Ivan", "Olga"]


async def test_an_answer_within_the_second_stands_below_what_it_answers(line: Line) -> None:
    """Providers tell whole seconds: a button pressed at once stood above the message that has it."""
    await line.take(said("Hello", key="m1"))
    await line.take(ours("Shall we?", key="m2", minute=0.01))  # 600 ms later
    await line.take(said("Yes", key="m3"))
    await line.take(said("Please", key="m4"))
    await line.take(ours("Done", key="m5", minute=0.03))  # in the next second
    await line.take(said("Older", key="m6"), said("Old", key="m7", minute=-1, history=True))
    shown = await line.all(MessageRow, "ORDER BY at, pos")
    assert [row.text for row in shown] == ["Old", "Hello", "Older", "Shall we?", "Yes", "Please", "Done"]


async def test_the_latest_turn_says_who_answers_whatever_order_the_turns_come_in(line: Line) -> None:
    hello = said("hi", key="m1")

    def turn(minute: int, holder: Literal["", "agent"]) -> ConversationInfo:
        return ConversationInfo(at=at(minute), conversation=hello.conversation, group=False, holder=holder)

    stranger = ConversationId("phone:+79990000000")
    await line.take(hello, turn(5, "agent"))
    await line.take(ConversationInfo(at=at(5), conversation=stranger, group=False, holder="agent"))
    assert (await line.one(ConversationRow)).held_by == "agent"
    await line.take(turn(3, ""))
    assert (await line.one(ConversationRow)).held_by == "agent"
    await line.take(turn(6, ""))
    assert (await line.one(ConversationRow)).held_by == ""


async def test_somebody_without_an_address_is_seen_all_the_same(line: Line) -> None:
    await line.take(said("who am I", key="m1", by=[], name="Nobody", peer="unknown:sender"))
    await line.take(said("still me", key="m2", minute=1, by=[], peer="unknown:sender"))
    conversation = await line.one(ConversationRow)
    assert (conversation.contact_id, conversation.unread) == (None, 2)
    assert await line.all(ContactRow) == []


# -- our own messages coming back ------------------------------------------------------------------


async def sent(line: Line, *, st: str = "unknown", external_id: str | None = None) -> MessageRow:
    """A message of ours that is on its way out."""
    await line.take(said("hi", key="m0"))
    conversation = await line.one(ConversationRow)
    message = MessageRow(
        id=new_id(),
        workspace_id=line.workspace,
        channel_id=line.channel,
        conversation_id=conversation.id,
        external_id=external_id,
        txn="txn-1",
        pos=9,
        dir="out",
        kind="text",
        author_kind="operator",
        parts=to_json((Text(body="ours"),)),
        text="ours",
        at=at_ms(1),
        received_at=at_ms(1),
        st=st,
    )
    row = OutboxRow(
        id=new_id(),
        workspace_id=line.workspace,
        channel_id=line.channel,
        conversation_id=conversation.id,
        message_id=message.id,
        op="send",
        state="unknown",
        due_at=0,
        created_at=0,
    )
    await line.put(message, row)
    return message


async def test_our_own_message_comes_back_and_is_not_a_new_one(line: Line) -> None:
    message = await sent(line)
    async with Verify(Reading(line.store), line.workspace, line.stream):
        received = await line.take(ours("ours", key="wamid.1", minute=1, txn="txn-1"))
    assert received.messages == ()
    row = await line.one(MessageRow, "WHERE id = $1", message.id)
    assert (row.external_id, row.st) == ("wamid.1", "sent")
    assert (await line.one(OutboxRow)).state == "done"
    assert len(await line.all(MessageRow)) == 2


async def test_a_receipt_settles_a_message_whose_outcome_was_unknown(line: Line) -> None:
    message = await sent(line)
    async with Verify(Reading(line.store), line.workspace, line.stream):
        await line.take(receipt("delivered", "wamid.1", txn="txn-1"))
    row = await line.one(MessageRow, "WHERE id = $1", message.id)
    assert (row.external_id, row.st) == ("wamid.1", "delivered")
    assert (await line.one(OutboxRow)).state == "done"


async def test_what_waited_is_applied_when_our_message_learns_its_id(line: Line) -> None:
    message = await sent(line, st="sending")
    await line.take(receipt("read", "wamid.1"), reacted("👍", key="wamid.1", minute=2))
    assert len(await line.all(WaitingRow)) == 2

    class Learn:
        """A work as the outbox does it: the provider answered with its id."""

        workspace = line.workspace

        def needs(self, uow: Uow) -> Needs:
            yield [index(message.id) for index in (MESSAGE, RECEIPTS_OF, OUTBOX_OF, FILES_OF)]
            yield CONVERSATION(message.conversation_id)
            yield from waiting_needs(uow, line.facts, "wamid.1")

        def apply(self, uow: Uow) -> None:
            row = uow.one(MESSAGE, message.id)
            assert row is not None
            uow.edit(row)
            row.external_id, row.st = "wamid.1", "sent"
            uow.place(row)
            apply_waiting(uow, row)

    async with Verify(Reading(line.store), line.workspace, line.stream):
        await line.store.writer.do(Learn())
    view = await found(line, "wamid.1")
    assert (view.st, [one.emoji for one in view.reactions]) == ("read", ["👍"])
    assert await line.all(WaitingRow) == []


# -- receipts --------------------------------------------------------------------------------------

WHY = Failure(code="unreachable", remote_code="131026", text="Message undeliverable")


@pytest.mark.parametrize(
    ("levels", "st"),
    [
        (["sent", "delivered", "read"], "read"),
        (["read", "delivered", "sent"], "read"),
        (["delivered", "played", "read"], "played"),
        (["sent", "failed"], "failed"),
        (["failed", "sent"], "failed"),
        (["failed", "delivered"], "delivered"),
        (["delivered", "failed"], "delivered"),
    ],
)
async def test_receipts_only_raise(line: Line, levels: list[Any], st: str) -> None:
    await line.take(ours("hello", key="o1"))
    for level in levels:
        await line.take(receipt(level, "o1", failure=WHY if level == "failed" else None))
    view = await found(line, "o1")
    assert view.st == st
    assert view.fail == (WHY if st == "failed" else None)
    assert (await line.one(ConversationRow)).failed == (st == "failed")
    assert len(await line.all(ReceiptRow)) == len(levels)


async def test_the_same_receipt_twice_is_one(line: Line) -> None:
    await line.take(ours("hello", key="o1"))
    await line.take(receipt("read", "o1"), receipt("read", "o1"))
    await line.take(receipt("read", "o1"))
    assert len(await line.all(ReceiptRow)) == 1


async def test_one_receipt_for_many_messages(line: Line) -> None:
    await line.take(ours("one", key="o1"), ours("two", key="o2", minute=1))
    await line.take(receipt("read", "o1", "o2", "o3"))
    assert [row.st for row in await line.all(MessageRow)] == ["read", "read"]
    assert (await line.one(WaitingRow)).external_id == "o3"


async def test_a_receipt_waits_for_its_message_and_only_once(line: Line) -> None:
    await line.take(receipt("delivered", "o1"))
    await line.take(receipt("delivered", "o1"))
    assert len(await line.all(WaitingRow)) == 1
    await line.take(ours("hello", key="o1"))
    assert (await found(line, "o1")).st == "delivered"
    assert await line.all(WaitingRow) == []


async def test_a_receipt_of_what_they_said_changes_no_status(line: Line) -> None:
    await line.take(said("hi", key="m1"), receipt("read", "m1"))
    assert (await found(line, "m1")).st == "received"


async def test_the_list_shows_how_far_the_last_message_got(line: Line) -> None:
    await line.take(ours("hello", key="o1"), receipt("read", "o1"))
    assert '"st":"read"' in (await line.one(ConversationRow)).last_message


# -- edits, deletes, reactions ---------------------------------------------------------------------


async def test_an_edit_keeps_what_was_said_before(line: Line) -> None:
    await line.take(said("first", key="m1"))
    await line.take(edited("third", key="m1", minute=3), edited("second", key="m1", minute=2))
    row = await line.one(MessageRow)
    assert (row.text, row.edited_at) == ("third", at_ms(3))
    versions = VERSIONS.decode(row.versions)
    assert [(when, parts[0]) for when, parts in versions] == [
        (at_ms(0), Text(body="first")),
        (at_ms(2), Text(body="second")),
    ]
    assert '"text":"third"' in (await line.one(ConversationRow)).last_message


async def test_a_new_caption_does_not_fetch_the_picture_again(line: Line) -> None:
    photo = Media(sort="image", ref="r1", caption="see")
    await line.take(said("", key="m1", parts=[photo]))
    change = edited("", key="m1", minute=1)
    await line.take(msgspec.structs.replace(change, parts=(msgspec.structs.replace(photo, caption="look"),)))
    view = await found(line, "m1")
    file = await line.one(FileRow)
    assert (view.text, [media.id for media in view.media]) == ("look", [show("f", file.id)])


async def test_a_deleted_message_hides_what_it_said_and_keeps_it(line: Line) -> None:
    photo = Media(sort="image", ref="r1", caption="secret")
    await line.take(said("", key="m1", parts=[photo]), deleted(key="m1", minute=5))
    await line.take(deleted(key="m1", minute=9))
    view = await found(line, "m1")
    assert (view.deleted_at, view.text, bytes(view.parts), view.media) == (at_ms(5), "", b"[]", ())
    row = await line.one(MessageRow)
    assert "secret" in row.parts
    assert "secret" not in (await line.one(ConversationRow)).last_message


async def test_each_person_has_one_reaction(line: Line) -> None:
    await line.take(said("hi", key="m1", name="Ivan"))
    await line.take(reacted("👍", key="m1", minute=1), reacted("❤", key="m1", minute=2))
    await line.take(reacted("😀", key="m1", minute=3, from_me=True))
    view = await found(line, "m1")
    assert [(one.emoji, one.by.kind) for one in view.reactions] == [("❤", "contact"), ("😀", "phone")]
    conversation = await line.one(ConversationRow)
    assert (conversation.unread, conversation.last_at) == (1, at_ms(0))


async def test_an_old_reaction_does_not_come_back_after_it_was_taken_away(line: Line) -> None:
    await line.take(said("hi", key="m1"), reacted("", key="m1", minute=5), reacted("👍", key="m1", minute=1))
    assert (await found(line, "m1")).reactions == ()


# -- the rest --------------------------------------------------------------------------------------


async def test_typing_is_told_and_not_stored(line: Line) -> None:
    first = said("hi", key="m1", name="Ivan")
    await line.take(first)
    head = (await Reading(line.store).heads([line.workspace]))[line.workspace]
    await line.take(Typing(at=at(1), conversation=first.conversation, sender=first.sender), raw=None)
    ((subject, data),) = line.bus.published
    assert subject == f"eph.{line.workspace}"
    told = msgspec.json.decode(data)
    contact = await line.one(ContactRow)
    assert told["d"] == {"contact": show("p", contact.id), "name": "Ivan", "mode": "typing"}
    assert (await Reading(line.store).heads([line.workspace]))[line.workspace] == head


async def test_what_is_read_on_the_phone_is_read(line: Line) -> None:
    said_so = [said(text, key=f"m{n}", minute=n) for n, text in enumerate(("one", "two", "three"))]
    await line.take(*said_so)
    chat = said_so[0].conversation
    await line.take(Seen(at=at(4), conversation=chat, upto=(MessageId("m1"),)), raw=None)
    conversation = await line.one(ConversationRow)
    assert (conversation.unread, conversation.read_pos) == (1, 2)
    await line.take(Seen(at=at(5), conversation=chat, upto=(MessageId("m0"), MessageId("strange"))), raw=None)
    assert (await line.one(ConversationRow)).unread == 1, "what came later stays read"
    await line.take(Seen(at=at(6), conversation=chat, upto=(MessageId("m2"),)), raw=None)
    assert (await line.one(ConversationRow)).unread == 0


async def test_a_template_that_is_refused_is_a_notice(line: Line) -> None:
    state = TemplateState(at=at(0), id="1", name="welcome", language="en", state="rejected", reason="spam")
    async with Verify(Reading(line.store), line.workspace, line.stream) as told:
        await line.take(state)
    ((_, event),) = told.events
    assert isinstance(event, Notice)
    assert (event.severity, event.code, event.text, event.data["name"]) == (
        "warning",
        "template",
        "spam",
        "welcome",
    )


async def test_a_stopped_account_is_seen_at_the_channel_until_it_is_well_again(line: Line) -> None:
    async with Verify(Reading(line.store), line.workspace, line.stream) as told:
        await line.take(
            LimitChange(at=at(0), about="account", value="disabled", severity="critical", text="Banned")
        )
    assert {type(event) for _, event in told.events} == {Notice, ChannelChanged}
    channel = await line.one(ChannelRow)
    assert (channel.state_code, channel.state_text) == ("account", "Banned")
    await line.take(LimitChange(at=at(1), about="account", value="restored"))
    assert (await line.one(ChannelRow)).state_text == ""


async def found(line: Line, key: str) -> MessageView:
    view = await Reading(line.store).message_by_external(line.channel, key)
    assert view is not None
    return view


async def set_conversation(line: Line, **values: Any) -> None:
    number = (await line.one(ConversationRow)).id

    class Set:
        """A work: change columns of the one conversation."""

        workspace = line.workspace

        def needs(self, uow: Uow) -> list[Need]:
            return [CONVERSATION(number)]

        def apply(self, uow: Uow) -> None:
            row = uow.one(CONVERSATION, number)
            assert row is not None
            uow.edit(row)
            for name, value in values.items():
                setattr(row, name, value)

    await line.store.writer.do(Set())
