"""How a channel stands: what the provider said of it, what of its limits is used, what was counted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal, cast

from msgspec import Meta, Struct

from jackfield.channel import Counts, HasHealth, Vital
from jackfield.errors import Invalid
from jackfield.inbox.columns import SAID
from jackfield.inbox.figures import BY, NUMBERS, pull
from jackfield.inbox.openings import pool_of, used
from jackfield.store.rows import ChannelStateRow, FigureRow, RemarkRow
from jackfield.web.auth.sessions import note
from jackfield.web.clock import now_ms
from jackfield.wire.views import RemarkView

from .asking import REFUSES, answer_of, channel_row, lacks, open_channel
from .call import Call
from .channels import about
from .paging import Page, Paged, key_of, page
from .registry import Api

api = Api("standing")

DAY = 24 * 3_600_000  # ms
SHOWN = 30 * DAY  # of figures, where nothing else is asked for
FURTHEST = 93 * DAY  # that can be asked for at once
MOST = 20_000  # figures in one answer
FIRST = ((1 << 63) - 1,)

Moment = Annotated[int, Meta(ge=0, le=1 << 52)]


class HistoryQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Said(Struct, frozen=True, kw_only=True):
    """One thing the provider said. `about`: "quality", "throughput", "messaging_limit", "account" …"""

    about: str
    value: str
    severity: Literal["info", "warning", "critical"]
    text: str
    at: int


class LimitUse(Struct, frozen=True, kw_only=True):
    """People written to first in the last 24 hours by all channels that share the limit."""

    used: int
    limit: int | None


class StandingView(Struct, frozen=True, kw_only=True):
    """`current`: the last word about each thing. `use` None: there is no such limit, or none is known.
    `per_second`: messages that may leave. `next`: more of the history, as of a page."""

    current: tuple[Said, ...]
    history: tuple[Said, ...]
    next: str | None
    use: LimitUse | None
    per_second: float | None


class StateView(Struct, frozen=True, kw_only=True):
    """How it was from `at` until the state before it in the list."""

    at: int
    state: str
    code: str
    text: str


class FiguresQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`report`: "messages", "conversations", "pricing", "templates", or "charges": our own count of what
    arrived. Without times: the last 30 days."""

    report: Annotated[str, Meta(max_length=20)] = ""
    since: Moment | None = None
    until: Moment | None = None


class FigureView(Struct, frozen=True, kw_only=True):
    """Numbers of one span of time, counted by something."""

    report: str
    start: int
    end: int
    by: Mapping[str, str]
    values: Mapping[str, float]
    currency: str = ""


class Total(Struct, frozen=True, kw_only=True):
    """All of the spans together."""

    report: str
    by: Mapping[str, str]
    values: Mapping[str, float]
    currency: str = ""


class FiguresView(Struct, frozen=True, kw_only=True):
    """`pulled_at` None: the provider was never asked. `more`: too many to show; ask for less time."""

    figures: tuple[FigureView, ...]
    totals: tuple[Total, ...]
    pulled_at: int | None
    more: bool


class PullQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many days back."""

    days: Annotated[int, Meta(ge=1, le=90)] = 7


class Pulled(Struct, frozen=True, kw_only=True):
    figures: int


@api.get("/channels/{channel}/standing")
async def standing(call: Call, channel: str, query: HistoryQuery) -> StandingView:
    """What the provider says of it, newest first, and how much of what it allows is used."""
    row = await channel_row(call, channel)
    call.visitor.must_be("operator", row.workspace_id, what="ch")
    (before,) = key_of(query.after, first=FIRST)
    found = await call.parts.store.rows(
        RemarkRow,
        "WHERE channel_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        row.id,
        before,
        query.limit + 1,
    )
    line = call.parts.lines.get(row.id)
    pace = None if line is None else line.channel.pace()
    use = None
    if pace is not None and (pace.pool or pace.new_people_per_day is not None):
        count = await used(call.parts.store, pool_of(row.kind, row.id, pace), now=now_ms())
        use = LimitUse(used=count, limit=pace.new_people_per_day)
    history = page(found, query.limit, key=lambda one: (one.id,), view=_said)
    return StandingView(
        current=tuple(_current(about, said) for about, said in sorted(SAID.decode(row.said).items())),
        history=history.items,
        next=history.next,
        use=use,
        per_second=None if pace is None else pace.per_second,
    )


@api.get("/channels/{channel}/states")
async def states(call: Call, channel: str, query: HistoryQuery) -> Page[StateView]:
    """How it was, newest first."""
    row = await channel_row(call, channel)
    call.visitor.must_be("operator", row.workspace_id, what="ch")
    (before,) = key_of(query.after, first=FIRST)
    found = await call.parts.store.rows(
        ChannelStateRow,
        "WHERE channel_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        row.id,
        before,
        query.limit + 1,
    )
    return page(found, query.limit, key=lambda one: (one.id,), view=_state)


@api.get("/channels/{channel}/health", refuses=REFUSES)
async def health(call: Call, channel: str) -> Page[Vital]:
    """What its connection measures of itself, in the process that was asked."""
    _, line = await open_channel(call, channel, "operator")
    if not isinstance(line, HasHealth):
        raise lacks("health")
    return Page(items=tuple(await answer_of(line.health())))


@api.get("/channels/{channel}/figures", refuses=(Invalid,))
async def figures(call: Call, channel: str, query: FiguresQuery) -> FiguresView:
    """What was counted, span by span and in all. Nobody is asked for it now."""
    row = await channel_row(call, channel)
    call.visitor.must_be("operator", row.workspace_id, what="ch")
    until = now_ms() + DAY if query.until is None else query.until
    since = until - SHOWN if query.since is None else query.since
    if not 0 <= until - since <= FURTHEST:
        raise Invalid("93 days at most can be looked at", code="span", field="since")
    found = await call.parts.store.rows(
        FigureRow,
        "WHERE channel_id = $1 AND ($2 = '' OR report = $2) AND since >= $3 AND since < $4"
        " ORDER BY since DESC, report, key LIMIT $5",
        row.id,
        query.report,
        since,
        until,
        MOST + 1,
    )
    shown = tuple(_figure(one) for one in found[:MOST])
    return FiguresView(
        figures=shown, totals=totals(shown), pulled_at=row.counted_at or None, more=len(found) > MOST
    )


@api.post("/channels/{channel}/figures/pull", refuses=REFUSES)
async def pull_figures(call: Call, channel: str, query: PullQuery) -> Pulled:
    """Ask the provider for its figures now; by itself that happens once a day."""
    row, line = await open_channel(call, channel, "admin")
    if not isinstance(line, Counts):
        raise lacks("figures")
    until = now_ms()
    kept = pull(
        call.parts.store,
        row.workspace_id,
        row.id,
        line,
        since=datetime.fromtimestamp((until - query.days * DAY) / 1000, UTC),
        until=datetime.fromtimestamp(until / 1000, UTC),
    )
    count = await answer_of(kept)
    await note(call.visitor.operator, "figures.asked", workspace=row.workspace_id, data=about(channel))
    return Pulled(figures=count)


def totals(found: tuple[FigureView, ...]) -> tuple[Total, ...]:
    """Sums of the figures that are counted by the same; different currencies are never added up."""
    sums: dict[tuple[str, str, tuple[tuple[str, str], ...]], dict[str, float]] = {}
    for figure in found:
        key = (figure.report, figure.currency, tuple(sorted(figure.by.items())))
        total = sums.setdefault(key, {})
        for name, value in figure.values.items():
            total[name] = total.get(name, 0) + value
    return tuple(
        Total(report=report, currency=currency, by=dict(by), values=values)
        for (report, currency, by), values in sorted(sums.items())
    )


def _figure(row: FigureRow) -> FigureView:
    return FigureView(
        report=row.report,
        start=row.since,
        end=row.until,
        by=BY.decode(row.by),
        values=NUMBERS.decode(row.numbers),
        currency=row.currency,
    )


def _said(row: RemarkRow) -> Said:
    severity = cast('Literal["info", "warning", "critical"]', row.severity)
    return Said(about=row.about, value=row.value, severity=severity, text=row.text, at=row.at)


def _current(about: str, said: RemarkView) -> Said:
    return Said(about=about, value=said.value, severity=said.severity, text=said.text, at=said.at)


def _state(row: ChannelStateRow) -> StateView:
    return StateView(at=row.at, state=row.state, code=row.code, text=row.text)
