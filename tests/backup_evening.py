"""An install in the middle of its work: messages at every step of their way out."""

from __future__ import annotations

from collections.abc import Mapping

from inbox_world import HOUR, Place, World, open_world

from jackfield.channel import Text
from jackfield.ids import show
from jackfield.settings import Settings
from jackfield.store.rows import ChannelRow, MessageRow, OutboxRow
from jackfield.wire.commands import EditMessage, MarkRead, SendMessage

OWNER = "a process"


async def say(world: World, text: str, *, due_at: int | None = None) -> MessageRow:
    command = SendMessage(conv=world.here.conv, parts=(Text(body=text),), due_at=due_at)
    (message,) = await world.say(command)
    return message


async def change_send(world: World, message: MessageRow, **values: object) -> None:
    (row,) = await world.store.rows(OutboxRow, "WHERE message_id = $1 AND op = 'send'", message.id)
    await world.change(OutboxRow, row.id, **values)


async def an_evening_of_messages(settings: Settings) -> tuple[Place, Mapping[str, int]]:
    """Messages at every step of their way out, by what they are."""
    async with open_world(settings) as world:
        past = await world.now() - 1
        await world.do(MarkRead(conv=world.here.conv, pos=1))
        sent = await say(world, "sent")
        await change_send(world, sent, state="done")
        await world.change(MessageRow, sent.id, st="delivered", external_id="ext.sent")
        await world.do(EditMessage(message=show("m", sent.id), text="edited"))
        later = await say(world, "later", due_at=await world.now() + HOUR)
        overdue = await say(world, "overdue", due_at=await world.now() + HOUR)
        await world.change(MessageRow, overdue.id, due_at=past)
        await change_send(world, overdue, due_at=past)
        leaving = await say(world, "leaving")
        await change_send(world, leaving, state="sending", owner=OWNER, attempts=1)
        await world.change(MessageRow, leaving.id, st="sending")
        waiting = await say(world, "waiting")
        await world.change(ChannelRow, world.here.channel, lease_owner=OWNER, lease_until=1 << 60)
        found = {
            "sent": sent,
            "later": later,
            "overdue": overdue,
            "leaving": leaving,
            "waiting": waiting,
        }
        return world.here, {name: row.id for name, row in found.items()}
