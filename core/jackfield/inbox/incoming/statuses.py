"""How far a message of ours got: receipts and echoes raise it, nothing lowers it.

"failed" says that it did not arrive, so it is more than "sent"; a proof that it did arrive is more
than "failed". So the order in which receipts come does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping

from jackfield.channel import Failure, ReceiptLevel
from jackfield.inbox import window
from jackfield.inbox.columns import to_json
from jackfield.inbox.outbox_rows import settle
from jackfield.inbox.thread import refresh_last
from jackfield.store.indexes import CONVERSATION
from jackfield.store.rows import MessageRow
from jackfield.store.uow import Uow

RANK: Mapping[str, int] = {"sent": 1, "failed": 2, "delivered": 3, "read": 4, "played": 5}


def raise_status(
    uow: Uow, message: MessageRow, level: ReceiptLevel, *, failure: Failure | None = None
) -> None:
    """Needs OUTBOX_OF(message.id) and the message's conversation."""
    before = RANK.get(message.st, 0)
    if RANK[level] <= before:
        return
    conversation = uow.one(CONVERSATION, message.conversation_id)
    assert conversation is not None
    uow.edit(message)
    if before == 0:
        settle(uow, message)
    if level == "failed":
        message.fail = to_json(failure or Failure(code="failed"))
        uow.edit(conversation).failed = True
    elif message.st == "failed":
        message.fail = ""
        uow.edit(conversation).failed = False
    elif before == 0:
        window.answered(uow, conversation, at=uow.now)
    if failure is not None and failure.code == "window_closed":
        window.shut(uow, conversation, said_at=message.at)
    message.st = level
    refresh_last(uow, conversation, message)
