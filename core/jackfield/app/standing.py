"""What channels say of themselves, and what they keep: small works of the writer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Self

from msgspec import Struct

from jackfield.channel import ChannelId, LogEntry
from jackfield.ids import new_id, read
from jackfield.inbox.protection.pausing import Alarmed, pause, pause_needs
from jackfield.store.indexes import CHANNEL, CHANNEL_VALUE
from jackfield.store.rows import ChannelLogRow, ChannelRow, ChannelValueRow
from jackfield.store.uow import Need, Uow

WELL = frozenset({"connected", "backfilling"})  # states in which messages come and go
LOG_TEXT = 20_000  # characters of a request or an answer in the channel log


class SetState(Struct, frozen=True, kw_only=True):
    """A channel's state as it reports it, and the pause it begins with. Nothing happens to a channel that was
    removed; the same state again, after a person went on, is no new alarm."""

    workspace: int
    channel: int
    state: str
    code: str
    text: str
    alarm: Alarmed | None = None

    @classmethod
    def of(cls, row: ChannelRow, *, state: str, code: str, text: str, alarm: Alarmed | None = None) -> Self:
        return cls(workspace=row.workspace_id, channel=row.id, state=state, code=code, text=text, alarm=alarm)

    def needs(self, uow: Uow) -> Iterable[Need]:
        yield CHANNEL(self.channel)
        if self.alarm is not None:
            yield from pause_needs(self.channel)

    def apply(self, uow: Uow) -> None:
        row = uow.one(CHANNEL, self.channel)
        if row is None or row.removed_at is not None:
            return
        if self.alarm is not None and (row.state, row.state_code) != (self.state, self.code):
            pause(uow, row, self.alarm.reason, detail=self.alarm.detail, until=self.alarm.until)
        uow.edit(row)
        row.state, row.state_code, row.state_text = self.state, self.code[:80], self.text[:2000]
        row.state_at = uow.now
        if self.state in WELL:
            row.lost_at = None
        elif self.state != "connecting" and row.lost_at is None:
            row.lost_at = uow.now
        if self.state != "backfilling":
            row.progress = None


class SetAbilities(Struct, frozen=True, kw_only=True):
    """What a channel turned out to be able to do when it was opened."""

    workspace: int
    channel: int
    abilities: str

    def needs(self, uow: Uow) -> Iterable[Need]:
        yield CHANNEL(self.channel)

    def apply(self, uow: Uow) -> None:
        row = uow.one(CHANNEL, self.channel)
        if row is not None and row.abilities != self.abilities:
            uow.edit(row).abilities = self.abilities


class KeepValue(Struct, frozen=True, kw_only=True):
    """What a plugin keeps under a key of its channel; None forgets it."""

    channel: int
    key: str
    value: bytes | None
    workspace: int = 0

    def needs(self, uow: Uow) -> Iterable[Need]:
        yield CHANNEL_VALUE(self.channel, self.key)

    def apply(self, uow: Uow) -> None:
        row = uow.one(CHANNEL_VALUE, self.channel, self.key)
        if row is None:
            if self.value is not None:
                uow.add(ChannelValueRow(id=new_id(), channel_id=self.channel, key=self.key, value=self.value))
        elif self.value is None:
            uow.remove(row)
        else:
            uow.edit(row).value = self.value


class Logged(Struct, frozen=True):
    """An entry of a channel's log, redacted. `at`: ms."""

    channel: ChannelId
    at: int
    entry: LogEntry


class KeepLog(Struct, frozen=True, kw_only=True):
    """Entries of the channel log. Those of a channel that was never stored are dropped."""

    entries: Sequence[Logged]
    workspace: int = 0

    def needs(self, uow: Uow) -> Iterable[Need]:
        return (CHANNEL(number) for number in self._numbers().values())

    def apply(self, uow: Uow) -> None:
        numbers = self._numbers()
        channels = {name: uow.one(CHANNEL, number) for name, number in numbers.items()}
        for logged in self.entries:
            channel = channels[logged.channel]
            if channel is not None:
                uow.add(_log_row(channel, logged))

    def _numbers(self) -> dict[ChannelId, int]:
        return {name: read("ch", name) for name in {logged.channel for logged in self.entries}}


def _log_row(channel: ChannelRow, logged: Logged) -> ChannelLogRow:
    entry = logged.entry
    return ChannelLogRow(
        id=new_id(),
        workspace_id=channel.workspace_id,
        channel_id=channel.id,
        at=logged.at,
        op=entry.op[:40],
        ok=entry.ok,
        status=entry.status,
        request=entry.request[:LOG_TEXT],
        response=entry.response[:LOG_TEXT],
        error=entry.error[:LOG_TEXT],
        elapsed_ms=int(entry.elapsed_ms),
    )
