"""What is done to a message after it was said: edited, deleted, reacted to.

All three may come late, twice or in the wrong order: what counts is when they were done over there.
"""

from __future__ import annotations

from msgspec import structs

from jackfield.channel import Delete, Edit, Reaction
from jackfield.inbox.columns import PARTS, REACTIONS, VERSIONS, Version, many, ms, to_json
from jackfield.inbox.facts import ChannelFacts, peek
from jackfield.inbox.thread import refresh_last
from jackfield.inbox.words import kind_of, text_of
from jackfield.store.indexes import CONVERSATION, FILES_OF, MESSAGE_BY_EXTERNAL, PEER, WAITING_FOR
from jackfield.store.rows import MessageRow
from jackfield.store.uow import Needs, Uow
from jackfield.wire.views import Author, ReactionView

from . import whom
from .media import expect_files
from .scene import Scene
from .waiting import wait


def needs(uow: Uow, facts: ChannelFacts, event: Edit | Delete | Reaction) -> Needs:
    yield MESSAGE_BY_EXTERNAL(facts.channel, event.target)
    yield WAITING_FOR(facts.channel, event.target)
    if isinstance(event, Reaction):
        yield PEER(facts.channel, event.conversation)
        yield from whom.sender_needs(uow, facts, event.sender)
    if isinstance(event, Edit):
        message = peek(uow, MESSAGE_BY_EXTERNAL, facts.channel, event.target)
        if message is not None:
            yield FILES_OF(message.id)


def take_edit(scene: Scene, event: Edit) -> None:
    """What it said before is kept; the latest edit is what it says, whatever comes last."""
    message = _target(scene, event)
    if message is None:
        return
    now: Version = (ms(event.at), event.parts)
    first, *edits = _versions(message)
    if now == first or now in edits:
        return
    versions = [first, *sorted([*edits, now], key=_age)]
    scene.uow.edit(message)
    message.versions = to_json(versions[:-1])
    at, parts = versions[-1]
    message.edited_at = at
    if parts == PARTS.decode(message.parts):
        return
    message.parts, message.kind, message.text = to_json(parts), kind_of(parts), text_of(parts)
    expect_files(scene.uow, scene.facts, message, parts)
    _refresh(scene, message)


def take_delete(scene: Scene, event: Delete) -> None:
    """What it said stays in the row, and is not shown any more."""
    message = _target(scene, event)
    if message is None:
        return
    scene.uow.edit(message)
    at = ms(event.at)
    message.deleted_at = at if message.deleted_at is None else min(at, message.deleted_at)
    _refresh(scene, message)


def take_reaction(scene: Scene, event: Reaction) -> None:
    """One for each person, the latest; one that was taken away stays in the row without its emoji, so
    that an earlier one coming late does not bring it back."""
    message = _target(scene, event)
    if message is None:
        return
    author = whom.author_of(whom.speaker_of(scene, event.conversation, event.sender), event.sender)
    fresh = ReactionView(emoji=event.emoji, by=author, at=ms(event.at))
    reactions = list(many(REACTIONS, message.reactions))
    place = next((i for i, old in enumerate(reactions) if _hand(old.by) == _hand(author)), None)
    if place is None:
        reactions.append(fresh)
    elif (fresh.at, fresh.emoji) <= (reactions[place].at, reactions[place].emoji):
        return
    elif fresh.emoji == reactions[place].emoji:  # ours came back: it stays the operator's
        reactions[place] = structs.replace(reactions[place], at=fresh.at)
    else:
        reactions[place] = fresh
    reactions.sort(key=lambda one: (one.at, _hand(one.by)))
    scene.uow.edit(message)
    message.reactions = to_json(reactions)


def _target(scene: Scene, event: Edit | Delete | Reaction) -> MessageRow | None:
    """The message it is about; if that is not there yet, the event waits for it."""
    message = scene.uow.one(MESSAGE_BY_EXTERNAL, scene.facts.channel, event.target)
    if message is None:
        wait(scene, event.target, event)
    return message


def _versions(message: MessageRow) -> list[Version]:
    """All that a message has said, the first one first, what it says now last."""
    since = message.at if message.edited_at is None else message.edited_at
    return [*many(VERSIONS, message.versions), (since, PARTS.decode(message.parts))]


def _age(version: Version) -> tuple[int, str]:
    return version[0], to_json(version[1])


def _hand(author: Author) -> str:
    """Whose reaction it is: each of them has one, and all of us together have one."""
    return author.id or f"?{author.name}" if author.kind == "contact" else ""


def _refresh(scene: Scene, message: MessageRow) -> None:
    conversation = scene.uow.one(CONVERSATION, message.conversation_id)
    assert conversation is not None
    refresh_last(scene.uow, conversation, message)
