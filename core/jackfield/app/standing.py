"""What channels say of themselves, and what they keep: small works of the writer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from msgspec import Struct

from jackfield.ids import new_id
from jackfield.store.indexes import CHANNEL, CHANNEL_VALUE
from jackfield.store.rows import ChannelRow, ChannelValueRow
from jackfield.store.uow import Need, Uow


class SetState(Struct, frozen=True, kw_only=True):
    """A channel's state as it reports it. Nothing happens to a channel that was removed."""

    workspace: int
    channel: int
    state: str
    code: str
    text: str

    @classmethod
    def of(cls, row: ChannelRow, *, state: str, code: str, text: str) -> Self:
        return cls(workspace=row.workspace_id, channel=row.id, state=state, code=code, text=text)

    def needs(self, uow: Uow) -> Iterable[Need]:
        yield CHANNEL(self.channel)

    def apply(self, uow: Uow) -> None:
        row = uow.one(CHANNEL, self.channel)
        if row is None or row.removed_at is not None:
            return
        uow.edit(row)
        row.state, row.state_code, row.state_text = self.state, self.code[:80], self.text[:2000]
        row.state_at = uow.now


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
