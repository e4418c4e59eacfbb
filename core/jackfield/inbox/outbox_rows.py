"""Rows of the outbox and the messages behind them: every step a message takes on its way out.

A row is waiting (for its turn, its time or another try), sending, held (for a person), unknown (the
provider did not answer), and at the end done, failed or gone (taken back). All functions here decide
in a Uow and do no I/O.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
from msgspec import Struct

from jackfield.channel import ChannelError, Failure, Part
from jackfield.errors import Conflict
from jackfield.ids import new_id, show
from jackfield.store.indexes import CHANNEL, CONVERSATION_ALONE, MESSAGE_ALONE, OUTBOX, OUTBOX_OF
from jackfield.store.rows import ConversationRow, MessageRow, OutboxRow
from jackfield.store.uow import Needs, Uow

from .columns import to_json
from .thread import By, release, set_status, tell

Op = Literal["send", "edit", "delete", "react", "pin", "read"]

MINUTE = 60_000  # ms
LIMIT = "messaging_limit"  # the error of a row that waits until somebody new may be written to
SHOWN_FROM = 10_000  # ms: who waits that long is told why
LIVES = {
    "send": 24 * 60 * MINUTE,
    "edit": 60 * MINUTE,
    "delete": 60 * MINUTE,
    "pin": 60 * MINUTE,
    "react": 10 * MINUTE,
}
READ_LIVES = 10 * MINUTE
TEMPLATE_LIVES = 48 * 60 * MINUTE  # it needs no window, and may have to wait a day for a place (openings.py)
LEFT = frozenset({"sent", "delivered", "read", "played"})  # the provider has it
UNDECIDED = frozenset({"scheduled", "queued", "sending", "held", "unknown"})


class Asked(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a row that is no send asks for, and who asked. Kept in its `data`."""

    by: int
    name: str
    parts: tuple[Part, ...] = ()
    emoji: str = ""
    days: int = 0


_ASKED = msgspec.json.Decoder(Asked)
_NOBODY = Asked(by=0, name="")


def must_hold(uow: Uow, channel: int, owner: str) -> None:
    """Raises Conflict "lease_lost" if the channel is another process's now. Needs CHANNEL(channel)."""
    row = uow.one(CHANNEL, channel)
    if row is None or row.lease_owner != owner:
        raise Conflict("another process has this channel now", code="lease_lost")


def enqueue(
    uow: Uow,
    message: MessageRow,
    op: Op,
    *,
    asked: Asked | None = None,
    due_at: int | None = None,
    expires_at: int | None = None,
    automatic: bool = False,
) -> OutboxRow:
    """Something that has to leave. Times in ms; without `expires_at` it is given up after its op's life.
    `automatic`: nobody sits there and waits for it."""
    due = uow.now if due_at is None else due_at
    template = op == "send" and message.kind == "template"
    lives = TEMPLATE_LIVES if template else LIVES.get(op, READ_LIVES)
    return uow.add(
        OutboxRow(
            id=new_id(),
            workspace_id=message.workspace_id,
            channel_id=message.channel_id,
            conversation_id=message.conversation_id,
            message_id=message.id,
            op=op,
            data="" if asked is None else to_json(asked),
            state="waiting",
            due_at=due,
            expires_at=due + lives if expires_at is None else expires_at,
            created_at=uow.now,
            template=template,
            automatic=automatic,
        )
    )


def rows_needs(uow: Uow, numbers: Sequence[int]) -> Needs:
    """Outbox rows with their messages and conversations."""
    yield [OUTBOX(number) for number in numbers]
    rows = [row for number in numbers if (row := uow.peek(OUTBOX, number)) is not None]
    yield [MESSAGE_ALONE(row.message_id) for row in rows]
    messages = [message for row in rows if (message := uow.peek(MESSAGE_ALONE, row.message_id)) is not None]
    yield [CONVERSATION_ALONE(message.conversation_id) for message in messages]


def message_of(uow: Uow, row: OutboxRow) -> MessageRow:
    message = uow.one(MESSAGE_ALONE, row.message_id)
    assert message is not None, "an outbox row without its message"
    return message


def conversation_of(uow: Uow, message: MessageRow) -> ConversationRow:
    conversation = uow.one(CONVERSATION_ALONE, message.conversation_id)
    assert conversation is not None, "a message without its conversation"
    return conversation


def asked_by(row: OutboxRow) -> Asked:
    """What a row asks for; nobody asked for a row that has no data."""
    return _ASKED.decode(row.data) if row.data else _NOBODY


