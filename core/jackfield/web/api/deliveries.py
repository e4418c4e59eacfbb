"""Deliveries: the raw calls of providers, what became of each, and another try for what could not be read."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec import Struct

from jackfield import ids
from jackfield.channel import HookRequest
from jackfield.errors import Conflict, Forbidden, NotFound
from jackfield.host import redactor, secrets_of
from jackfield.store.rows import DeliveryCountRow, DeliveryRow
from jackfield.web.hooks import hooked_channel, named_in, read_call
from jackfield.web.parts import Came, Line
from jackfield.web.works import Delivered

from .call import Call
from .paging import Page, Paged, key_of, page
from .registry import Api

api = Api("deliveries")

TELLING = (
    "signature",
    "key",
    "token",
    "auth",
)  # in a header's name: whoever had it could send the call again

State = Literal["stored", "failed"]


class DeliveriesQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without a channel: calls that named none of ours, for people of the agency."""

    channel: str | None = None
    state: State | None = None


class SummaryQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    channel: str


class DeliveryView(Struct, frozen=True, kw_only=True):
    """`reason` says what could not be read; `unrecognised`: events of a kind we do not know, kept."""

    id: str
    channel: str | None
    kind: str
    at: int
    state: State
    reason: str
    events: int
    unrecognised: int
    size: int
    replayed_at: int | None


class DeliveryRaw(Struct, frozen=True, kw_only=True):
    """`body` as text, or in base64 where it is none."""

    delivery: DeliveryView
    headers: Mapping[str, str]
    body: str
    encoding: Literal["utf-8", "base64"]


class Summary(Struct, frozen=True, kw_only=True):
    """Since the channel exists: received = stored + failed."""

    received: int
    stored: int
    failed: int
    unrecognised: int


@api.get("/deliveries")
async def deliveries(call: Call, query: DeliveriesQuery) -> Page[DeliveryView]:
    """Calls that came for a channel, newest first."""
    (before,) = key_of(query.after, first=((1 << 63) - 1,))
    states = [query.state] if query.state is not None else ["stored", "failed"]
    store = call.parts.store
    whose, channel = "channel_id IS NULL AND $1 = 0", 0
    if query.channel is not None:
        whose, (channel, _) = "channel_id = $1", await operated(call, query.channel)
    elif not call.visitor.staff:
        raise Forbidden("calls of no channel are for people of the agency")
    found = await store.rows(
        DeliveryRow,
        f"WHERE {whose} AND {store.any('state', '$2')} AND id < $3 ORDER BY id DESC LIMIT $4",
        channel,
        states,
        before,
        query.limit + 1,
    )
    return page(found, query.limit, key=lambda row: (row.id,), view=view_of)


@api.get("/deliveries/summary")
async def deliveries_summary(call: Call, query: SummaryQuery) -> Summary:
    """How many came for a channel, and what became of them."""
    channel, _ = await operated(call, query.channel)
    found = await call.parts.store.rows(DeliveryCountRow, "WHERE channel_id = $1", channel)
    count = found[0] if found else DeliveryCountRow(id=0, workspace_id=0, channel_id=channel)
    return Summary(
        received=count.received, stored=count.stored, failed=count.failed, unrecognised=count.unrecognised
    )


@api.get("/deliveries/{delivery}")
async def delivery(call: Call, delivery: str) -> DeliveryRaw:
    """A call as it came; signatures and keys are left out."""
    row = await delivery_of(call, delivery)
    return raw_of(call, row)


@api.post("/deliveries/{delivery}/replay", refuses=(Conflict,))
async def replay(call: Call, delivery: str) -> DeliveryView:
    """Let the channel read a kept call again: after an update that knows more, or for what had failed.
    What it brought before is not brought twice."""
    row = await delivery_of(call, delivery)
    request = HookRequest(
        method="POST",
        path=f"/hooks/{row.kind}",
        query={},
        headers=msgspec.json.decode(row.headers, type=dict[str, str]),
        body=row.body,
    )
    if row.channel_id is None:
        lines = named_in(call.parts.lines.of_kind(row.kind), request)
        again = [_read_again(row, request, line, replays=None) for line in lines]
    else:
        again = [_read_again(row, request, call.parts.lines.get(row.channel_id), replays=row.id)]
    if not again:
        raise Conflict("it still names no channel of ours", code="channel_not_open")
    for came in again:
        await call.parts.take(came)
    if row.channel_id is None:
        await call.parts.store.writer.do(Delivered(delivery=row.id))
    return view_of(await delivery_of(call, delivery))


def _read_again(row: DeliveryRow, request: HookRequest, line: Line | None, *, replays: int | None) -> Came:
    """What a channel makes of a kept call today. Raises Conflict if it does not take it."""
    channel = None if line is None else hooked_channel(line)
    if line is None or channel is None:
        raise Conflict("its channel is not open", code="channel_not_open")
    hooked = read_call(channel, line.id, request)
    if not hooked.accepted or not hooked.stored:
        raise Conflict("the channel does not accept it any more", code="not_accepted")
    return Came(
        kind=row.kind,
        request=request,
        line=line,
        events=hooked.events,
        failed=hooked.failed,
        replays=replays,
    )


async def delivery_of(call: Call, text: str) -> DeliveryRow:
    """A delivery the visitor may work with; one of no channel is the agency's. Raises NotFound."""
    rows = await call.parts.store.rows(DeliveryRow, "WHERE id = $1", ids.read("d", text))
    if not rows:
        raise NotFound(what="d")
    row = rows[0]
    if row.workspace_id is None and call.visitor.staff:
        return row
    call.visitor.must_be("operator", row.workspace_id, what="d")
    return row


async def raw_delivery(call: Call, delivery: int | None, workspace: int) -> DeliveryRaw:
    rows = await call.parts.store.rows(
        DeliveryRow, "WHERE id = $1 AND workspace_id = $2", delivery or 0, workspace
    )
    if not rows:
        raise NotFound(what="d")
    return raw_of(call, rows[0])


async def operated(call: Call, text: str) -> tuple[int, int]:
    """A channel in whose workspace the visitor is an operator, and that workspace."""
    channel = ids.read("ch", text)
    found = await call.parts.store.fetch("SELECT workspace_id FROM channel WHERE id = $1", channel)
    return channel, call.visitor.must_be("operator", found[0][0] if found else None, what="ch")


def view_of(row: DeliveryRow) -> DeliveryView:
    return DeliveryView(
        id=ids.show("d", row.id),
        channel=None if row.channel_id is None else ids.show("ch", row.channel_id),
        kind=row.kind,
        at=row.at,
        state="failed" if row.state == "failed" else "stored",
        reason=row.reason,
        events=row.events,
        unrecognised=row.unrecognised,
        size=len(row.body),
        replayed_at=row.replayed_at,
    )


def raw_of(call: Call, row: DeliveryRow) -> DeliveryRaw:
    """Without what would let a reader pass for the provider."""
    line = None if row.channel_id is None else call.parts.lines.get(row.channel_id)
    redact = redactor(() if line is None else secrets_of(line.kind, line.config))
    headers = msgspec.json.decode(row.headers, type=dict[str, str])
    try:
        body, encoding = redact(row.body.decode()), "utf-8"
    except UnicodeDecodeError:
        body, encoding = base64.b64encode(row.body).decode(), "base64"
    return DeliveryRaw(
        delivery=view_of(row),
        headers={name: redact(value) for name, value in headers.items() if is_open(name)},
        body=body,
        encoding="utf-8" if encoding == "utf-8" else "base64",
    )


def is_open(header: str) -> bool:
    return not any(word in header for word in TELLING)
