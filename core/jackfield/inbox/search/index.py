"""What the index of words says of a message, derived from its row as stream events are.

Every word begins with two signs that stand for its workspace, so that a search walks through the words of
its own workspaces only; two workspaces may share their signs, and whoever searches looks at the row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

import msgspec

from jackfield.ids import first_id
from jackfield.inbox.columns import PARTS
from jackfield.store.indexes import WORKSPACE
from jackfield.store.rows import MessageRow, Row, WorkspaceRow
from jackfield.store.uow import Uow
from jackfield.store.words import SCOPE, Reword
from jackfield.wire.search import Has
from jackfield.wire.views import Direction

from .texts import sorts_of, text_of
from .words import words

DAY = 86_400_000  # ms
EARLY, LATE = DAY, 8 * DAY  # how far a message's time and that of its id are apart, but for the odd ones

_SEEN = ("parts", "conversation_id", "deleted_at", "at", "dir")  # columns a message's words come from
_SIGNS, _FIRST_SIGN = 15, 0x4000  # bits of each, and where 32,768 valid characters begin


def index(uow: Uow, changes: Sequence[tuple[Row | None, Row | None]]) -> None:
    """Note what changes in the index. Messages below `searched_from` have no words yet: see older.py."""
    floors: dict[int, int] = {}
    for before, after in changes:
        if isinstance(before or after, MessageRow):
            uow.rewords.extend(_changed(uow, floors, *cast("_Change", (before, after))))
    for before, after in changes:
        if isinstance(before, WorkspaceRow) and isinstance(after, WorkspaceRow):
            uow.rewords.extend(_reached(uow, before, after))


_Change = tuple[MessageRow | None, MessageRow | None]


def _changed(
    uow: Uow, floors: dict[int, int], before: MessageRow | None, after: MessageRow | None
) -> Iterator[Reword]:
    if (
        before is not None
        and after is not None
        and all(getattr(before, n) == getattr(after, n) for n in _SEEN)
    ):
        return
    row = after or before
    assert row is not None
    floor = floors.get(row.workspace_id)
    if floor is None:
        floor = floors[row.workspace_id] = _floor(uow, row.workspace_id)
    if row.id < floor:
        return
    gone, now = words_of(before), words_of(after)
    if gone != now:
        yield Reword(row.id, row.workspace_id, gone, now)


def _floor(uow: Uow, workspace: int) -> int:
    """From which id on messages had words when this transaction began."""
    row = uow.one(WORKSPACE, workspace)
    assert row is not None, "the writer loads the workspace of every work"
    was = uow.change_of(row)
    return (row if was is None else cast("WorkspaceRow", was)).searched_from


def _reached(uow: Uow, before: WorkspaceRow, after: WorkspaceRow) -> Iterator[Reword]:
    """Older messages that get their words now, as they are after all else in this transaction."""
    for row in uow.here(MessageRow):
        due = row.workspace_id == after.id and after.searched_from <= row.id < before.searched_from
        if due and (now := words_of(row)):
            yield Reword(row.id, row.workspace_id, "", now)


def words_of(row: MessageRow | None) -> str:
    """All words of a message, set apart by spaces, as the index has them; "" for what is not to be found."""
    if row is None or row.deleted_at is not None:
        return ""
    try:
        parts = PARTS.decode(row.parts)
    except msgspec.DecodeError:
        return ""  # what cannot be read has no words, and must not keep its row from being changed
    text = text_of(parts)
    said = words(text)
    if not said:
        return ""
    signs = signs_of(row.workspace_id)
    scopes = [
        in_conversation(row.conversation_id),
        in_channel(row.channel_id),
        in_direction(cast("Direction", row.dir)),
        *map(with_sort, sorted(sorts_of(parts, text))),
    ]
    if not first_id(row.at - EARLY) <= row.id < first_id(row.at + LATE):
        scopes.append(ODD)
    return " ".join([signs + word for word in (*said, *scopes)])


def signs_of(workspace: int) -> str:
    """What all words of a workspace begin with: thirty bits of its id's time and chance, as two signs."""
    mixed = workspace ^ (workspace >> 31)
    mask = (1 << _SIGNS) - 1
    return chr(_FIRST_SIGN + (mixed & mask)) + chr(_FIRST_SIGN + ((mixed >> _SIGNS) & mask))


ODD = f"{SCOPE}o"
"""Its time is far from that of its id: taken over from a history, sent much later than written …"""


def in_conversation(conversation: int) -> str:
    return f"{SCOPE}c{conversation}"


def in_channel(channel: int) -> str:
    return f"{SCOPE}h{channel}"


def in_direction(direction: Direction) -> str:
    return f"{SCOPE}d{direction}"


def with_sort(sort: Has) -> str:
    return f"{SCOPE}s{sort}"
