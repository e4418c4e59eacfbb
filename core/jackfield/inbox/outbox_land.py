"""The work that records what came of a job."""

from __future__ import annotations

import logging
from typing import assert_never

from msgspec import Struct

from jackfield.channel import Failure
from jackfield.store.indexes import (
    CONTACT,
    CONVERSATION_ALONE,
    FILES_OF,
    MESSAGE_ALONE,
    MESSAGE_BY_EXTERNAL,
    OUTBOX,
    OUTBOX_OF,
    RECEIPTS_OF,
    WAITING_FOR,
)
from jackfield.store.rows import MessageRow, OutboxRow
from jackfield.store.uow import Needs, Uow

from . import changes, window
from .attempt import Accepted, Job, Later, Refused, Result, Unclear
from .facts import ChannelFacts
from .identity import whole
from .incoming.dispatch import apply_waiting, waiting_needs
from .outbox_rows import (
    UNDECIDED,
    again,
    asked_by,
    conversation_of,
    fail,
    finish,
    lose_sight,
    message_of,
)
from .thread import set_status
from .wishes import LEARNT, learn

log = logging.getLogger("jackfield.outbox")


class Land(Struct, frozen=True, kw_only=True):
    """Record what came of a job. `pause`: ms until another try, if that is what it comes to."""

    workspace: int
    channel: int
    job: Job
    result: Result
    pause: int

    def needs(self, uow: Uow) -> Needs:
        job, external_id = self.job, self._external_id()
        named = [OUTBOX(job.row), MESSAGE_ALONE(job.message), CONVERSATION_ALONE(job.conversation)]
        if external_id is not None:
            named += [MESSAGE_BY_EXTERNAL(self.channel, external_id), WAITING_FOR(self.channel, external_id)]
        yield named
        message = uow.peek(MESSAGE_ALONE, job.message)
        if message is not None and message.conversation_id != job.conversation:  # joined meanwhile
            yield CONVERSATION_ALONE(message.conversation_id)
        if isinstance(self.result, Refused) and self.result.failure.code in LEARNT and message is not None:
            conversation = uow.peek(CONVERSATION_ALONE, message.conversation_id)
            if conversation is not None and conversation.contact_id is not None:
                yield from whole(conversation.contact_id)
        if external_id is not None and uow.all(WAITING_FOR, self.channel, external_id):
            yield [index(job.message) for index in (OUTBOX_OF, RECEIPTS_OF, FILES_OF)]
            facts = ChannelFacts(workspace=self.workspace, channel=self.channel)
            yield from waiting_needs(uow, facts, external_id, message)

    def apply(self, uow: Uow) -> None:
        row = uow.one(OUTBOX, self.job.row)
        if row is None:
            return
        message = message_of(uow, row)
        match self.result:
            case Accepted(external_id=external_id):
                self._accepted(uow, row, message, external_id)
            case _ if not self._ours(row):
                return  # an echo, a receipt, a person or another process decided meanwhile
            case Refused(failure=failure):
                fail(uow, row, message, failure)
                _learn(uow, message, failure)
            case Later(failure=failure, after=after):
                self._later(uow, row, message, failure, after)
            case Unclear(failure=failure):
                if row.op == "send":
                    lose_sight(uow, row, message)
                else:  # done twice it is the same as done once
                    self._later(uow, row, message, failure, 0)
            case _:
                assert_never(self.result)

    def _external_id(self) -> str | None:
        """What the provider calls the message, if it has taken one."""
        if self.job.op == "send" and isinstance(self.result, Accepted):
            return self.result.external_id
        return None

    def _ours(self, row: OutboxRow) -> bool:
        claim = (self.job.owner, self.job.attempts)
        return row.state in ("sending", "unknown") and (row.owner, row.attempts) == claim

    def _later(self, uow: Uow, row: OutboxRow, message: MessageRow, failure: Failure, after: float) -> None:
        """It waits, and what follows in its conversation waits behind it; unless the provider asks for more
        than it has to live: then it ends now with the reason, and the others go."""
        due = uow.now + self.pause
        if row.expires_at is not None:
            if after and uow.now + int(after * 1000) > row.expires_at:
                fail(uow, row, message, failure)
                return
            due = min(due, row.expires_at)
        again(uow, row, message, due_at=due, error=failure.text or failure.code, why=failure)

    def _accepted(self, uow: Uow, row: OutboxRow, message: MessageRow, external_id: str) -> None:
        """Whatever was decided meanwhile: the provider has it."""
        finish(uow, row, "done")
        match self.job.op:
            case "send":
                _sent(uow, message, external_id)
            case "edit":
                changes.edit(uow, message, asked_by(row))
            case "delete":
                changes.delete(uow, message)
            case "react":
                changes.react(uow, message, asked_by(row))
            case "pin":
                changes.pin(uow, message, asked_by(row))
            case "read":
                pass
            case _:
                assert_never(self.job.op)


def _learn(uow: Uow, message: MessageRow, failure: Failure) -> None:
    """What a refusal tells of the conversation and the person it is with."""
    conversation = conversation_of(uow, message)
    if failure.code == "window_closed":
        window.shut(uow, conversation, said_at=message.at)
    if failure.code in LEARNT and conversation.contact_id is not None:
        contact = uow.one(CONTACT, conversation.contact_id)
        if contact is not None:
            learn(uow, contact, message.channel_id, failure, at=uow.now)


def _sent(uow: Uow, message: MessageRow, external_id: str) -> None:
    uow.edit(message)
    # "failed" with the provider's id is the provider's own word, which came before its answer: it stays.
    ours = message.external_id is None and message.st in ("failed", "cancelled")
    if message.st in UNDECIDED or ours:
        message.fail = ""
        set_status(uow, conversation_of(uow, message), message, "sent")
        window.answered(uow, conversation_of(uow, message), at=uow.now)
    if message.external_id is not None:
        return  # the echo or a receipt came first
    other = uow.one(MESSAGE_BY_EXTERNAL, message.channel_id, external_id)
    if other is not None:
        # An echo without our txn came first and is a message of its own: it keeps the id.
        log.warning("message %d and %d are one to the provider", message.id, other.id)
        return
    message.external_id = external_id
    uow.place(message)
    if uow.all(WAITING_FOR, message.channel_id, external_id):
        _take_early(uow, message)


def _take_early(uow: Uow, message: MessageRow) -> None:
    """What came too early must not undo what is known now: it was sent."""
    try:
        with uow.attempt():
            apply_waiting(uow, message)
    except Exception:
        log.exception("an early event of message %d could not be applied", message.id)