def send_of(uow: Uow, message: MessageRow) -> OutboxRow | None:
    """The row that sends a message, the newest if there are several. Needs OUTBOX_OF(message.id)."""
    sends = [row for row in uow.all(OUTBOX_OF, message.id) if row.op == "send"]
    return max(sends, key=lambda row: row.id, default=None)


def begin(uow: Uow, row: OutboxRow, message: MessageRow, *, owner: str) -> None:
    """It is about to leave: from here on a crash leaves its outcome unknown."""
    uow.edit(row)
    row.state, row.owner, row.attempts, row.error = "sending", owner, row.attempts + 1, ""
    if row.op == "send":
        if message.st == "scheduled":
            release(uow, conversation_of(uow, message), message)
        if message.fail:  # why it had to wait
            uow.edit(message)
            message.fail, message.due_at = "", None
        set_status(uow, conversation_of(uow, message), message, "sending")


def finish(uow: Uow, row: OutboxRow, state: Literal["done", "failed", "gone"], error: str = "") -> None:
    uow.edit(row)
    row.state, row.error = state, error


def again(
    uow: Uow,
    row: OutboxRow,
    message: MessageRow,
    *,
    due_at: int,
    error: str,
    why: Failure | None = None,
) -> None:
    """It surely did not go out, and another try may help. `why`: shown while it waits, if that is long."""
    uow.edit(row)
    row.state, row.due_at, row.error = "waiting", due_at, error
    if row.op != "send" or message.st not in UNDECIDED:
        return
    if why is not None and due_at - uow.now >= SHOWN_FROM:
        uow.edit(message)
        message.fail, message.due_at = to_json(why), due_at
    set_status(uow, conversation_of(uow, message), message, "queued")


def lose_sight(uow: Uow, row: OutboxRow, message: MessageRow) -> None:
    """It may have gone out or not: it waits for the provider's echo or receipt, then for a person."""
    uow.edit(row)
    row.state = "unknown"
    if message.st in UNDECIDED:
        message = uow.edit(message)
        message.fail = to_json(Failure(code="outcome_unknown"))
        set_status(uow, conversation_of(uow, message), message, "unknown")


def fail(uow: Uow, row: OutboxRow, message: MessageRow, failure: Failure) -> None:
    """It did not go out, and trying again would not help: the message says so, or else the thread does."""
    finish(uow, row, "failed", failure.code)
    conversation = conversation_of(uow, message)
    if row.op in ("edit", "delete", "react", "pin"):
        asked = asked_by(row)
        by = By(id=asked.by, name=asked.name)
        about = {"message": show("m", message.id), "error": failure.code, "text": failure.text}
        tell(uow, conversation, by, f"{row.op}_failed", **about)
    if row.op != "send" or message.st not in UNDECIDED:
        return
    uow.edit(message)
    message.fail = to_json(failure)
    set_status(uow, conversation, message, "failed")
    uow.edit(conversation)
    conversation.failed = True


def settle(uow: Uow, message: MessageRow) -> None:
    """The provider showed that it has the message: nothing of it may be sent again.

    For whoever takes in an echo or a receipt. Needs OUTBOX_OF(message.id); the status of the message
    is the caller's to raise.
    """
    row = send_of(uow, message)
    if row is not None and row.state in ("waiting", "sending", "held", "unknown", "failed"):
        finish(uow, row, "done")
    if message.fail and message.st in UNDECIDED:
        uow.edit(message)
        message.fail = ""


def revive(uow: Uow, row: OutboxRow, message: MessageRow) -> None:
    """A person's decision: send it (again). The txn stays, so that one echo matches either try."""
    uow.edit(row)
    row.state, row.attempts, row.owner, row.error = "waiting", 0, "", ""
    row.due_at, row.expires_at = uow.now, uow.now + LIVES["send"]
    uow.edit(message)
    message.fail, message.external_id, message.due_at = "", None, None
    conversation = conversation_of(uow, message)
    set_status(uow, conversation, message, "queued")
    if conversation.failed:
        uow.edit(conversation)
        conversation.failed = False


def hold(uow: Uow, row: OutboxRow, message: MessageRow) -> None:
    """Wait for a person, as after a new login: what queued up meanwhile may be stale, or too much."""
    uow.edit(row)
    row.state = "held"
    if row.op == "send" and message.st in UNDECIDED:
        set_status(uow, conversation_of(uow, message), message, "held")


def failure_of(error: ChannelError) -> Failure:
    return Failure(code=error.code, remote_code=error.remote_code, text=error.detail, words=error.words)
