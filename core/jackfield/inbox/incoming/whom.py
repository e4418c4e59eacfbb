"""Who says something, and in which conversation it is said."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from jackfield.channel import Address, Message, Sender, Typing
from jackfield.ids import show
from jackfield.inbox.conversations import at_peer, join_all, join_needs, open_conversation, open_group
from jackfield.inbox.facts import ChannelFacts, peek
from jackfield.inbox.identity import identity_need, is_news, known, resolve, usable, whole
from jackfield.store.indexes import CONTACT, PEER
from jackfield.store.rows import ContactRow, ConversationRow
from jackfield.store.uow import Needs, Uow
from jackfield.wire.realtime import Eph
from jackfield.wire.views import Author

from .scene import Scene


def person_needs(
    uow: Uow,
    facts: ChannelFacts,
    addresses: tuple[Address, ...],
    *,
    name: str | UnsetType = UNSET,
    peer: str | None = None,
) -> Needs:
    """The contact of these addresses, and with `peer` the direct conversation with him.

    A person who is as we know him costs no more than that; what a change touches is asked for only
    where something changes.
    """
    addresses = usable(addresses)
    yield [identity_need(facts.workspace, address) for address in addresses]
    conversation = None
    if peer is not None:
        yield PEER(facts.channel, peer)
        conversation = at_peer(uow, facts, peer, look=peek)
    found = known(uow, facts.workspace, addresses, look=peek)
    people = {contact.id for contact in found}
    strange = peer is not None and (conversation is None or conversation.contact_id not in people)
    if conversation is not None and conversation.contact_id is not None:
        people.add(conversation.contact_id)
    if not strange and not is_news(uow, facts.workspace, addresses, found, name):
        return
    for contact in people:
        yield from whole(contact)
    if len(people) > 1:
        yield from join_needs(uow, facts, sorted(people))


def sender_needs(uow: Uow, facts: ChannelFacts, sender: Sender) -> Needs:
    if not sender.from_me:
        yield from person_needs(uow, facts, sender.addresses, name=sender.name)


def message_needs(uow: Uow, facts: ChannelFacts, event: Message) -> Needs:
    """The conversation of a message and the people in it."""
    if event.group:
        yield PEER(facts.channel, event.conversation)
        yield from sender_needs(uow, facts, event.sender)
    else:
        addresses, name = _other_side(event)
        yield from person_needs(uow, facts, addresses, name=name, peer=event.conversation)


def conversation_of(scene: Scene, event: Message, *, at: int) -> tuple[ConversationRow, ContactRow | None]:
    """The conversation a message belongs to and its sender, both made if they are new."""
    uow, facts = scene.uow, scene.facts
    if event.group:
        group = open_group(uow, facts, event.conversation, at=at)
        return group, contact_of(scene, event.sender)
    addresses, name = _other_side(event)
    contact = person_in(scene, event.conversation, addresses, name=name)
    conversation = open_conversation(uow, facts, event.conversation, contact=contact, at=at)
    return conversation, None if event.sender.from_me else contact


def person_in(
    scene: Scene, peer: str, addresses: tuple[Address, ...], *, name: str | UnsetType = UNSET
) -> ContactRow | None:
    """The person a direct conversation is with, as these addresses and the conversation name him."""
    uow, facts = scene.uow, scene.facts
    conversation = at_peer(uow, facts, peer)
    also = None
    if conversation is not None and conversation.contact_id is not None and not conversation.is_group:
        also = uow.one(CONTACT, conversation.contact_id)
    contact = resolve(uow, facts, addresses, name=name, also=also)
    if contact is not None:
        join_all(uow, facts, contact)
    return contact


def contact_of(scene: Scene, sender: Sender) -> ContactRow | None:
    """The contact a sender is; None for our own side, and for somebody without an address."""
    if sender.from_me:
        return None
    return resolve(scene.uow, scene.facts, sender.addresses, name=sender.name)


def speaker_of(scene: Scene, peer: str, sender: Sender) -> ContactRow | None:
    """The contact a sender is, and without an address of his own the one the conversation is with."""
    contact = contact_of(scene, sender)
    if contact is not None or sender.from_me:
        return contact
    conversation = at_peer(scene.uow, scene.facts, peer)
    if conversation is None or conversation.contact_id is None:
        return None
    return scene.uow.one(CONTACT, conversation.contact_id)


def author_of(contact: ContactRow | None, sender: Sender) -> Author:
    """Whose hand a reaction is of; on our side all hands are one."""
    if sender.from_me:
        return Author(kind="phone")
    if contact is None:
        return Author(kind="contact", name="" if sender.name is UNSET else sender.name)
    return Author(kind="contact", id=show("p", contact.id), name=contact.name)


def _other_side(event: Message) -> tuple[tuple[Address, ...], str | UnsetType]:
    """The addresses of whom a direct conversation is with, and his name as far as it is said."""
    if event.sender.from_me:
        return event.peer, UNSET
    return event.sender.addresses, event.sender.name


def typing_needs(facts: ChannelFacts, event: Typing) -> Needs:
    yield PEER(facts.channel, event.conversation)
    for address in usable(event.sender.addresses):
        yield identity_need(facts.workspace, address)


def take_typing(scene: Scene, event: Typing) -> None:
    """Nothing is stored: who watches the conversation is told."""
    uow, facts = scene.uow, scene.facts
    conversation = at_peer(uow, facts, event.conversation)
    if conversation is None or event.sender.from_me:
        return
    people = known(uow, facts.workspace, usable(event.sender.addresses))
    contact = people[0] if people else None
    said = {
        "contact": show("p", contact.id) if contact is not None else None,
        "name": contact.name if contact is not None else "",
        "mode": event.mode,
    }
    workspace = show("w", facts.workspace)
    scene.ephemeral.append(Eph(e="typing", ws=workspace, conv=show("c", conversation.id), d=said))
