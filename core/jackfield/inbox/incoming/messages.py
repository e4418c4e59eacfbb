"""A message comes in: said by the other side, by our own phone, or our own one coming back."""

from __future__ import annotations

from msgspec import structs

from jackfield.channel import Message, Sender, System
from jackfield.ids import new_id, show
from jackfield.inbox import window
from jackfield.inbox.columns import clip, ms, to_json
from jackfield.inbox.facts import ChannelFacts, peek
from jackfield.inbox.thread import show_last
from jackfield.inbox.words import kind_of, preview, text_of
from jackfield.store.indexes import (
    FILES_OF,
    MESSAGE,
    MESSAGE_BY_EXTERNAL,
    MESSAGE_BY_TXN,
    OUTBOX_OF,
    RECEIPTS_OF,
    WAITING_FOR,
)
from jackfield.store.rows import ContactRow, ConversationRow, MessageRow
from jackfield.store.uow import Needs, Uow
from jackfield.wire.views import Direction, Quote

from . import whom
from .media import expect_files
from .scene import Scene
from .statuses import raise_status
from .waiting import wait

NAME_MAX = 300
SECOND = 1000  # ms
_DIRECTION: dict[str, Direction] = {"in": "in", "out": "out", "note": "note", "system": "system"}
_NOBODY = Sender()


def needs(uow: Uow, facts: ChannelFacts, event: Message) -> Needs:
    """All but what the events that wait for it need: dispatch.waiting_needs."""
    yield MESSAGE_BY_EXTERNAL(facts.channel, event.id)
    if event.txn is not None:
        yield MESSAGE_BY_TXN(facts.channel, event.txn)
    ours = _ours(uow, facts, event)
    if ours is not None:
        yield OUTBOX_OF(ours.id)
        return
    if event.reply_to is not None:
        yield MESSAGE_BY_EXTERNAL(facts.channel, event.reply_to)
        yield WAITING_FOR(facts.channel, event.reply_to)
    yield from whom.message_needs(uow, facts, event)


def take(scene: Scene, event: Message) -> MessageRow | None:
    """Store a message, once. Answers the row whose external id became known by it: a new message, or
    our own one that came back; None for a second delivery."""
    row = _ours(scene.uow, scene.facts, event)
    if row is None:
        return _store(scene, event)
    return _come_back(scene, row, event) if event.sender.from_me else None


def quote_of(row: MessageRow) -> Quote:
    return Quote(
        id=show("m", row.id),
        kind=row.kind,
        text="" if row.deleted_at is not None else preview(row.text),
        by=row.author_name,
        dir=_DIRECTION[row.dir],
    )


def take_late_target(scene: Scene, event: Message) -> None:
    """What a message replies to came after it: fill in its quote. Needs MESSAGE_BY_EXTERNAL of both."""
    uow, channel = scene.uow, scene.facts.channel
    reply = uow.one(MESSAGE_BY_EXTERNAL, channel, event.id)
    target = uow.one(MESSAGE_BY_EXTERNAL, channel, event.reply_to) if event.reply_to is not None else None
    if reply is not None and target is not None:
        uow.edit(reply)
        reply.reply_id, reply.quote = target.id, to_json(quote_of(target))


def _ours(uow: Uow, facts: ChannelFacts, event: Message) -> MessageRow | None:
    """The message if we have it, by the provider's id or by our own."""
    row = peek(uow, MESSAGE_BY_EXTERNAL, facts.channel, event.id)
    if row is None and event.txn is not None:
        row = peek(uow, MESSAGE_BY_TXN, facts.channel, event.txn)
    return row


def _come_back(scene: Scene, row: MessageRow, event: Message) -> MessageRow | None:
    uow = scene.uow
    learnt = row.external_id is None
    if learnt:
        uow.edit(row).external_id = event.id
        uow.place(row)
    if row.dir == "out":
        raise_status(uow, row, "sent")
    return row if learnt else None


