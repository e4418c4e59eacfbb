"""The provider's own counts: messages, conversations, what they cost, how templates did.

Meta's page "Analytics": the first three look back one year, templates 90 days. All are approximate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import ceil

from jackfield.channel import Figure
from jackfield_whatsapp_api.payload import Node, listed, node, number, text, when

YEAR, SEASON = timedelta(days=364), timedelta(days=89)  # a day less: the last one is not over
TEMPLATES_AT_ONCE, MOST_TEMPLATES = 10, 200  # more would use up the calls an account may make in an hour
NEVER_SENT = ("PENDING", "REJECTED")
METRICS = "SENT,DELIVERED,READ,CLICKED,COST"
CATEGORIES = (
    "marketing",
    "marketing_lite",
    "utility",
    "authentication",
    "authentication_international",
    "service",
    "referral_conversion",
)
"""Those that have words; another one is shown as the provider says it."""
DAWN = datetime(1970, 1, 1, tzinfo=UTC)

NAMES: Mapping[str, str] = {
    "country": "country",
    "tier": "tier",
    "conversation_category": "category",
    "conversation_type": "type",
    "pricing_category": "category",
    "pricing_type": "type",
}
"""What a point is counted by, as the provider says it and as we do."""
COUNTED: Mapping[str, str] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "conversation": "conversations",
    "volume": "delivered",
}


def messages(since: datetime, until: datetime, phone: str) -> Mapping[str, str]:
    return {"fields": f"analytics{_span(since, until)}.granularity(DAY){_of(phone)}"}


def conversations(since: datetime, until: datetime, phone: str) -> Mapping[str, str]:
    dimensions = '["CONVERSATION_CATEGORY","CONVERSATION_TYPE","COUNTRY"]'
    asked = f"conversation_analytics{_span(since, until)}.granularity(DAILY){_of(phone)}"
    return {"fields": f"currency,{asked}.dimensions({dimensions})"}


def pricing(since: datetime, until: datetime, phone: str) -> Mapping[str, str]:
    dimensions = '["PRICING_CATEGORY","PRICING_TYPE","COUNTRY","TIER"]'
    asked = f"pricing_analytics{_span(since, until)}.granularity(DAILY){_of(phone)}"
    return {"fields": f'currency,{asked}.metric_types(["COST","VOLUME"]).dimensions({dimensions})'}


def templates(since: datetime, until: datetime, ids: Sequence[str]) -> Mapping[str, str]:
    """At most TEMPLATES_AT_ONCE of them. Days are UTC's."""
    return {
        "start": str(int(since.timestamp())),
        "end": str(ceil(until.timestamp())),
        "granularity": "DAILY",
        "metric_types": METRICS,
        "template_ids": f"[{','.join(ids)}]",
        "limit": "500",
    }


def _span(since: datetime, until: datetime) -> str:
    return f".start({int(since.timestamp())}).end({ceil(until.timestamp())})"


def _of(phone: str) -> str:
    """Of this number only: the account may have several. "": of all."""
    digits = "".join(filter(str.isdigit, phone))
    return f'.phone_numbers(["{digits}"])' if digits else ""


def read_messages(answer: Node) -> Iterator[Figure]:
    yield from _points("messages", listed(node(answer.get("analytics")).get("data_points")), "")


def read_conversations(answer: Node) -> Iterator[Figure]:
    yield from _nested("conversations", answer.get("conversation_analytics"), text(answer.get("currency")))


def read_pricing(answer: Node) -> Iterator[Figure]:
    yield from _nested("pricing", answer.get("pricing_analytics"), text(answer.get("currency")))


def read_templates(answer: Node, names: Mapping[str, Mapping[str, str]], currency: str) -> Iterator[Figure]:
    """`names`: what a template is called and its language, by its id."""
    for group in map(node, listed(answer.get("data"))):
        for point in map(node, listed(group.get("data_points"))):
            own = text(point.get("template_id"))
            by = names.get(own, {"template": own})
            yield from _point("templates", point, by, _clicks(point) | _spent(point), currency)


def _nested(report: str, said: object, currency: str) -> Iterator[Figure]:
    for group in map(node, listed(node(said).get("data"))):
        yield from _points(report, listed(group.get("data_points")), currency)


def _points(report: str, points: Sequence[object], currency: str) -> Iterator[Figure]:
    """Points that agree in all they are counted by are one figure: the provider splits by more at times."""
    found: dict[tuple[object, ...], Figure] = {}
    for point in map(node, points):
        by = {ours: text(point[theirs]) for theirs, ours in NAMES.items() if text(point.get(theirs))}
        by = {key: value if key in ("country", "tier") else value.lower() for key, value in by.items()}
        cost = number(point.get("cost"))
        for one in _point(report, point, by, {} if cost is None else {"cost": cost}, currency):
            key = (one.start, one.end, *sorted(by.items()))
            found[key] = _sum(found[key], one) if key in found else one
    yield from found.values()


def _sum(one: Figure, other: Figure) -> Figure:
    names = {*one.values, *other.values}
    return Figure(
        report=one.report,
        start=one.start,
        end=one.end,
        by=one.by,
        values={name: one.values.get(name, 0) + other.values.get(name, 0) for name in sorted(names)},
        currency=one.currency,
    )


def _point(
    report: str, point: Node, by: Mapping[str, str], more: Mapping[str, float], currency: str
) -> Iterator[Figure]:
    """None where it says no time, or counts nothing."""
    start, end = when(point.get("start"), DAWN), when(point.get("end"), DAWN)
    values = {
        ours: found for theirs, ours in COUNTED.items() if (found := number(point.get(theirs))) is not None
    }
    values |= more
    if DAWN < start < end and values:
        yield Figure(
            report=report,
            start=start,
            end=end,
            by=by,
            values=values,
            currency=currency if "cost" in values else "",
        )


def _clicks(point: Node) -> dict[str, float]:
    """Presses of every button; those of different people alone are a second count of the same."""
    said = [node(item) for item in listed(point.get("clicked"))]
    if not said:
        return {}
    every = [one for one in said if not text(one.get("type")).startswith("unique_")]
    return {"clicked": sum(number(one.get("count")) or 0 for one in every or said)}


def _spent(point: Node) -> dict[str, float]:
    for cost in map(node, listed(point.get("cost"))):
        value = number(cost.get("value"))
        if cost.get("type") == "amount_spent" and value is not None:
            return {"cost": value}
    return {}
