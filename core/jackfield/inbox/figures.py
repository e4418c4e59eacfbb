"""Figures: numbers of spans of time, each said once and replaced when it is said again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from jackfield.channel import Charge, Counts, Figure
from jackfield.ids import new_id
from jackfield.store.indexes import CHANNEL, FIGURE
from jackfield.store.rows import FigureRow
from jackfield.store.uow import Need, Needs, Uow

from .columns import clip, ms, to_json

if TYPE_CHECKING:
    from jackfield.store.store import Store

DAY = 24 * 3_600_000  # ms
CHARGES = "charges"  # our own report: what delivered messages of a day count as, in UTC
CHUNK = 300  # figures in one work
REPORT_MAX, KEY_MAX, CURRENCY_MAX = 20, 300, 3  # characters
NUMBERS = msgspec.json.Decoder(dict[str, float])
BY = msgspec.json.Decoder(dict[str, str])

_sorted = msgspec.json.Encoder(order="deterministic").encode


def key_of(by: Mapping[str, str]) -> str:
    """What a figure is counted by, written in one way only."""
    said = _sorted(dict(by)).decode()
    return said if len(said) <= KEY_MAX else hashlib.sha256(said.encode()).hexdigest()


class KeepFigures(Struct, frozen=True, kw_only=True):
    """What the provider counted. The last to be said of a span is what counts."""

    workspace: int
    channel: int
    figures: Sequence[Figure]

    def needs(self, uow: Uow) -> Needs:
        yield CHANNEL(self.channel)
        yield [FIGURE(*_place(self.channel, figure)) for figure in self.figures]

    def apply(self, uow: Uow) -> None:
        channel = uow.one(CHANNEL, self.channel)
        if channel is None or channel.removed_at is not None:
            return
        for figure in self.figures:
            place = _place(self.channel, figure)
            row = uow.one(FIGURE, *place)
            if row is None:
                _, report, since, until, key = place
                row = uow.add(
                    FigureRow(
                        id=new_id(),
                        workspace_id=self.workspace,
                        channel_id=self.channel,
                        report=report,
                        since=since,
                        until=until,
                        key=key,
                        by=to_json(dict(figure.by)),
                        at=uow.now,
                    )
                )
            uow.edit(row)
            row.numbers, row.at = to_json(dict(figure.values)), uow.now
            row.currency = clip(figure.currency, CURRENCY_MAX)


class Counted(Struct, frozen=True, kw_only=True):
    """All figures up to now were asked for and stored."""

    workspace: int
    channel: int

    def needs(self, uow: Uow) -> Needs:
        yield CHANNEL(self.channel)

    def apply(self, uow: Uow) -> None:
        row = uow.one(CHANNEL, self.channel)
        if row is not None:
            uow.edit(row).counted_at = uow.now


async def pull(
    store: Store, workspace: int, channel: int, counts: Counts, *, since: datetime, until: datetime
) -> int:
    """Ask the provider for its figures and keep them; answer how many. Raises ChannelError, Unavailable."""
    found = await counts.figures(since, until)
    for start in range(0, len(found), CHUNK):
        chunk = found[start : start + CHUNK]
        await store.writer.do(KeepFigures(workspace=workspace, channel=channel, figures=chunk))
    await store.writer.do(Counted(workspace=workspace, channel=channel))
    return len(found)


# -- our own: what messages count as ------------------------------------------------------------------


def charge_need(channel: int, charge: Charge, at: int) -> Need:
    return FIGURE(channel, CHARGES, *_day(at), key_of(_by(charge)))


def count_charge(uow: Uow, workspace: int, channel: int, charge: Charge, at: int) -> None:
    """One more message of this kind on the day of `at`, ms. Needs charge_need()."""
    by, (since, until) = _by(charge), _day(at)
    row = uow.one(FIGURE, channel, CHARGES, since, until, key_of(by))
    if row is None:
        row = uow.add(
            FigureRow(
                id=new_id(),
                workspace_id=workspace,
                channel_id=channel,
                report=CHARGES,
                since=since,
                until=until,
                key=key_of(by),
                by=to_json(by),
                at=uow.now,
            )
        )
    uow.edit(row)
    said = NUMBERS.decode(row.numbers)
    row.numbers, row.at = to_json({"messages": said.get("messages", 0) + 1}), uow.now


def _by(charge: Charge) -> dict[str, str]:
    billable = "" if charge.billable is None else "yes" if charge.billable else "no"
    said = {"category": charge.category, "type": charge.type, "billable": billable}
    return {word: clip(value, 64) for word, value in said.items() if value}


def _day(at: int) -> tuple[int, int]:
    return at - at % DAY, at - at % DAY + DAY


def _place(channel: int, figure: Figure) -> tuple[int, str, int, int, str]:
    """Where a figure belongs, as FIGURE has it."""
    report = clip(figure.report, REPORT_MAX)
    return channel, report, ms(figure.start), ms(figure.end), key_of(figure.by)