def _store(scene: Scene, event: Message) -> MessageRow:
    uow, facts = scene.uow, scene.facts
    at = ms(event.at)
    conversation, contact = whom.conversation_of(scene, event, at=at)
    uow.edit(conversation)
    if not event.history:
        at = _after_what_is_there(conversation, at)
    caught_up = conversation.unread == 0 and conversation.read_pos == conversation.last_pos
    conversation.last_pos += 1
    message = MessageRow(
        id=new_id(),
        workspace_id=facts.workspace,
        channel_id=facts.channel,
        conversation_id=conversation.id,
        external_id=event.id,
        txn=None,
        pos=conversation.last_pos,
        dir=_direction(event),
        kind=kind_of(event.parts),
        author_kind="contact",
        parts=to_json(event.parts),
        text=text_of(event.parts),
        at=at,
        received_at=uow.now,
        st="sent" if event.sender.from_me else "received",
        reply_external_id=event.reply_to,
        forwarded=event.forwarded,
        history=event.history,
        referral="" if event.referral is None else to_json(event.referral),
        delivery_id=scene.delivery,
    )
    _sign(message, event, contact)
    uow.fresh(MESSAGE(message.id), RECEIPTS_OF(message.id), OUTBOX_OF(message.id), FILES_OF(message.id))
    expect_files(uow, facts, message, event.parts)
    uow.add(message)
    _quote(scene, message, event)
    _mark(facts, conversation, message, event)
    if caught_up and conversation.unread == 0:
        conversation.read_pos = message.pos
    scene.messages.append(message.id)
    if message.dir != "system":
        show_last(uow, conversation, message)
    return message


def _after_what_is_there(conversation: ConversationRow, at: int) -> int:
    """Providers tell whole seconds: within one, an answer would stand above what it answers."""
    last = conversation.last_at
    return last if at % SECOND == 0 and at < last < at + SECOND else at


def _direction(event: Message) -> Direction:
    if event.parts and all(isinstance(part, System) for part in event.parts):
        return "system"
    return "out" if event.sender.from_me else "in"


def _sign(message: MessageRow, event: Message, contact: ContactRow | None) -> None:
    """Whose words they are."""
    if message.dir == "system":
        message.author_kind, message.st = "system", "received"
    elif event.sender.from_me:
        message.author_kind = "phone" if event.origin == "person" else event.origin
    elif contact is not None:
        message.author_id, message.author_name = contact.id, contact.name
    elif isinstance(event.sender.name, str):
        message.author_name = clip(event.sender.name, NAME_MAX)


def _quote(scene: Scene, message: MessageRow, event: Message) -> None:
    if event.reply_to is None:
        return
    target = scene.uow.one(MESSAGE_BY_EXTERNAL, scene.facts.channel, event.reply_to)
    if target is not None:
        message.reply_id, message.quote = target.id, to_json(quote_of(target))
        return
    message.quote = to_json(Quote())
    wait(scene, event.reply_to, structs.replace(event, parts=(), sender=_NOBODY, peer=(), referral=None))


def _mark(facts: ChannelFacts, conversation: ConversationRow, message: MessageRow, event: Message) -> None:
    """What a message does to its conversation: unread, window, peer, open again."""
    match message.dir:
        case "in":
            _heard(facts, conversation, message, event)
        case "out" if message.author_kind == "phone" and not event.history:
            conversation.read_pos, conversation.unread = message.pos, 0
            conversation.marked_unread = False
        case _:
            pass


def _heard(facts: ChannelFacts, conversation: ConversationRow, message: MessageRow, event: Message) -> None:
    if conversation.last_in_at is None or message.at >= conversation.last_in_at:
        conversation.last_in_at, conversation.peer = message.at, event.conversation
        window.heard(conversation, at=message.at, window=facts.window_ms)
        if event.referral is not None and not event.history:
            window.came_by(conversation, event.referral, at=message.at)
    if event.history:
        return
    conversation.unread += 1
    conversation.status, conversation.snoozed_until = "open", None


def as_history(event: Message) -> Message:
    return event if event.history else structs.replace(event, history=True)
