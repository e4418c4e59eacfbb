"""What sending a template to somebody is counted as, and what the like of it has cost."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
import phonenumbers
from msgspec import Meta, Struct

from jackfield import ids
from jackfield.channel import Figure
from jackfield.inbox.templates.prices import Average, average
from jackfield.store.rows import FigureRow, IdentityRow
from jackfield.web.clock import now_ms

from .call import Call
from .registry import Api

api = Api("templates")

LOOK_BACK = 90 * 86_400_000  # ms
_BY = msgspec.json.Decoder(dict[str, str])
_NUMBERS = msgspec.json.Decoder(dict[str, float])


class CostQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    category: Annotated[str, Meta(max_length=40)]


class CostHint(Struct, frozen=True, kw_only=True):
    """What is known, and no more: nobody's price list is kept here.

    `window_open`: the person wrote lately, and some categories cost less or nothing then. `free_until`:
    the provider charges nothing in this conversation until then, ms. `average`: what messages of the
    category cost in the last 90 days, by the provider's figures; None where it has said none.
    """

    category: str
    window_open: bool
    free_until: int | None
    average: Average | None


@api.get("/conversations/{conversation}/cost")
async def cost(call: Call, conversation: str, query: CostQuery) -> CostHint:
    """What a template of this category would be counted as there."""
    _, about = await call.parts.reading.conversation_for(call.visitor.roles, conversation)
    now = now_ms()
    rows = await call.parts.store.rows(
        FigureRow,
        "WHERE channel_id = $1 AND report = 'pricing' AND since >= $2",
        ids.read("ch", about.channel),
        now - LOOK_BACK,
    )
    country = await _country(call, about.contact)
    return CostHint(
        category=query.category,
        window_open=about.window_until is not None and about.window_until > now,
        free_until=about.free_until if (about.free_until or 0) > now else None,
        average=average(map(_figure, rows), query.category.lower(), country),
    )


async def _country(call: Call, contact: str | None) -> str:
    """Of the person's phone number; "": it is not known."""
    if contact is None:
        return ""
    found = await call.parts.store.rows(
        IdentityRow, "WHERE contact_id = $1 AND kind = 'phone' ORDER BY id", ids.read("p", contact)
    )
    for row in found:
        try:
            return phonenumbers.region_code_for_number(phonenumbers.parse(row.value)) or ""
        except phonenumbers.NumberParseException:
            continue
    return ""


def _figure(row: FigureRow) -> Figure:
    return Figure(
        report=row.report,
        start=datetime.fromtimestamp(row.since / 1000, UTC),
        end=datetime.fromtimestamp(row.until / 1000, UTC),
        by=_BY.decode(row.by),
        values=_NUMBERS.decode(row.numbers),
        currency=row.currency,
    )
