"""Beginning a conversation: by a person, one after another, and only so many in a day."""

from __future__ import annotations

from jackfield.errors import NotSendable
from jackfield.ids import new_id, show
from jackfield.inbox.openings import SPAN, person_of
from jackfield.store.indexes import OPENINGS_IN
from jackfield.store.rows import ConversationRow, OpeningRow
from jackfield.store.uow import Need, Uow

from .limits import Watch


def pool_of(channel: int) -> str:
    """Whose beginnings are counted together: those of one channel."""
    return f"begun#{show('ch', channel)}"


def beginning_need(channel: int) -> Need:
    return OPENINGS_IN(pool_of(channel))


def check_beginning(uow: Uow, watch: Watch, channel: int, *, automatic: bool) -> None:
    """Raise NotSendable unless one more may be begun now. Needs beginning_need()."""
    if automatic:
        raise NotSendable(code="start_by_hand", alternatives=[], until=None)
    if watch.paused:
        raise NotSendable(code="paused_new", alternatives=[], until=None)
    today = sorted(row.at for row in uow.all(OPENINGS_IN, pool_of(channel)) if row.at > uow.now - SPAN)
    most = watch.limits.new_chats_per_day
    if len(today) >= most:
        until = today[len(today) - most] + SPAN if most else None
        raise NotSendable(code="new_chats_full", alternatives=[], until=until)


def begin(uow: Uow, conversation: ConversationRow) -> None:
    """It counts as begun from now on. Needs beginning_need()."""
    uow.edit(conversation).begun_at = uow.now
    pool, person = pool_of(conversation.channel_id), person_of(show("c", conversation.id))
    row = next((row for row in uow.all(OPENINGS_IN, pool) if row.person == person), None)
    if row is None:
        row = uow.add(OpeningRow(id=new_id(), pool=pool, person=person, at=uow.now))
    uow.edit(row).at = uow.now
