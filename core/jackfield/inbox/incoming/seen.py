"""We have read something elsewhere: on the account's own phone."""

from __future__ import annotations

from jackfield.channel import Seen
from jackfield.inbox.facts import ChannelFacts, peek
from jackfield.inbox.read_upto import read_needs, read_upto
from jackfield.store.indexes import CONVERSATION, MESSAGE_BY_EXTERNAL
from jackfield.store.rows import MessageRow
from jackfield.store.uow import Needs, Uow

from .scene import Scene


def needs(uow: Uow, facts: ChannelFacts, event: Seen) -> Needs:
    for target in event.upto:
        yield MESSAGE_BY_EXTERNAL(facts.channel, target)
    newest = _newest(uow, facts, event)
    conversation = None if newest is None else peek(uow, CONVERSATION, newest.conversation_id)
    if newest is not None and conversation is not None:
        yield from read_needs(conversation, newest.pos)


def take(scene: Scene, event: Seen) -> None:
    """Messages that are not here yet will be new when they come: a person looks once more than he must."""
    newest = _newest(scene.uow, scene.facts, event)
    if newest is None:
        return
    conversation = scene.uow.one(CONVERSATION, newest.conversation_id)
    assert conversation is not None, "a message without its conversation"
    read_upto(scene.uow, conversation, newest.pos)


def _newest(uow: Uow, facts: ChannelFacts, event: Seen) -> MessageRow | None:
    found = [peek(uow, MESSAGE_BY_EXTERNAL, facts.channel, target) for target in event.upto]
    return max((row for row in found if row is not None), key=lambda row: row.pos, default=None)
