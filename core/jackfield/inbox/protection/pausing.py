"""Pauses: nothing but people's answers to people leaves until a person goes on, whoever began it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from jackfield.channel import Alarm
from jackfield.errors import NotFound
from jackfield.ids import new_id, show
from jackfield.inbox.columns import clip
from jackfield.inbox.derive import notice
from jackfield.store.indexes import CHANNEL, PAUSES_NOW
from jackfield.store.rows import ChannelRow, PauseRow
from jackfield.store.uow import Need, Uow
from jackfield.wire.protection import PauseReason
from jackfield.wire.stream import Notice

DETAIL_MAX = 300  # characters
WEIGHT: Mapping[str, int] = {"by_hand": 1, "restricted": 2, "banned": 3}


class Alarmed(Struct, frozen=True, kw_only=True):
    """The network did something to the account. `until`: ms, if it says when that ends."""

    reason: Alarm
    detail: str = ""
    until: int | None = None


def pause_needs(channel: int) -> Iterable[Need]:
    return (CHANNEL(channel), PAUSES_NOW(channel))


def pause(
    uow: Uow,
    channel: ChannelRow,
    reason: PauseReason,
    *,
    detail: str = "",
    until: int | None = None,
    by: int | None = None,
) -> None:
    """From now on. A pause for a lighter reason, or the same, lasts as it is; a graver one takes its place.
    Needs pause_needs()."""
    now = _lasting(uow, channel)
    if now is not None and WEIGHT[now.reason] >= WEIGHT[reason]:
        if now.reason == reason and until is not None and until > (now.until or 0):
            uow.edit(now).until = until
        return
    if now is not None:
        uow.edit(now).resumed_at = uow.now
    uow.add(
        PauseRow(
            id=new_id(),
            workspace_id=channel.workspace_id,
            channel_id=channel.id,
            reason=reason,
            detail=clip(detail, DETAIL_MAX),
            by_id=by,
            at=uow.now,
            until=until,
        )
    )
    uow.edit(channel).paused = reason
    if by is None:
        _tell(uow, channel, reason, detail)


def resume(uow: Uow, channel: ChannelRow, *, by: int) -> None:
    """A person's decision. Needs pause_needs()."""
    for row in uow.all(PAUSES_NOW, channel.id):
        if row.resumed_at is None:
            uow.edit(row)
            row.resumed_at, row.resumed_by = uow.now, by
    uow.edit(channel).paused = ""


class Pausing(Struct, frozen=True, kw_only=True):
    """Pause a channel, by a person, or (None) because of what its network did."""

    workspace: int
    channel: int
    reason: PauseReason
    detail: str = ""
    until: int | None = None
    by: int | None = None

    def needs(self, uow: Uow) -> Iterable[Need]:
        return pause_needs(self.channel)

    def apply(self, uow: Uow) -> ChannelRow:
        channel = _channel(uow, self.workspace, self.channel)
        pause(uow, channel, self.reason, detail=self.detail, until=self.until, by=self.by)
        return channel


class Resuming(Struct, frozen=True, kw_only=True):
    """A person lets everything leave again."""

    workspace: int
    channel: int
    by: int

    def needs(self, uow: Uow) -> Iterable[Need]:
        return pause_needs(self.channel)

    def apply(self, uow: Uow) -> ChannelRow:
        channel = _channel(uow, self.workspace, self.channel)
        resume(uow, channel, by=self.by)
        return channel


def _channel(uow: Uow, workspace: int, number: int) -> ChannelRow:
    row = uow.one(CHANNEL, number)
    if row is None or row.workspace_id != workspace or row.removed_at is not None:
        raise NotFound(what="ch")
    return row


def _lasting(uow: Uow, channel: ChannelRow) -> PauseRow | None:
    rows = [row for row in uow.all(PAUSES_NOW, channel.id) if row.resumed_at is None]
    return max(rows, key=lambda row: row.id, default=None)


def _tell(uow: Uow, channel: ChannelRow, reason: str, detail: str) -> None:
    said = Notice(
        channel=show("ch", channel.id),
        severity="critical",
        code=f"paused_{reason}",
        text=clip(detail, DETAIL_MAX),
        at=uow.now,
    )
    notice(uow, channel.workspace_id, said)
