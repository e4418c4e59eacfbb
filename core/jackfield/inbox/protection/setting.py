"""Setting other limits than the plugin's: what is allowed, and the work that stores it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Struct, structs

from jackfield.channel import Limits, Protection
from jackfield.errors import Invalid, NotFound
from jackfield.store.indexes import CHANNEL
from jackfield.store.rows import ChannelRow
from jackfield.store.uow import Need, Uow
from jackfield.wire.protection import LimitsChange

from .limits import ceilings_of, in_force, zone_of

_SET = msgspec.json.Decoder(dict[str, Any])


class SetLimits(Struct, frozen=True, kw_only=True):
    """Set some of them; what equals the plugin's own word follows it from then on. Answers the row."""

    workspace: int
    channel: int
    rules: Protection
    change: LimitsChange

    def needs(self, uow: Uow) -> Iterable[Need]:
        yield CHANNEL(self.channel)

    def apply(self, uow: Uow) -> ChannelRow:
        row = uow.one(CHANNEL, self.channel)
        if row is None or row.workspace_id != self.workspace or row.removed_at is not None:
            raise NotFound(what="ch")
        asked = {name: value for name, value in structs.asdict(self.change).items() if value is not None}
        check(self.rules, structs.replace(in_force(self.rules, row.protection), **asked), asked)
        usual: Mapping[str, Any] = structs.asdict(self.rules.limits)
        chosen = _SET.decode(row.protection) | asked
        kept = {name: value for name, value in chosen.items() if value != usual.get(name)}
        uow.edit(row).protection = msgspec.json.encode(kept).decode()
        return row


def check(rules: Protection, limits: Limits, asked: Iterable[str]) -> None:
    """Raises Invalid, naming the field, for limits that cannot be."""
    for name, most in ceilings_of(rules.ceilings).items():
        if name in asked and getattr(limits, name) > most:
            raise Invalid(
                f"at most {most}",
                code="above_ceiling",
                field=name,
                fields={name: f"at most {most}"},
                limit=most,
            )
    if bool(limits.quiet_from) != bool(limits.quiet_until):
        missing = "quiet_until" if limits.quiet_from else "quiet_from"
        raise Invalid("quiet hours have two ends", code="quiet_hours", fields={missing: "missing"})
    try:
        zone_of(limits.timezone)
    except ValueError as error:
        raise Invalid(str(error), code="timezone", fields={"timezone": "unknown"}) from error
