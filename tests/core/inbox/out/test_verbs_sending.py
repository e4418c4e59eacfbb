"""Sending: what a reply and a note become, and what is refused."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from inbox_world import HOUR, World

from jackfield.channel import Carousel, CarouselCard, Media, Template, Text
from jackfield.errors import Collision, Conflict, Invalid, NotFound, NotSendable, Problem
from jackfield.ids import new_id, show
from jackfield.inbox.verbs.sending import FURTHEST
from jackfield.store.rows import (
    ChannelRow,
    ContactRow,
    ConversationRow,
    DraftRow,
    FileRow,
    MessageRow,
    OutboxRow,
)
from jackfield.wire.commands import Close, MarkUnread, SaveDraft, SendMessage, Snooze
from jackfield.wire.views import MediaView, Quote


def reply(world: World, *texts: str, **more: object) -> SendMessage:
    parts = tuple(Text(body=text) for text in texts or ("hi",))
    return msgspec.structs.replace(SendMessage(conv=world.here.conv, parts=parts), **more)


def note(world: World, *texts: str) -> SendMessage:
    return reply(world, *texts, mode="note")


async def refused(world: World, command: SendMessage, problem: type[Problem]) -> Problem:
    """The problem; and nothing was changed by it."""
    before = await world.count("stream")
    with pytest.raises(problem) as caught:
        await world.do(command)
    assert await world.count("stream") == before
    return caught.value


async def sends(world: World) -> list[OutboxRow]:
    return [row for row in await world.all(OutboxRow) if row.op == "send"]


async def test_a_reply_is_a_queued_message_and_a_row_of_the_outbox(world: World) -> None:
    (message,) = await world.say(reply(world))
    assert (message.dir, message.st, message.text, message.pos) == ("out", "queued", "hi", 2)
    assert (message.author_kind, message.author_id) == ("operator", world.here.roles["operator"])
    (row,) = await sends(world)
    assert (row.message_id, row.state) == (message.id, "waiting")
    assert message.txn == show("m", message.id)
    last = msgspec.json.decode((await world.conversation()).last_message)
    assert (last["text"], last["st"], last["by"]) == ("hi", "queued", "The operator")


async def test_each_part_is_a_message_in_order_under_its_own_key(world: World) -> None:
    await world.do(reply(world, "a", "b", "c"), cid="key")
    messages = [row for row in await world.thread() if row.dir == "out"]
    assert [(m.text, m.cid) for m in messages] == [("a", "key"), ("b", "key#2"), ("c", "key#3")]
    assert [row.message_id for row in await sends(world)] == [m.id for m in messages]


async def test_a_note_stays_in_the_house(world: World) -> None:
    (message,) = await world.say(note(world, "psst"))
    assert (message.dir, message.st, message.txn) == ("note", "received", None)
    assert await world.all(OutboxRow) == []
    assert (await world.conversation()).unread == 1  # to write a note is not to answer


async def test_a_note_needs_no_channel_and_no_window(world: World) -> None:
    world.channels.clear()
    await world.change(ChannelRow, world.here.channel, enabled=False)
    await world.change(ConversationRow, world.here.conversation, last_in_at=None)
    await world.say(note(world))


async def test_a_reply_marks_read_and_says_so_to_the_provider(world: World) -> None:
    await world.do(MarkUnread(conv=world.here.conv))
    await world.say(reply(world))
    row = await world.conversation()
    assert (row.unread, row.marked_unread, row.read_pos) == (0, False, row.last_pos)
    reads = [row for row in await world.all(OutboxRow) if row.op == "read"]
    assert [row.message_id for row in reads] == [world.here.inbound]


async def test_a_reply_reopens_what_was_closed_and_leaves_asleep_what_is_snoozed(world: World) -> None:
    await world.do(Close(conv=world.here.conv))
    await world.say(reply(world))
    assert (await world.conversation()).status == "open"
    codes = [msgspec.json.decode(m.parts)[0]["code"] for m in await world.thread() if m.dir == "system"]
    assert codes == ["closed", "reopened"]
    await world.do(Snooze(conv=world.here.conv, until=await world.now() + HOUR))
    await world.say(reply(world))
    assert (await world.conversation()).status == "snoozed"


async def test_sending_drops_ones_own_draft_only(world: World) -> None:
    for role in ("operator", "admin"):
        await world.do(SaveDraft(conv=world.here.conv, text="dear"), role=role)
    await world.say(reply(world))
    (left,) = await world.all(DraftRow)
    assert left.operator_id == world.here.roles["admin"]
    marks = msgspec.json.decode((await world.conversation()).drafts)
    assert [mark[0] for mark in marks] == [left.operator_id]


async def test_a_reply_quotes_what_it_answers(world: World) -> None:
    first, second = await world.say(reply(world, "a", "b", reply_to=show("m", world.here.inbound)))
    inbound = await world.message(world.here.inbound)
    quote = msgspec.json.decode(first.quote, type=Quote)
    assert (quote.id, quote.text, quote.by, quote.dir) == (show("m", inbound.id), "hello", "Ivan", "in")
    assert first.reply_external_id == inbound.external_id
    assert second.quote == ""


async def test_a_reply_does_not_sort_above_a_question_of_a_clock_that_is_ahead(world: World) -> None:
    ahead = await world.now() + 20_000
    await world.change(MessageRow, world.here.inbound, at=ahead)
    await world.change(ConversationRow, world.here.conversation, last_at=ahead)
    (message,) = await world.say(reply(world))
    assert [row.id for row in await world.thread()] == [world.here.inbound, message.id]


# -- collisions ----------------------------------------------------------------------------------


async def test_somebody_elses_answer_since_one_looked_is_a_collision(world: World) -> None:
    await world.say(reply(world, "I am on it"), role="admin")
    problem = await refused(world, reply(world, "me too", seen_pos=1), Collision)
    other = (await world.thread())[-1]
    assert problem.data == {
        "by": show("o", world.here.roles["admin"]),
        "name": "The admin",
        "msg": show("m", other.id),
    }
    await world.say(reply(world, "me too", seen_pos=1, anyway=True))


async def test_what_one_saw_or_said_oneself_and_notes_are_no_collision(world: World) -> None:
    await world.say(reply(world, "one"))
    await world.say(note(world, "psst"), role="admin")
    await world.more_inbound()
    await world.say(reply(world, "two", seen_pos=1))
    last = (await world.conversation()).last_pos
    await world.say(reply(world, "mine"), role="admin")
    await world.say(reply(world, "seen", seen_pos=last + 1))


async def test_of_two_answers_at_the_same_moment_one_is_told(world: World) -> None:
    """They are decided in one transaction, one after the other."""
    done = await asyncio.gather(
        world.do(reply(world, "a", seen_pos=1), role="operator"),
        world.do(reply(world, "b", seen_pos=1), role="admin"),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in done) == ["Collision", "Sent"]


# -- what is refused -----------------------------------------------------------------------------


async def test_outside_of_the_window_a_reply_is_refused_and_a_template_is_not(world: World) -> None:
    await world.change(ConversationRow, world.here.conversation, last_in_at=1)
    problem = await refused(world, reply(world), NotSendable)
    assert problem.code == "window_closed"
    assert problem.data["alternatives"] == ["template", "note"]
    template = SendMessage(conv=world.here.conv, parts=(Template(name="hello", language="en"),))
    (message,) = await world.say(template)
    assert message.st == "queued"


async def test_a_message_scheduled_beyond_the_window_is_refused(world: World) -> None:
    now = await world.now()
    problem = await refused(world, reply(world, due_at=now + 25 * HOUR), NotSendable)
    assert problem.code == "window_closed"
    (message,) = await world.say(reply(world, due_at=now + 23 * HOUR))
    assert message.st == "scheduled"


async def test_who_opted_out_gets_nothing(world: World) -> None:
    await world.change(ContactRow, world.here.contact, attributes='{"consent.messages":"stop"}')
    assert (await refused(world, reply(world), NotSendable)).code == "opted_out"


async def test_a_channel_that_is_not_there_is_said(world: World) -> None:
    world.channels.clear()
    assert (await refused(world, reply(world), NotSendable)).code == "channel_away"
    await world.change(ChannelRow, world.here.channel, state="logged_out")
    assert (await refused(world, reply(world), NotSendable)).code == "logged_out"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"parts": (Text(body="x" * 101),)}, "too_long"),
        ({"parts": (Text(body="ok"), Text(body=""))}, "empty"),
        ({"due_at": 1 << 60}, "too_far"),
        ({"expires_at": 1}, "expired"),
    ],
)
async def test_what_cannot_be_meant_is_refused(world: World, change: dict[str, object], code: str) -> None:
    assert (await refused(world, reply(world, **change), Invalid)).code == code


async def test_a_note_has_no_time(world: World) -> None:
    command = msgspec.structs.replace(note(world), due_at=await world.now() + HOUR)
    assert (await refused(world, command, Invalid)).code == "note_has_no_time"


# -- scheduled -----------------------------------------------------------------------------------


async def test_a_scheduled_message_is_not_yet_the_last_of_its_conversation(world: World) -> None:
    before = (await world.conversation()).last_message
    due = await world.now() + HOUR
    (message,) = await world.say(reply(world, due_at=due))
    assert (message.st, message.due_at) == ("scheduled", due)
    assert (await world.conversation()).last_message == before
    (row,) = await sends(world)
    assert (row.due_at, row.expires_at) == (due, due + 24 * HOUR)


async def test_a_time_that_is_over_is_now(world: World) -> None:
    (message,) = await world.say(reply(world, due_at=5))
    assert (message.st, message.due_at) == ("queued", None)
    assert await world.now() + FURTHEST > 0


# -- files ---------------------------------------------------------------------------------------


def picture(world: World, file: int, caption: str = "") -> SendMessage:
    part = Media(sort="image", ref=show("f", file), caption=caption)
    return SendMessage(conv=world.here.conv, parts=(part,))


async def test_a_file_goes_to_its_message(world: World) -> None:
    (message,) = await world.say(picture(world, world.here.file, "look"))
    (view,) = msgspec.json.decode(message.media, type=tuple[MediaView, ...])
    shown = show("f", world.here.file)
    assert (view.id, view.state, view.url, view.size) == (shown, "ready", f"/media/{shown}", 900)
    assert (message.kind, message.text) == ("media.image", "look")
    (part,) = msgspec.json.decode(message.parts)
    assert (part["mime"], part["name"], part["size"]) == ("image/jpeg", "a.jpg", 900)
    assert (await world.one(FileRow, world.here.file)).message_id == message.id
    (again,) = await world.say(picture(world, world.here.file))
    assert (await world.one(FileRow, world.here.file)).message_id == message.id != again.id


async def test_a_file_must_be_there_fit_and_be_named_once(world: World) -> None:
    place = world.here
    await refused(world, picture(world, new_id()), NotFound)
    await refused(world, picture(world, world.there.file), NotFound)
    assert (await refused(world, picture(world, place.file, "x" * 21), Invalid)).code == "too_long"
    twice = picture(world, place.file)
    twice = msgspec.structs.replace(twice, parts=(*twice.parts, *twice.parts))
    assert (await refused(world, twice, Invalid)).code == "file_twice"
    await world.change(FileRow, place.file, size=1001)
    problem = await refused(world, picture(world, place.file), Invalid)
    assert (problem.code, problem.data["limit"]) == ("media_size", 1000)
    await world.change(FileRow, place.file, state="pending")
    assert (await refused(world, picture(world, place.file), Conflict)).code == "file_not_ready"


def cards(world: World, file: int, link: str = "https://shop.example/a.png") -> SendMessage:
    offered = (Media(sort="image", ref=show("f", file)), Media(sort="image", ref="", link=link))
    part = Carousel(body="New", cards=tuple(CarouselCard(media=media) for media in offered))
    return SendMessage(conv=world.here.conv, parts=(part,))


async def test_the_files_of_cards_go_to_their_message_and_addresses_need_none(world: World) -> None:
    (message,) = await world.say(cards(world, world.here.file))
    (view,) = msgspec.json.decode(message.media, type=tuple[MediaView, ...])
    assert (view.id, message.kind, message.text) == (show("f", world.here.file), "carousel", "New")
    assert (await world.one(FileRow, world.here.file)).message_id == message.id


async def test_a_file_by_its_address_is_sent_without_a_file_of_ours(world: World) -> None:
    part = Media(sort="video", ref="", link="https://shop.example/a.mp4", caption="look")
    (message,) = await world.say(SendMessage(conv=world.here.conv, parts=(part,)))
    assert (message.media, message.text) == ("[]", "look")
    (said,) = msgspec.json.decode(message.parts)
    assert (said["link"], said["ref"]) == ("https://shop.example/a.mp4", "")


async def test_a_card_shows_no_file_of_another_workspace(world: World) -> None:
    await refused(world, cards(world, world.there.file), NotFound)
    problem = await refused(world, cards(world, world.here.file, "http://shop.example/a.png"), Invalid)
    assert problem.code == "not_https"
