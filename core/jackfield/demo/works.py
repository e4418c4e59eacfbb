"""The one change the demo makes that nobody else may: a channel with an id chosen beforehand."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from jackfield.store.indexes import CHANNEL
from jackfield.store.rows import ChannelRow
from jackfield.store.uow import Need, Uow


class PutChannel(Struct, frozen=True, kw_only=True):
    """The channel as the simulator of this start wants it; conversations of an earlier start stay."""

    workspace: int
    channel: int
    kind: str
    name: str
    external_id: str
    config: str
    secrets: str

    def needs(self, uow: Uow) -> Iterable[Need]:
        yield CHANNEL(self.channel)

    def apply(self, uow: Uow) -> None:
        row = uow.one(CHANNEL, self.channel)
        if row is None:
            row = uow.add(
                ChannelRow(
                    id=self.channel,
                    workspace_id=self.workspace,
                    kind=self.kind,
                    name=self.name,
                    external_id=self.external_id,
                    created_at=uow.now,
                    state_at=uow.now,
                )
            )
        uow.edit(row)
        row.config, row.secrets, row.enabled = self.config, self.secrets, True
