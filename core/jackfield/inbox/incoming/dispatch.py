"""Every event of the contract, to the rows it needs and to what becomes of it. The union is closed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from jackfield.channel import (
    AnyEvent,
    ConversationInfo,
    Delete,
    Edit,
    HistoryChunk,
    LimitChange,
    Message,
    Profile,
    Reaction,
    Receipt,
    SamePerson,
    Seen,
    TemplateState,
    Typing,
    Unrecognised,
)
from jackfield.ids import show
from jackfield.inbox.columns import EVENT
from jackfield.inbox.facts import ChannelFacts, peek, peek_all
from jackfield.store.indexes import CHANNEL, MESSAGE_BY_EXTERNAL, MESSAGE_BY_TXN, WAITING_FOR
from jackfield.store.rows import MessageRow
from jackfield.store.uow import Needs, Uow
from jackfield.wire.realtime import Eph

from . import account, changes, messages, people, receipts, seen, whom
from .scene import Scene


def needs(uow: Uow, facts: ChannelFacts, event: AnyEvent) -> Needs:  # noqa: PLR0912  # see take
    match event:
        case Message():
            yield from messages.needs(uow, facts, event)
            yield from waiting_needs(uow, facts, event.id, _by_txn(uow, facts, event.txn))
        case Edit() | Delete() | Reaction():
            yield from changes.needs(uow, facts, event)
        case Receipt():
            yield from receipts.needs(uow, facts, event)
            if event.txn is not None:
                for target in event.targets:
                    yield from waiting_needs(uow, facts, target, _by_txn(uow, facts, event.txn))
        case Seen():
            yield from seen.needs(uow, facts, event)
        case Typing():
            yield from whom.typing_needs(facts, event)
        case Profile():
            yield from people.profile_needs(uow, facts, event)
        case SamePerson():
            yield from people.same_person_needs(uow, facts, event)
        case ConversationInfo():
            yield from people.info_needs(facts, event)
        case LimitChange():
            yield from account.needs(facts)
        case HistoryChunk():
            yield CHANNEL(facts.channel)
            for message in event.messages:
                yield from needs(uow, facts, message)
        case TemplateState():
            yield from account.template_needs(uow, facts, event)
        case Unrecognised():
            return
        case _:
            assert_never(event)


def take(scene: Scene, event: AnyEvent) -> None:  # noqa: PLR0912  # one case for each event
    """Apply an event. Its needs are loaded and it is sound (sound.complaint)."""
    match event:
        case Message():
            known = messages.take(scene, event)
            if known is not None:
                _apply_waiting(scene, known)
        case Edit():
            changes.take_edit(scene, event)
        case Delete():
            changes.take_delete(scene, event)
        case Reaction():
            changes.take_reaction(scene, event)
        case Receipt():
            for learnt in receipts.take(scene, event):
                _apply_waiting(scene, learnt)
        case Seen():
            seen.take(scene, event)
        case Typing():
            whom.take_typing(scene, event)
        case Profile():
            people.take_profile(scene, event)
        case SamePerson():
            people.take_same_person(scene, event)
        case ConversationInfo():
            people.take_info(scene, event)
        case TemplateState():
            account.take_template(scene, event)
        case LimitChange():
            account.take_limit(scene, event)
        case HistoryChunk():
            _progress(scene, event)
        case Unrecognised():
            scene.unrecognised += 1
        case _:
            assert_never(event)


def _by_txn(uow: Uow, facts: ChannelFacts, txn: str | None) -> MessageRow | None:
    return None if txn is None else peek(uow, MESSAGE_BY_TXN, facts.channel, txn)


def waiting_needs(
    uow: Uow, facts: ChannelFacts, external_id: str, message: MessageRow | None = None
) -> Needs:
    """What apply_waiting() needs for a message that will have this external id: `message`, if it is there."""
    yield WAITING_FOR(facts.channel, external_id)
    for row in peek_all(uow, WAITING_FOR, facts.channel, external_id):
        event = EVENT.decode(row.event)
        if isinstance(event, Message):
            yield MESSAGE_BY_EXTERNAL(facts.channel, event.id)
        elif isinstance(event, Receipt):  # what waits for its targets is what is being asked for here
            yield from receipts.needs(uow, facts, event, late=message)
        else:
            yield from needs(uow, facts, event)


def apply_waiting(uow: Uow, message: MessageRow) -> None:
    """Apply what came before its message. For whoever learns a message's external id.

    Needs waiting_needs(), RECEIPTS_OF, OUTBOX_OF and FILES_OF of the message, and its conversation.
    """
    facts = ChannelFacts(workspace=message.workspace_id, channel=message.channel_id)
    _apply_waiting(Scene(uow, facts, message.delivery_id), message)


def _apply_waiting(scene: Scene, message: MessageRow) -> None:
    uow = scene.uow
    rows = uow.all(WAITING_FOR, scene.facts.channel, message.external_id)
    for row in sorted(rows, key=lambda row: row.id):
        event = EVENT.decode(row.event)
        uow.remove(row)
        if isinstance(event, Message):
            messages.take_late_target(scene, event)
        else:
            take(scene, event)


def _progress(scene: Scene, event: HistoryChunk) -> None:
    """Its messages were taken one by one before; here is how far it got."""
    row = scene.uow.one(CHANNEL, scene.facts.channel)
    progress = None if event.done else event.progress
    if row is not None and row.progress != progress:
        scene.uow.edit(row).progress = progress
    channel = show("ch", scene.facts.channel)
    said = {"channel": channel, "progress": event.progress, "done": event.done}
    scene.ephemeral.append(Eph(e="progress", ws=show("w", scene.facts.workspace), d=said))


def flat(events: Iterable[AnyEvent]) -> Iterator[AnyEvent]:
    """The events with the messages of history chunks before their chunk, each on its own."""
    for event in events:
        if isinstance(event, HistoryChunk):
            for message in event.messages:
                yield messages.as_history(message)
            yield HistoryChunk(at=event.at, messages=(), progress=event.progress, done=event.done)
        else:
            yield event
