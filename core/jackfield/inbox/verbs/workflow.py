"""Whose a conversation is and how far it is: assign, snooze, close, reopen. The thread tells the story."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from jackfield.errors import Invalid, NotFound
from jackfield.ids import read, show
from jackfield.inbox.policy import RANK
from jackfield.inbox.thread import By, conversation_in, conversation_needs, tell
from jackfield.store.indexes import MEMBERSHIP, OPERATOR
from jackfield.store.rows import ConversationRow, OperatorRow
from jackfield.store.uow import Need, Uow
from jackfield.wire.commands import Assign, Close, Reopen, Snooze
from jackfield.wire.views import Status

from ._verb import DID, Outcome, Scene


class Assigning(Struct, frozen=True):
    scene: Scene
    command: Assign

    def needs(self, uow: Uow) -> Iterator[Need]:
        yield from conversation_needs(uow, self.command.conv)
        if self.command.to is not None:
            operator = read("o", self.command.to)
            yield OPERATOR(operator)
            yield MEMBERSHIP(self.scene.workspace, operator)

    def apply(self, uow: Uow) -> Outcome:
        conversation = conversation_in(uow, self.scene.workspace, self.command.conv)
        operator = self._operator(uow)
        assignee = None if operator is None else operator.id
        if assignee == conversation.assignee_id:
            return DID
        uow.edit(conversation).assignee_id = assignee
        if operator is None:
            tell(uow, conversation, self.scene.by, "unassigned")
        else:
            tell(
                uow, conversation, self.scene.by, "assigned", to=show("o", operator.id), to_name=operator.name
            )
        return DID

    def _operator(self, uow: Uow) -> OperatorRow | None:
        """Whom it is given to: somebody who may work in this workspace."""
        if self.command.to is None:
            return None
        number = read("o", self.command.to)
        operator, member = uow.one(OPERATOR, number), uow.one(MEMBERSHIP, self.scene.workspace, number)
        if operator is None or operator.disabled or member is None:
            raise NotFound(what="o")
        if RANK[member.role] < RANK["operator"]:  # type: ignore[index]  # written from the same words
            raise Invalid("a viewer cannot be given a conversation", code="viewer", field="to")
        return operator


class Snoozing(Struct, frozen=True):
    scene: Scene
    command: Snooze

    def needs(self, uow: Uow) -> Iterator[Need]:
        return conversation_needs(uow, self.command.conv)

    def apply(self, uow: Uow) -> Outcome:
        conversation = conversation_in(uow, self.scene.workspace, self.command.conv)
        until = self.command.until
        if until <= uow.now:
            raise Invalid("snoozed until a time that is over", code="in_the_past", field="until")
        if (conversation.status, conversation.snoozed_until) != ("snoozed", until):
            _become(uow, conversation, "snoozed", until=until)
            tell(uow, conversation, self.scene.by, "snoozed", until=str(until))
        return DID


class Closing(Struct, frozen=True):
    scene: Scene
    command: Close

    def needs(self, uow: Uow) -> Iterator[Need]:
        return conversation_needs(uow, self.command.conv)

    def apply(self, uow: Uow) -> Outcome:
        conversation = conversation_in(uow, self.scene.workspace, self.command.conv)
        if conversation.status != "closed":
            _become(uow, conversation, "closed")
            tell(uow, conversation, self.scene.by, "closed")
        return DID


class Reopening(Struct, frozen=True):
    scene: Scene
    command: Reopen

    def needs(self, uow: Uow) -> Iterator[Need]:
        return conversation_needs(uow, self.command.conv)

    def apply(self, uow: Uow) -> Outcome:
        conversation = conversation_in(uow, self.scene.workspace, self.command.conv)
        reopen(uow, conversation, self.scene.by, "reopened")
        return DID


def reopen(uow: Uow, conversation: ConversationRow, by: By, code: str) -> None:
    """Open again, whether it was closed or asleep; nothing if it is open."""
    if conversation.status != "open":
        _become(uow, conversation, "open")
        tell(uow, conversation, by, code)


def _become(uow: Uow, conversation: ConversationRow, status: Status, *, until: int | None = None) -> None:
    uow.edit(conversation)
    conversation.status, conversation.snoozed_until = status, until
