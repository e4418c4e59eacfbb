"""Sending: what a reply and a note become, and what is refused."""

from __future__ import annotations

from inbox_world import World

from jackfield.channel import Text
from jackfield.store.rows import OutboxRow
from jackfield.wire.commands import SendMessage


async def test_a_reply_is_a_queued_message_and_a_row_of_the_outbox(world: World) -> None:
    (message,) = await world.say(SendMessage(conv=world.here.conv, parts=(Text(body="hi"),)))
    assert (message.dir, message.st, message.text, message.pos) == ("out", "queued", "hi", 2)
    (row,) = [row for row in await world.all(OutboxRow) if row.op == "send"]
    assert (row.message_id, row.state) == (message.id, "waiting")
