"""How far messages of ours got, as the provider says."""

from __future__ import annotations

from msgspec import structs

from jackfield.channel import Receipt
from jackfield.ids import new_id
from jackfield.inbox import window
from jackfield.inbox.columns import clip, ms
from jackfield.inbox.conversations import join_all
from jackfield.inbox.facts import ChannelFacts, peek
from jackfield.inbox.figures import charge_need, count_charge
from jackfield.inbox.identity import resolve, whole
from jackfield.inbox.wishes import LEARNT, learn
from jackfield.store.indexes import (
    CONTACT,
    CONVERSATION,
    MESSAGE_BY_EXTERNAL,
    MESSAGE_BY_TXN,
    OUTBOX_OF,
    RECEIPTS_OF,
    WAITING_FOR,
)
from jackfield.store.rows import MessageRow, ReceiptRow
from jackfield.store.uow import Needs, Uow

from . import whom
from .scene import Scene
from .statuses import raise_status
from .waiting import wait

PERSON_MAX, DETAIL_MAX = 220, 65_536
ARRIVED = frozenset({"delivered", "read", "played"})


def needs(uow: Uow, facts: ChannelFacts, event: Receipt, *, late: MessageRow | None = None) -> Needs:
    """`late`: the message that turns out to be its target, where its external id is not stored yet."""
    if event.txn is not None:
        yield MESSAGE_BY_TXN(facts.channel, event.txn)
    for target in event.targets:
        yield MESSAGE_BY_EXTERNAL(facts.channel, target)
        yield WAITING_FOR(facts.channel, target)
        message = _target(uow, facts, event, target) or late
        if message is None:
            continue
        yield RECEIPTS_OF(message.id)
        yield OUTBOX_OF(message.id)
        if event.charge is not None and event.level in ARRIVED:
            yield charge_need(facts.channel, event.charge, ms(event.at))
        conversation = peek(uow, CONVERSATION, message.conversation_id)
        if conversation is None:
            continue
        if event.person:
            peer = None if conversation.is_group else conversation.peer
            yield from whom.person_needs(uow, facts, event.person, peer=peer)
        if event.failure is not None and event.failure.code in LEARNT and conversation.contact_id is not None:
            yield from whole(conversation.contact_id)


def take(scene: Scene, event: Receipt) -> list[MessageRow]:
    """Apply a receipt to each of its targets, or keep it until they are known. Answers the messages
    whose external id became known by it."""
    learnt: list[MessageRow] = []
    for target in event.targets:
        message = _target(scene.uow, scene.facts, event, target)
        if message is None:
            wait(scene, target, structs.replace(event, targets=(target,)))
            continue
        if message.external_id is None:
            scene.uow.edit(message).external_id = target
            scene.uow.place(message)
            learnt.append(message)
        _apply(scene, message, event)
    return learnt


def _target(uow: Uow, facts: ChannelFacts, event: Receipt, target: str) -> MessageRow | None:
    """By the provider's id; else by our own, which stands for one message only."""
    row = peek(uow, MESSAGE_BY_EXTERNAL, facts.channel, target)
    if row is None and event.txn is not None and len(event.targets) == 1:
        row = peek(uow, MESSAGE_BY_TXN, facts.channel, event.txn)
    return row


def _apply(scene: Scene, message: MessageRow, event: Receipt) -> None:
    uow = scene.uow
    person = clip(f"{event.person[0].kind}:{event.person[0].value}", PERSON_MAX) if event.person else ""
    before = uow.all(RECEIPTS_OF, message.id)
    if all((row.level, row.person) != (event.level, person) for row in before):
        _count(scene, message, event, before)
        uow.add(
            ReceiptRow(
                id=new_id(),
                workspace_id=message.workspace_id,
                message_id=message.id,
                level=event.level,
                person=person,
                at=ms(event.at),
                detail=_detail(event),
            )
        )
    if message.dir == "out":
        raise_status(uow, message, event.level, failure=event.failure)
        _meet(scene, message, event)
        _note(scene, message, event)


def _count(scene: Scene, message: MessageRow, event: Receipt, before: list[ReceiptRow]) -> None:
    """What a message counts as is counted once, when it arrives: "delivered" may be left out."""
    if event.charge is None or event.level not in ARRIVED or message.dir != "out":
        return
    if all(row.level not in ARRIVED for row in before):
        facts = scene.facts
        count_charge(scene.uow, facts.workspace, facts.channel, event.charge, ms(event.at))


def _note(scene: Scene, message: MessageRow, event: Receipt) -> None:
    """What a receipt says beside how far the message got: of the person, and of what is free."""
    uow = scene.uow
    conversation = uow.one(CONVERSATION, message.conversation_id)
    if conversation is None:
        return
    if event.free_until is not None:
        window.free_until(uow, conversation, ms(event.free_until))
    if event.failure is None or event.failure.code not in LEARNT or conversation.contact_id is None:
        return
    contact = uow.one(CONTACT, conversation.contact_id)
    if contact is not None:
        learn(uow, contact, message.channel_id, event.failure, at=ms(event.at))


def _detail(event: Receipt) -> str:
    raw = bytes(event.detail)
    return "" if raw == b"null" else clip(raw.decode(errors="replace"), DETAIL_MAX)


def _meet(scene: Scene, message: MessageRow, event: Receipt) -> None:
    """Learn the addresses a receipt names for the person it comes from."""
    conversation = scene.uow.one(CONVERSATION, message.conversation_id)
    if not event.person or conversation is None:
        return
    if conversation.is_group:
        resolve(scene.uow, scene.facts, event.person)
        return
    contact = whom.person_in(scene, conversation.peer, event.person)
    if contact is not None and conversation.contact_id is None:
        scene.uow.edit(conversation).contact_id = contact.id
        scene.uow.place(conversation)
        join_all(scene.uow, scene.facts, contact)
