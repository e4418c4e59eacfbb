"""What may be done with a message that is there: edit, delete, react, retry, cancel."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from inbox_world import World
from scripted_channel import Plain

from jackfield.channel import Location, Text
from jackfield.errors import Conflict, Forbidden, Invalid, NotSendable, Problem
from jackfield.ids import show
from jackfield.store.rows import ConversationRow, MessageRow, OutboxRow
from jackfield.wire.commands import (
    AnyCommand,
    CancelMessage,
    Close,
    DeleteMessage,
    EditMessage,
    PinMessage,
    ReactToMessage,
    RetryMessage,
    SendMessage,
)

HOUR = 3_600_000


async def code_of(world: World, command: AnyCommand, problem: type[Problem], role: Any = "operator") -> str:
    with pytest.raises(problem) as caught:
        await world.do(command, role=role)
    return caught.value.code


async def say(world: World, text: str = "hi", **more: Any) -> MessageRow:
    command = SendMessage(conv=world.here.conv, parts=(Text(body=text),), **more)
    (message,) = await world.say(command)
    return message


async def sent(world: World, **columns: object) -> MessageRow:
    """A message that has left."""
    message = await say(world)
    (row,) = await world.store.rows(OutboxRow, "WHERE message_id = $1", message.id)
    await world.change(OutboxRow, row.id, state="done")
    await world.change(MessageRow, message.id, st="sent", external_id="ext.1", **columns)
    return await world.message(message.id)


async def rows_of(world: World, message: MessageRow) -> list[tuple[str, str]]:
    rows = await world.store.rows(OutboxRow, "WHERE message_id = $1 ORDER BY id", message.id)
    return [(row.op, row.state) for row in rows]


async def last_text(world: World) -> str:
    return str(msgspec.json.decode((await world.conversation()).last_message).get("text", ""))


@pytest.mark.parametrize("more", [{"mode": "note"}, {}], ids=["a note", "queued"])
async def test_what_has_not_left_is_edited_and_deleted_at_once(world: World, more: dict[str, Any]) -> None:
    message = await say(world, **more)
    await world.do(EditMessage(message=show("m", message.id), text="hello"))
    message = await world.message(message.id)
    assert (message.text, message.edited_at is not None) == ("hello", True)
    versions = msgspec.json.decode(message.versions)
    assert [version[1][0]["body"] for version in versions] == ["hi"]
    assert await last_text(world) == "hello"
    await world.do(DeleteMessage(message=show("m", message.id)))
    message = await world.message(message.id)
    assert message.deleted_at is not None
    assert await last_text(world) == ""
    if not more:
        assert (message.st, await rows_of(world, message)) == ("cancelled", [("send", "gone")])
    assert await code_of(world, EditMessage(message=show("m", message.id), text="x"), Conflict) == "deleted"


async def test_what_has_left_changes_through_the_outbox(world: World) -> None:
    message = await sent(world)
    await world.do(EditMessage(message=show("m", message.id), text="hello"))
    await world.do(ReactToMessage(message=show("m", message.id), emoji="👍"))
    await world.do(DeleteMessage(message=show("m", message.id)))
    after = await world.message(message.id)
    assert (after.text, after.reactions, after.deleted_at) == ("hi", "[]", None)
    assert [op for op, _ in await rows_of(world, message)] == ["send", "edit", "react", "delete"]


async def test_only_ones_own_words_unless_one_is_an_admin(world: World) -> None:
    (message,) = await world.say(
        SendMessage(conv=world.here.conv, parts=(Text(body="x"),), mode="note"), role="admin"
    )
    shown = show("m", message.id)
    assert await code_of(world, EditMessage(message=shown, text="y"), Forbidden) == "forbidden"
    assert await code_of(world, DeleteMessage(message=shown), Forbidden) == "forbidden"
    await world.do(DeleteMessage(message=shown), role="owner")


async def test_what_is_not_ours_stays_as_it_is(world: World) -> None:
    inbound = show("m", world.here.inbound)
    assert await code_of(world, EditMessage(message=inbound, text="y"), Conflict) == "not_ours"
    assert await code_of(world, DeleteMessage(message=inbound), Conflict) == "not_ours"
    await world.do(Close(conv=world.here.conv))
    system = show("m", (await world.thread())[-1].id)
    assert await code_of(world, DeleteMessage(message=system), Conflict) == "not_ours"
    assert await code_of(world, ReactToMessage(message=system, emoji="x"), Conflict) == "not_reactable"


async def test_only_words_are_edited(world: World) -> None:
    place = Location(latitude=1, longitude=2)
    (message,) = await world.say(SendMessage(conv=world.here.conv, parts=(place,), mode="note"))
    assert (
        await code_of(world, EditMessage(message=show("m", message.id), text="x"), Invalid) == "not_editable"
    )
    long = await say(world)
    assert (
        await code_of(world, EditMessage(message=show("m", long.id), text="x" * 101), Invalid) == "too_long"
    )


async def test_what_the_channel_cannot_is_said(world: World) -> None:
    message = await sent(world)
    shown = show("m", message.id)
    world.channels[world.here.channel] = Plain()
    assert await code_of(world, EditMessage(message=shown, text="x"), NotSendable) == "cannot_edit"
    assert await code_of(world, DeleteMessage(message=shown), NotSendable) == "cannot_delete"
    assert await code_of(world, ReactToMessage(message=shown, emoji="x"), NotSendable) == "cannot_react"
    world.channels.clear()
    assert await code_of(world, DeleteMessage(message=shown), NotSendable) == "channel_away"


async def test_a_message_of_the_conversation_is_pinned_for_some_days(world: World) -> None:
    inbound = show("m", world.here.inbound)
    await world.do(PinMessage(message=inbound, days=30))
    message = await world.message(world.here.inbound)
    assert await rows_of(world, message) == [("pin", "waiting")]
    assert await code_of(world, PinMessage(message=inbound, days=31), Invalid) == "pinned_too_long"
    (note,) = await world.say(SendMessage(conv=world.here.conv, parts=(Text(body="x"),), mode="note"))
    command = PinMessage(message=show("m", note.id), days=1)
    assert await code_of(world, command, Conflict) == "not_pinnable"
    command = PinMessage(message=show("m", (await say(world)).id), days=1)
    assert await code_of(world, command, Conflict) == "not_sent_yet"
    world.channels[world.here.channel] = Plain()
    assert await code_of(world, PinMessage(message=inbound, days=1), NotSendable) == "cannot_pin"


async def test_an_edit_has_its_time(world: World) -> None:
    message = await sent(world, at=await world.now() - HOUR)
    command = EditMessage(message=show("m", message.id), text="x")
    assert await code_of(world, command, NotSendable) == "too_late_to_edit"


async def test_what_is_on_its_way_is_known_to_the_provider_only_later(world: World) -> None:
    message = await say(world)
    await world.change(MessageRow, message.id, st="sending")
    command = DeleteMessage(message=show("m", message.id))
    assert await code_of(world, command, Conflict) == "not_sent_yet"


async def test_a_reaction_is_free_text_to_a_window(world: World) -> None:
    await world.change(ConversationRow, world.here.conversation, last_in_at=1)
    command = ReactToMessage(message=show("m", world.here.inbound), emoji="👍")
    assert await code_of(world, command, NotSendable) == "window_closed"


async def test_reactions_to_notes_are_ours_and_one(world: World) -> None:
    message = await say(world, mode="note")
    for emoji in ("👍", "❤️"):
        await world.do(ReactToMessage(message=show("m", message.id), emoji=emoji))
    (reaction,) = msgspec.json.decode((await world.message(message.id)).reactions)
    assert (reaction["emoji"], reaction["by"]["kind"]) == ("❤️", "operator")


@pytest.mark.parametrize("st", ["received", "queued", "scheduled", "sending", "sent", "read", "cancelled"])
async def test_only_what_failed_is_held_or_unknown_is_sent_again(world: World, st: str) -> None:
    message = await say(world)
    await world.change(MessageRow, message.id, st=st)
    command = RetryMessage(message=show("m", message.id))
    assert await code_of(world, command, Conflict) == "not_retryable"


async def test_sending_again_is_sending_under_the_same_rules(world: World) -> None:
    message = await say(world)
    await world.change(MessageRow, message.id, st="failed", fail='{"type":"failure","code":"x"}')
    await world.change(ConversationRow, world.here.conversation, last_in_at=1, failed=True)
    command = RetryMessage(message=show("m", message.id))
    assert await code_of(world, command, NotSendable) == "window_closed"
    await world.change(ConversationRow, world.here.conversation, last_in_at=await world.now())
    await world.do(command)
    message = await world.message(message.id)
    assert (message.st, message.fail) == ("queued", "")
    assert not (await world.conversation()).failed
    assert await rows_of(world, message) == [("send", "waiting")]


async def test_what_the_provider_failed_later_is_sent_again_as_new(world: World) -> None:
    """It had an id that belongs to the failed try: a receipt of that one says nothing of this one."""
    message = await sent(world)
    await world.change(MessageRow, message.id, st="failed")
    await world.do(RetryMessage(message=show("m", message.id)))
    message = await world.message(message.id)
    assert (message.st, message.external_id) == ("queued", None)
    assert await rows_of(world, message) == [("send", "waiting")]


@pytest.mark.parametrize("due", [None, HOUR], ids=["queued", "scheduled"])
async def test_what_has_not_left_is_taken_back(world: World, due: int | None) -> None:
    message = await say(world, due_at=None if due is None else await world.now() + due)
    await world.do(CancelMessage(message=show("m", message.id)))
    message = await world.message(message.id)
    assert (message.st, await rows_of(world, message)) == ("cancelled", [("send", "gone")])
    assert await code_of(world, CancelMessage(message=show("m", message.id)), Conflict) == "not_cancellable"


@pytest.mark.parametrize("st", ["sending", "sent", "delivered", "failed"])
async def test_what_is_on_its_way_is_not_taken_back(world: World, st: str) -> None:
    message = await say(world)
    await world.change(MessageRow, message.id, st=st)
    command = CancelMessage(message=show("m", message.id))
    assert await code_of(world, command, Conflict) == "not_cancellable"


async def test_between_the_claim_and_the_words_it_is_too_late(world: World) -> None:
    """The row counts, whatever the message says."""
    message = await say(world)
    (row,) = await world.store.rows(OutboxRow, "WHERE message_id = $1", message.id)
    await world.change(OutboxRow, row.id, state="sending")
    for command in (
        CancelMessage(message=show("m", message.id)),
        DeleteMessage(message=show("m", message.id)),
    ):
        assert await code_of(world, command, Conflict) == "not_cancellable"
