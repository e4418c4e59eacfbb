"""A channel that is lost: people are told once, and once more when it is back."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from msgspec import Struct

from jackfield.ids import show
from jackfield.store.indexes import CHANNEL
from jackfield.store.rows import ChannelRow
from jackfield.store.uow import Need, Uow
from jackfield.wire.stream import Notice

from .derive import notice

log = logging.getLogger("jackfield.alerts")

GRACE = 60_000  # ms: what comes back by then was no loss

CHANNELS = (
    "SELECT id, workspace_id FROM channel WHERE enabled AND removed_at IS NULL"
    " AND ((lost_at <= $1 AND alerted_at IS NULL) OR (lost_at IS NULL AND alerted_at IS NOT NULL)) LIMIT $2"
)
"""Whose people are to be told. $1: ms; who is lost since then, or longer."""


class Alert(Struct, frozen=True, kw_only=True):
    """Tell of a channel, if that is still to be done. Any number of processes may try. `grace`: ms."""

    workspace: int
    channel: int
    grace: int = GRACE

    def needs(self, uow: Uow) -> Iterator[Need]:
        yield CHANNEL(self.channel)

    def apply(self, uow: Uow) -> None:
        row = uow.one(CHANNEL, self.channel)
        if row is None or row.removed_at is not None or not row.enabled:
            return
        if row.alerted_at is None and row.lost_at is not None and row.lost_at <= uow.now - self.grace:
            uow.edit(row).alerted_at = uow.now
            log.error("channel %d is lost: %s %s", row.id, row.state, row.state_code)
            _tell(uow, row, "channel_lost", "critical")
        elif row.alerted_at is not None and row.lost_at is None:
            uow.edit(row).alerted_at = None
            log.warning("channel %d is back", row.id)
            _tell(uow, row, "channel_back", "info")


def _tell(uow: Uow, row: ChannelRow, code: str, severity: str) -> None:
    said = {"name": row.name, "state": row.state, "code": row.state_code}
    event = Notice(
        channel=show("ch", row.id),
        severity=severity,
        code=code,
        text=row.state_text,
        at=uow.now,
        data={key: value for key, value in said.items() if value},
    )
    notice(uow, row.workspace_id, event)
