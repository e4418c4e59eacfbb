"""Works over many rows of the outbox: after a process ended, after a new login, when a time has come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from jackfield.store.indexes import CHANNEL, CONVERSATION, MESSAGE, OUTBOX
from jackfield.store.rows import MessageRow, OutboxRow
from jackfield.store.uow import Needs, Uow

from .outbox_rows import LIMIT, LIVES, again, finish, hold, lose_sight, message_of, must_hold, rows_needs
from .thread import release


class Recover(Struct, frozen=True, kw_only=True):
    """Rows that were on their way when their owner ended: a message may have left, so it waits for a
    person; anything else is simply done again."""

    workspace: int
    rows: Sequence[int]

    def needs(self, uow: Uow) -> Needs:
        return rows_needs(uow, self.rows)

    def apply(self, uow: Uow) -> None:
        for row, message in _in_state(uow, self.rows, "sending"):
            if row.op == "send":
                lose_sight(uow, row, message)
            else:
                again(uow, row, message, due_at=uow.now, error="interrupted")


class Inherit(Recover, frozen=True, kw_only=True):
    """The same, for the one who has the channel now. Raises Conflict "lease_lost" if another process has:
    then they may well be on their way."""

    channel: int
    owner: str

    def needs(self, uow: Uow) -> Needs:
        yield CHANNEL(self.channel)
        yield from super().needs(uow)

    def apply(self, uow: Uow) -> None:
        must_hold(uow, self.channel, self.owner)
        super().apply(uow)


class Unclaim(Struct, frozen=True, kw_only=True):
    """Take back a claim of which nobody knew whether it was stored: none of these rows has left."""

    workspace: int
    owner: str
    rows: Sequence[int]

    def needs(self, uow: Uow) -> Needs:
        return rows_needs(uow, self.rows)

    def apply(self, uow: Uow) -> None:
        for row, message in _in_state(uow, self.rows, "sending"):
            if row.owner == self.owner:
                again(uow, row, message, due_at=uow.now, error="")


class Hold(Struct, frozen=True, kw_only=True):
    """Keep what has not left until a person looks at it. Read marks are dropped: they are stale."""

    workspace: int
    rows: Sequence[int]

    def needs(self, uow: Uow) -> Needs:
        return rows_needs(uow, self.rows)

    def apply(self, uow: Uow) -> int:
        """How many are held."""
        held = 0
        for row, message in _in_state(uow, self.rows, "waiting"):
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

    def needs(self, uow: Uow) -> Needs:
        return rows_needs(uow, self.rows)

    def apply(self, uow: Uow) -> int:
        """How many were let go."""
        freed = 0
        for row, message in _in_state(uow, self.rows, "held"):
            again(uow, row, message, due_at=uow.now, error="")
            row.attempts, row.expires_at = 0, uow.now + LIVES.get(row.op, LIVES["edit"])
            freed += 1
        return freed


class Hurry(Struct, frozen=True, kw_only=True):
    """What waited for a limit that is higher now is tried at once."""

    workspace: int
    rows: Sequence[int]

    def needs(self, uow: Uow) -> Needs:
        return rows_needs(uow, self.rows)

    def apply(self, uow: Uow) -> None:
        for row, message in _in_state(uow, self.rows, "waiting"):
            if row.error == LIMIT:
                again(uow, row, message, due_at=uow.now, error="")


class Due(Struct, frozen=True, kw_only=True):
    """Scheduled messages whose time has come are queued, though nobody may be there to send them."""

    workspace: int
    messages: Sequence[int]

    def needs(self, uow: Uow) -> Needs:
        yield [MESSAGE(number) for number in self.messages]

    def apply(self, uow: Uow) -> None:
        for number in self.messages:
            message = uow.one(MESSAGE, number)
            if message is None or message.st != "scheduled" or (message.due_at or 0) > uow.now:
                continue
            conversation = uow.one(CONVERSATION, message.conversation_id)
            if conversation is not None:
                release(uow, conversation, message)


def _in_state(uow: Uow, numbers: Sequence[int], state: str) -> Iterator[tuple[OutboxRow, MessageRow]]:
    """Of these rows, those that are still in a state."""
    for number in numbers:
        row = uow.one(OUTBOX, number)
        if row is not None and row.state == state:
            yield row, message_of(uow, row)
