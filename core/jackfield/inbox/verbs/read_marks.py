"""Read marks: how far a conversation was read by us, and telling the provider so."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from jackfield.channel import MarksRead
from jackfield.inbox.outbox_rows import READ_LIVES, enqueue
from jackfield.inbox.read_upto import read_needs, read_upto
from jackfield.inbox.thread import conversation_in, conversation_needs, live
from jackfield.store.rows import ConversationRow, MessageRow, OutboxRow
from jackfield.store.uow import Index, Need, Uow
from jackfield.wire.commands import MarkRead, MarkUnread

from ._verb import DID, Outcome, Scene

READS_WAITING = Index(OutboxRow, "conversation_id", many=True, where="op = 'read' AND state = 'waiting'")


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
    yield from read_needs(conversation, pos)


def catch_up(uow: Uow, scene: Scene, conversation: ConversationRow, pos: int) -> bool:
    """Everything up to `pos` is read by us. True: the provider is to be told, through the outbox."""
    newest = read_upto(uow, conversation, pos)
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
