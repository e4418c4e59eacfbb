"""Drafts: one per operator and conversation; the others see only that there is one."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from jackfield.errors import NotFound
from jackfield.ids import new_id, read
from jackfield.inbox.columns import MARKS, many, to_json
from jackfield.inbox.thread import By, conversation_in, conversation_needs, live
from jackfield.store.indexes import DRAFT, MESSAGE
from jackfield.store.rows import ConversationRow, DraftRow
from jackfield.store.uow import Need, Uow
from jackfield.wire.commands import SaveDraft

from ._verb import DID, Outcome, Scene


class Draft(Struct, frozen=True):
    scene: Scene
    command: SaveDraft

    def needs(self, uow: Uow) -> Iterator[Need]:
        yield from conversation_needs(uow, self.command.conv)
        if self.command.reply_to is not None:
            yield MESSAGE(read("m", self.command.reply_to))
        conversation = live(uow, self.command.conv)
        if conversation is not None:
            yield DRAFT(conversation.id, self.scene.by.id)

    def apply(self, uow: Uow) -> Outcome:
        conversation = conversation_in(uow, self.scene.workspace, self.command.conv)
        reply_id = self._reply_id(uow, conversation)
        if self.command.text.strip():
            _keep(uow, conversation, self.scene.by, self.command.text, reply_id)
        else:
            drop_draft(uow, conversation, self.scene.by)
        return DID

    def _reply_id(self, uow: Uow, conversation: ConversationRow) -> int | None:
        if self.command.reply_to is None:
            return None
        target = uow.one(MESSAGE, read("m", self.command.reply_to))
        if target is None or target.conversation_id != conversation.id:
            raise NotFound(what="m")
        return target.id


def _keep(uow: Uow, conversation: ConversationRow, by: By, text: str, reply_id: int | None) -> None:
    assert by.id is not None, "the house writes no drafts"
    draft = uow.one(DRAFT, conversation.id, by.id)
    if draft is None:
        uow.add(
            DraftRow(
                id=new_id(),
                workspace_id=conversation.workspace_id,
                conversation_id=conversation.id,
                operator_id=by.id,
                text=text,
                reply_id=reply_id,
                at=uow.now,
            )
        )
    else:
        uow.edit(draft)
        draft.text, draft.reply_id, draft.at = text, reply_id, uow.now
    _mark(uow, conversation, by, at=uow.now)


def drop_draft(uow: Uow, conversation: ConversationRow, by: By) -> None:
    """What was being written has been said. Needs DRAFT(conversation, operator)."""
    draft = uow.one(DRAFT, conversation.id, by.id)
    if draft is not None:
        uow.remove(draft)
        _mark(uow, conversation, by, at=None)


def _mark(uow: Uow, conversation: ConversationRow, by: By, *, at: int | None) -> None:
    marks = [mark for mark in many(MARKS, conversation.drafts) if mark[0] != by.id]
    if at is not None and by.id is not None:
        marks.append((by.id, at))
    uow.edit(conversation).drafts = to_json(marks)
