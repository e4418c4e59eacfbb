"""The work that takes rows of the outbox to let them leave."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import cast

from msgspec import Struct, structs

from jackfield.channel import Failure
from jackfield.store.indexes import CHANNEL, CONVERSATION_ALONE, DEPARTURE, MESSAGE_ALONE, OUTBOX
from jackfield.store.rows import ConversationRow, MessageRow, OutboxRow
from jackfield.store.uow import Needs, Uow

from .attempt import Job
from .columns import PARTS
from .openings import Allowance, Gate, opening_need
from .outbox_rows import (
    LIMIT,
    Op,
    again,
    asked_by,
    begin,
    conversation_of,
    fail,
    finish,
    message_of,
    must_hold,
    rows_needs,
)
from .protection.asking import refusal
from .protection.leaving import left
from .protection.limits import Watch

log = logging.getLogger("jackfield.outbox")


class Claim(Struct, frozen=True, kw_only=True):
    """Take these rows, those that may still leave; answer the jobs.

    From the commit on each counts as on its way. Raises Conflict "lease_lost" if the channel is
    another process's now. `allowance`: of people who are written to first, where that is limited. `watch`:
    of an account that is used with care: what leaves it is remembered.
    """

    workspace: int
    channel: int
    owner: str
    rows: Sequence[int]
    allowance: Allowance | None = None
    watch: Watch | None = None

    def needs(self, uow: Uow) -> Needs:
        yield CHANNEL(self.channel)
        yield from rows_needs(uow, self.rows)
        rows = [row for number in self.rows if (row := uow.peek(OUTBOX, number)) is not None]
        messages = [uow.peek(MESSAGE_ALONE, row.message_id) for row in rows]
        yield [
            MESSAGE_ALONE(one.reply_id) for one in messages if one is not None and one.reply_id is not None
        ]
        if self.allowance is not None:
            pool = self.allowance.pool
            yield [opening_need(pool, one) for row in rows if row.template and (one := _peer_of(uow, row))]
        if self.watch is not None:
            yield [DEPARTURE(row.message_id) for row in rows if row.op == "send"]

    def apply(self, uow: Uow) -> list[Job]:
        must_hold(uow, self.channel, self.owner)
        gate = None if self.allowance is None else Gate(uow, self.allowance)
        return [job for number in self.rows if (job := self._try(uow, number, gate)) is not None]

    def _try(self, uow: Uow, number: int, gate: Gate | None) -> Job | None:
        """One row that cannot be read must not stop its lane."""
        try:
            with uow.attempt():
                return self._claim(uow, number, gate)
        except Exception:
            log.exception("outbox row %d cannot be claimed", number)
        row = uow.one(OUTBOX, number)
        message = None if row is None else uow.one(MESSAGE_ALONE, row.message_id)
        if row is not None and message is not None and row.op == "send":
            fail(uow, row, message, Failure(code="internal"))
        elif row is not None:
            finish(uow, row, "failed", "internal")
        return None

    def _claim(self, uow: Uow, number: int, gate: Gate | None) -> Job | None:
        row = uow.one(OUTBOX, number)
        if row is None or row.state != "waiting" or row.due_at > uow.now:
            return None
        message = message_of(uow, row)
        if row.expires_at is not None and row.expires_at <= uow.now:
            fail(uow, row, message, Failure(code="expired", text=row.error))
            return None
        if message.deleted_at is not None:
            finish(uow, row, "gone")
            return None
        if row.op != "send" and message.external_id is None:
            fail(uow, row, message, Failure(code="not_sent_yet"))
            return None
        conversation = conversation_of(uow, message)
        if self._must_stay(uow, row, message, conversation, gate):
            return None
        if self.watch is not None and row.op == "send":
            left(uow, row, message)
        begin(uow, row, message, owner=self.owner)
        return _job(uow, row, message, conversation)

    def _must_stay(
        self,
        uow: Uow,
        row: OutboxRow,
        message: MessageRow,
        conversation: ConversationRow,
        gate: Gate | None,
    ) -> bool:
        """Whether it cannot leave now, and what comes of that."""
        if gate is not None and row.template and (free_at := gate.wait_for(conversation)) is not None:
            _hold_back(uow, row, message, free_at)
            return True
        channel = uow.one(CHANNEL, self.channel)
        if self.watch is None or row.op != "send" or channel is None or not channel.paused:
            return False
        if row.automatic:
            return True  # paused since the lane looked
        now = structs.replace(self.watch, paused=channel.paused)
        if refusal(now, conversation, automatic=False, now=uow.now) == "paused_new":
            fail(uow, row, message, Failure(code="paused_new", words="can_send.paused_new"))
            return True
        return False


def _hold_back(uow: Uow, row: OutboxRow, message: MessageRow, free_at: int) -> None:
    """Nobody else may be written to first today: it waits for a place, if it lives so long."""
    why = Failure(code=LIMIT, words=f"error.{LIMIT}")
    if row.expires_at is not None and free_at > row.expires_at:
        fail(uow, row, message, why)
    else:
        again(uow, row, message, due_at=free_at, error=LIMIT, why=why)


def _peer_of(uow: Uow, row: OutboxRow) -> ConversationRow | None:
    message = uow.peek(MESSAGE_ALONE, row.message_id)
    return None if message is None else uow.peek(CONVERSATION_ALONE, message.conversation_id)


def _job(uow: Uow, row: OutboxRow, message: MessageRow, conversation: ConversationRow) -> Job:
    asked = asked_by(row)
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
        days=asked.days,
        automatic=row.automatic,
        owner=row.owner,
        attempts=row.attempts,
    )


def _reply_to(uow: Uow, message: MessageRow) -> str | None:
    """The provider's id of what is replied to: it may have got one since the reply was written."""
    if message.reply_id is None:
        return message.reply_external_id
    target = uow.one(MESSAGE_ALONE, message.reply_id)
    return message.reply_external_id if target is None else target.external_id
