"""The outbox as works of the writer: claim what may leave, record what came of it, recover, hold."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import assert_never, cast

from msgspec import Struct

from jackfield.channel import Failure
from jackfield.errors import Conflict
from jackfield.store.indexes import (
    CHANNEL,
    CONVERSATION,
    FILES_OF,
    MESSAGE,
    MESSAGE_BY_EXTERNAL,
    OUTBOX,
    OUTBOX_OF,
    RECEIPTS_OF,
)
from jackfield.store.rows import ConversationRow, MessageRow, OutboxRow
from jackfield.store.uow import Need, Uow

from . import changes
from .attempt import Accepted, Job, Later, Refused, Result, Unclear
from .columns import PARTS
from .facts import ChannelFacts, peek
from .incoming.dispatch import apply_waiting, waiting_needs
from .outbox_rows import (
    ASKED,
    LIVES,
    UNDECIDED,
    Asked,
    Op,
    again,
    begin,
    fail,
    finish,
    hold,
    lose_sight,
    row_needs,
)
from .thread import release, set_status

log = logging.getLogger("jackfield.outbox")

NOBODY = Asked(by=0, name="")


class Claim(Struct, frozen=True, kw_only=True):
    """Take these rows, those that may still leave; answer the jobs.

    From the commit on each counts as on its way. Raises Conflict "lease_lost" if the channel is
    another process's now.
    """

    workspace: int
    channel: int
    owner: str
    rows: Sequence[int]

    def needs(self, uow: Uow) -> Iterator[Need]:
        yield CHANNEL(self.channel)
        for number in self.rows:
            yield from row_needs(uow, number)
            row = peek(uow, OUTBOX, number)
            message = None if row is None else peek(uow, MESSAGE, row.message_id)
            if message is not None and message.reply_id is not None:
                yield MESSAGE(message.reply_id)

    def apply(self, uow: Uow) -> list[Job]:
        channel = uow.one(CHANNEL, self.channel)
        if channel is None or channel.lease_owner != self.owner:
            raise Conflict("another process has this channel now", code="lease_lost")
        return [job for number in self.rows if (job := self._try(uow, number)) is not None]

    def _try(self, uow: Uow, number: int) -> Job | None:
        """One row that cannot be read must not stop its lane."""
        try:
            with uow.attempt():
                return self._claim(uow, number)
        except Exception:
            log.exception("outbox row %d cannot be claimed", number)
        row = uow.one(OUTBOX, number)
        message = None if row is None else uow.one(MESSAGE, row.message_id)
        if row is not None and message is not None and row.op == "send":
            fail(uow, row, message, Failure(code="internal"))
        elif row is not None:
            finish(uow, row, "failed", "internal")
        return None

    def _claim(self, uow: Uow, number: int) -> Job | None:
        row = uow.one(OUTBOX, number)
        if row is None or row.state != "waiting" or row.due_at > uow.now:
            return None
        message, conversation = _of(uow, row)
        if row.expires_at is not None and row.expires_at <= uow.now:
            fail(uow, row, message, Failure(code="expired", text=row.error))
            return None
        if message.deleted_at is not None:
            finish(uow, row, "gone")
            return None
        if row.op != "send" and message.external_id is None:
            fail(uow, row, message, Failure(code="not_sent_yet"))
            return None
        begin(uow, row, message, owner=self.owner)
        return _job(uow, row, message, conversation)


class Land(Struct, frozen=True, kw_only=True):
    """Record what came of a job. `pause`: ms until another try, if that is what it comes to."""

    workspace: int
    channel: int
    job: Job
    result: Result
    pause: int

    def needs(self, uow: Uow) -> Iterator[Need]:
        job, result = self.job, self.result
        yield from row_needs(uow, job.row)
        if job.op == "send" and isinstance(result, Accepted):
            yield MESSAGE_BY_EXTERNAL(self.channel, result.external_id)
            yield from (index(job.message) for index in (OUTBOX_OF, RECEIPTS_OF, FILES_OF))
            facts = ChannelFacts(workspace=self.workspace, channel=self.channel)
            yield from waiting_needs(uow, facts, result.external_id)

    def apply(self, uow: Uow) -> None:
        row = uow.one(OUTBOX, self.job.row)
        if row is None:
            return
        message, conversation = _of(uow, row)
        match self.result:
            case Accepted(external_id=external_id):
                self._accepted(uow, row, message, conversation, external_id)
            case _ if not self._ours(row):
                return  # an echo, a receipt, a person or another process decided meanwhile
            case Refused(failure=failure):
                fail(uow, row, message, failure)
            case Later(failure=failure):
                self._later(uow, row, message, failure)
            case Unclear(failure=failure):
                if row.op == "send":
                    lose_sight(uow, row, message)
                else:  # done twice it is the same as done once
                    self._later(uow, row, message, failure)
            case _:
                assert_never(self.result)

    def _ours(self, row: OutboxRow) -> bool:
        claim = (self.job.owner, self.job.attempts)
        return row.state in ("sending", "unknown") and (row.owner, row.attempts) == claim

    def _later(self, uow: Uow, row: OutboxRow, message: MessageRow, failure: Failure) -> None:
        due = uow.now + self.pause
        due = due if row.expires_at is None else min(due, row.expires_at)
        again(uow, row, message, due_at=due, error=failure.text or failure.code)

    def _accepted(
        self,
        uow: Uow,
        row: OutboxRow,
        message: MessageRow,
        conversation: ConversationRow,
        external_id: str,
    ) -> None:
        """Whatever was decided meanwhile: the provider has it."""
        finish(uow, row, "done")
        asked = ASKED.decode(row.data) if row.data else NOBODY
        match self.job.op:
            case "send":
                _sent(uow, message, conversation, external_id)
            case "edit":
                changes.edit(uow, message, asked)
            case "delete":
                changes.delete(uow, message)
            case "react":
                changes.react(uow, message, asked)
            case "read":
                pass
            case _:
                assert_never(self.job.op)


class Recover(Struct, frozen=True, kw_only=True):
    """Rows that were on their way when their owner ended: a message may have left, so it waits for a
    person; anything else is simply done again."""

    workspace: int
    rows: Sequence[int]

    def needs(self, uow: Uow) -> Iterator[Need]:
        for number in self.rows:
            yield from row_needs(uow, number)

    def apply(self, uow: Uow) -> None:
        for number in self.rows:
            row = uow.one(OUTBOX, number)
            if row is None or row.state != "sending":
                continue
            message, _ = _of(uow, row)
            if row.op == "send":
                lose_sight(uow, row, message)
            else:
                again(uow, row, message, due_at=uow.now, error="interrupted")


class Unclaim(Struct, frozen=True, kw_only=True):
    """Take back a claim of which nobody knew whether it was stored: none of these rows has left."""

    workspace: int
    owner: str
    rows: Sequence[int]

    def needs(self, uow: Uow) -> Iterator[Need]:
        for number in self.rows:
            yield from row_needs(uow, number)

    def apply(self, uow: Uow) -> None:
        for number in self.rows:
            row = uow.one(OUTBOX, number)
            if row is not None and row.state == "sending" and row.owner == self.owner:
                message, _ = _of(uow, row)
                again(uow, row, message, due_at=uow.now, error="")


class Hold(Struct, frozen=True, kw_only=True):
    """Keep what has not left until a person looks at it. Read marks are dropped: they are stale."""

    workspace: int
    rows: Sequence[int]

    def needs(self, uow: Uow) -> Iterator[Need]:
        for number in self.rows:
            yield from row_needs(uow, number)

    def apply(self, uow: Uow) -> int:
        """How many are held."""
        held = 0
        for number in self.rows:
            row = uow.one(OUTBOX, number)
            if row is None or row.state != "waiting":
                continue
            message, _ = _of(uow, row)
            if row.op == "read":
                finish(uow, row, "gone")
            elif message.st != "scheduled":
                hold(uow, row, message)
                held += 1
        return held


class Release(Struct, frozen=True, kw_only=True):
    """Let go what was held: it leaves in its old order, with a new time to live."""

    workspace: int
    rows: Sequence[int]

    def needs(self, uow: Uow) -> Iterator[Need]:
        for number in self.rows:
            yield from row_needs(uow, number)

    def apply(self, uow: Uow) -> int:
        """How many were let go."""
        freed = 0
        for number in self.rows:
            row = uow.one(OUTBOX, number)
            if row is None or row.state != "held":
                continue
            message, _ = _of(uow, row)
            again(uow, row, message, due_at=uow.now, error="")
            row.attempts, row.expires_at = 0, uow.now + LIVES.get(row.op, LIVES["edit"])
            freed += 1
        return freed


class Due(Struct, frozen=True, kw_only=True):
    """Scheduled messages whose time has come are queued, though nobody may be there to send them."""

    workspace: int
    messages: Sequence[int]

    def needs(self, uow: Uow) -> Iterator[Need]:
        return (MESSAGE(number) for number in self.messages)

    def apply(self, uow: Uow) -> None:
        for number in self.messages:
            message = uow.one(MESSAGE, number)
            if message is None or message.st != "scheduled" or (message.due_at or 0) > uow.now:
                continue
            conversation = uow.one(CONVERSATION, message.conversation_id)
            if conversation is not None:
                release(uow, conversation, message)


def _of(uow: Uow, row: OutboxRow) -> tuple[MessageRow, ConversationRow]:
    message = uow.one(MESSAGE, row.message_id)
    assert message is not None, "an outbox row without its message"
    conversation = uow.one(CONVERSATION, message.conversation_id)
    assert conversation is not None, "a message without its conversation"
    return message, conversation


def _job(uow: Uow, row: OutboxRow, message: MessageRow, conversation: ConversationRow) -> Job:
    asked = ASKED.decode(row.data) if row.data else NOBODY
    return Job(
        row=row.id,
        op=cast("Op", row.op),
        workspace=row.workspace_id,
        conversation=conversation.id,
        message=message.id,
        to=conversation.peer,
        txn=message.txn or "",
        parts=PARTS.decode(message.parts) if row.op == "send" else asked.parts,
        reply_to=_reply_to(uow, message),
        target=message.external_id or "",
        emoji=asked.emoji,
        owner=row.owner,
        attempts=row.attempts,
    )


def _reply_to(uow: Uow, message: MessageRow) -> str | None:
    """The provider's id of what is replied to: it may have got one since the reply was written."""
    if message.reply_id is None:
        return message.reply_external_id
    target = uow.one(MESSAGE, message.reply_id)
    return message.reply_external_id if target is None else target.external_id


def _sent(uow: Uow, message: MessageRow, conversation: ConversationRow, external_id: str) -> None:
    uow.edit(message)
    # "failed" with the provider's id is the provider's own word, which came before its answer: it stays.
    ours = message.external_id is None and message.st in ("failed", "cancelled")
    if message.st in UNDECIDED or ours:
        message.fail = ""
        set_status(uow, conversation, message, "sent")
    if message.external_id is not None:
        return  # the echo or a receipt came first
    other = uow.one(MESSAGE_BY_EXTERNAL, message.channel_id, external_id)
    if other is not None:
        # An echo without our txn came first and is a message of its own: it keeps the id.
        log.warning("message %d and %d are one to the provider", message.id, other.id)
        return
    message.external_id = external_id
    uow.place(message)
    try:
        with uow.attempt():
            apply_waiting(uow, message)
    except Exception:
        # What came too early must not undo what is known now: it was sent.
        log.exception("an early event of message %d could not be applied", message.id)
