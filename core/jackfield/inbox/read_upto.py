"""How far a conversation was read: the count of what is unread follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jackfield.store.rows import ConversationRow, MessageRow
from jackfield.store.uow import Index, Need, Uow

AT_POS = Index(MessageRow, "conversation_id", "pos")
LOOK = 200  # messages looked through for the newest of theirs, and for what is still unread


def read_needs(conversation: ConversationRow, pos: int) -> Iterator[Need]:
    upto = min(pos, conversation.last_pos)
    for place in (*_after(conversation, upto), *_newly_read(conversation, upto)):
        yield AT_POS(conversation.id, place)


def read_upto(uow: Uow, conversation: ConversationRow, pos: int) -> MessageRow | None:
    """Everything up to `pos` is read. Answers the newest message of theirs that was not before.

    What came in after `pos` stays unread: it was not on the reader's screen. Needs read_needs().
    """
    upto = min(pos, conversation.last_pos)
    read_now = [uow.one(AT_POS, conversation.id, place) for place in _newly_read(conversation, upto)]
    later = [uow.one(AT_POS, conversation.id, place) for place in _after(conversation, upto)]
    unread = conversation.unread
    if conversation.last_pos - upto <= LOOK:  # else too far back to say more than "still unread"
        unread = min(unread, sum(map(_counts, later)))
    if (unread, conversation.marked_unread) != (conversation.unread, False) or upto > conversation.read_pos:
        uow.edit(conversation)
        conversation.unread, conversation.marked_unread = unread, False
        conversation.read_pos = max(conversation.read_pos, upto)
    return next((message for message in read_now if message is not None and _counts(message)), None)


def _newly_read(conversation: ConversationRow, upto: int) -> Iterable[int]:
    """Newest first: the one told to the provider."""
    if conversation.unread == 0:
        return ()
    return range(upto, max(conversation.read_pos, upto - LOOK), -1)


def _after(conversation: ConversationRow, upto: int) -> Iterable[int]:
    if conversation.unread == 0:
        return ()
    return range(upto + 1, min(conversation.last_pos, upto + LOOK) + 1)


def _counts(message: MessageRow | None) -> bool:
    return message is not None and message.dir == "in" and not message.history
