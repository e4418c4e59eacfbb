"""Read marks: how far a conversation was read by us, and telling the provider so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from jackfield.channel import MarksRead
from jackfield.inbox.outbox_rows import READ_LIVES, enqueue
from jackfield.inbox.thread import conversation_in, conversation_needs, live
from jackfield.store.rows import ConversationRow, MessageRow, OutboxRow
from jackfield.store.uow import Index, Need, Uow
from jackfield.wire.commands import MarkRead, MarkUnread

from ._verb import DID, Outcome, Scene

AT_POS = Index(MessageRow, "conversation_id", "pos")
READS_WAITING = Index(OutboxRow, "conversation_id", many=True, where="op = 'read' AND state = 'waiting'")
LOOK = 200  # messages looked through for the newest of theirs, and for what is still unread


class Read(Struct, frozen=True):
    scene: Scene
    command: MarkRead

    def needs(self, uow: Uow) -> Iterator[Need]:
        yield from conversation_needs(uow, self.command.conv)
        conversation = live(uow, self.command.conv)
        if conversation is not None:
            yield from catch_up_needs(conversation, self.command.pos)

    def apply(self, uow: Uow) -> Outcome:
        conversation = conversation_in(uow, self.scene.workspace, self.command.conv)
        told = catch_up(uow, self.scene, conversation, self.command.pos)
        return Outcome(DID.answer, lane=conversation.channel_id if told else None)


class Unread(Struct, frozen=True):
    scene: Scene
    command: MarkUnread

    def needs(self, uow: Uow) -> Iterator[Need]:
        return conversation_needs(uow, self.command.conv)

    def apply(self, uow: Uow) -> Outcome:
        conversation = conversation_in(uow, self.scene.workspace, self.command.conv)
        if not conversation.marked_unread:
            uow.edit(conversation).marked_unread = True
        return DID


def catch_up_needs(conversation: ConversationRow, pos: int) -> Iterator[Need]:
    yield READS_WAITING(conversation.id)
    upto = min(pos, conversation.last_pos)
    for place in (*_after(conversation, upto), *_newly_read(conversation, upto)):
        yield AT_POS(conversation.id, place)


def catch_up(uow: Uow, scene: Scene, conversation: ConversationRow, pos: int) -> bool:
    """Everything up to `pos` is read by us. True: the provider is to be told, through the outbox.

    What came in after `pos` stays unread: it was not on the reader's screen.
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
    newest = next((message for message in read_now if message is not None and _counts(message)), None)
    if newest is None or newest.external_id is None:
        return False
    if not isinstance(scene.channels(conversation.channel_id), MarksRead):
        return False
    _tell_provider(uow, newest)
    return True


def _tell_provider(uow: Uow, newest: MessageRow) -> None:
    """One read mark is enough: a waiting one moves on to the newest message."""
    waiting = [row for row in uow.all(READS_WAITING, newest.conversation_id) if _is_waiting_read(row)]
    if not waiting:
        enqueue(uow, newest, "read")
        return
    row = uow.edit(waiting[0])
    row.message_id, row.expires_at = newest.id, uow.now + READ_LIVES
    uow.place(row)


def _is_waiting_read(row: OutboxRow) -> bool:
    return row.op == "read" and row.state == "waiting"  # rows of this very transaction come unfiltered


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
