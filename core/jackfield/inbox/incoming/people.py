"""What is said of people and groups: names, pictures, who is the same person."""

from __future__ import annotations

from msgspec import UNSET

from jackfield.channel import ConversationInfo, Profile, SamePerson
from jackfield.inbox.columns import clip, ms, to_json
from jackfield.inbox.conversations import at_peer, join_all, join_needs, open_conversation, open_group
from jackfield.inbox.facts import ChannelFacts, peek
from jackfield.inbox.identity import (
    known,
    live_conversations,
    refresh_conversations,
    resolve,
    usable,
    whole,
)
from jackfield.inbox.wishes import attributes_of, with_consent
from jackfield.store.indexes import PEER
from jackfield.store.uow import Needs, Uow

from . import whom
from .media import expect_picture
from .scene import Scene

NAME_MAX, KEY_MAX, VALUE_MAX = 300, 100, 2000


def profile_needs(uow: Uow, facts: ChannelFacts, event: Profile) -> Needs:
    yield from whom.person_needs(uow, facts, event.person, name=event.name)
    for contact in known(uow, facts.workspace, usable(event.person), look=peek):
        yield from whole(contact.id)


def take_profile(scene: Scene, event: Profile) -> None:
    contact = resolve(scene.uow, scene.facts, event.person, name=event.name)
    if contact is None:
        return
    said = {clip(key, KEY_MAX): clip(value, VALUE_MAX) for key, value in event.attributes.items()}
    if event.about is not UNSET:
        said["about"] = clip(event.about, VALUE_MAX)
    attributes = with_consent(attributes_of(contact), said, at=ms(event.at), source="person")
    scene.uow.edit(contact).attributes = to_json(attributes)
    if event.avatar:
        expect_picture(scene.uow, scene.facts, event.avatar, contact=contact.id)
    elif event.avatar is not UNSET and contact.avatar is not None:
        contact.avatar = None
        refresh_conversations(scene.uow, contact)


def same_person_needs(uow: Uow, facts: ChannelFacts, event: SamePerson) -> Needs:
    yield from whom.person_needs(uow, facts, event.known_as)
    people = {contact.id for contact in known(uow, facts.workspace, usable(event.known_as), look=peek)}
    for peer in (event.was, event.conversation):
        if peer is not None:
            yield PEER(facts.channel, peer)
            conversation = at_peer(uow, facts, peer, look=peek)
            if conversation is not None and conversation.contact_id is not None:
                people.add(conversation.contact_id)
    for contact in people:
        yield from whole(contact)
    yield from join_needs(uow, facts, sorted(people))


def take_same_person(scene: Scene, event: SamePerson) -> None:
    """One contact, one conversation; where the person moved, answers go to the new address."""
    uow, facts = scene.uow, scene.facts
    peers = [peer for peer in (event.was, event.conversation) if peer is not None]
    contact = resolve(uow, facts, event.known_as)
    for peer in peers:
        contact = whom.person_in(scene, peer, event.known_as)
    if contact is None:
        return
    for peer in peers:
        if at_peer(uow, facts, peer) or live_conversations(uow, contact.id, facts.channel):
            open_conversation(uow, facts, peer, contact=contact, at=ms(event.at))
    thread = join_all(uow, facts, contact)
    if event.moved and thread is not None and event.conversation is not None:
        uow.edit(thread).peer = event.conversation


def info_needs(facts: ChannelFacts, event: ConversationInfo) -> Needs:
    yield PEER(facts.channel, event.conversation)


def take_info(scene: Scene, event: ConversationInfo) -> None:
    """Who answers in a conversation; a group's name, picture and members. A group that is named before
    anybody spoke is opened by it.

    What it says of a direct conversation is the person's to say. Its members become no contacts by it.
    """
    uow, facts = scene.uow, scene.facts
    group = at_peer(uow, facts, event.conversation)
    if group is not None and event.holder is not UNSET and ms(event.at) >= group.held_at:
        uow.edit(group).held_by, group.held_at = event.holder, ms(event.at)
    if group is None:
        if not event.group or not event.name:
            return
        group = open_group(uow, facts, event.conversation, at=ms(event.at))
    if not group.is_group:
        return
    uow.edit(group)
    if event.name is not UNSET:
        group.name = clip(event.name.strip(), NAME_MAX)
    if event.members is not UNSET:
        group.members = to_json(event.members)
    if event.avatar:
        expect_picture(uow, facts, event.avatar, conversation=group.id)
    elif event.avatar is not UNSET:
        group.avatar = None
