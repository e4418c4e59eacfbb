"""What becomes of what a channel tells: one delivery, one work."""

from __future__ import annotations

from inbox_line import Line, at_ms, said

from jackfield.store.rows import ContactRow, ConversationRow, DeliveryCountRow, DeliveryRow, MessageRow


async def test_a_message_makes_its_contact_and_its_conversation(line: Line) -> None:
    received = await line.take(said("Good day", key="m1", name="Ivan"), raw=b"the payload")
    message = await line.one(MessageRow)
    assert received.messages == (message.id,)
    assert (message.text, message.dir, message.st, message.pos) == ("Good day", "in", "received", 1)
    assert (await line.one(ContactRow)).name == "Ivan"
    conversation = await line.one(ConversationRow)
    assert (conversation.name, conversation.shown) == ("Ivan", "+7 999 123-45-67")
    assert (conversation.unread, conversation.last_at) == (1, at_ms(0))
    assert (await line.one(DeliveryRow)).body == b"the payload"


async def test_a_second_delivery_is_not_a_second_message(line: Line) -> None:
    first = await line.take(said("Good day", key="m1"))
    second = await line.take(said("Good day", key="m1"))
    assert second.messages == ()
    assert (await line.one(MessageRow)).id == first.messages[0]
    assert len(await line.all(DeliveryRow)) == 2
    count = await line.one(DeliveryCountRow)
    assert (count.received, count.stored, count.failed) == (2, 2, 0)
    assert (await line.one(ConversationRow)).unread == 1
