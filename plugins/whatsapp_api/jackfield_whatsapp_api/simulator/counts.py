"""What the simulator carried, counted: messages, conversations, prices, templates. Pure.

Prices are make-believe: round numbers, the same for every country.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

from msgspec import Struct

from .model import Json, Said

Step = Literal["HALF_HOUR", "DAILY", "MONTHLY"]

PRICES: Mapping[str, float] = {"marketing": 0.1, "utility": 0.02, "authentication": 0.03}
"""Of one delivered message, in the currency of the account; what is not here is free."""


class Carried(Struct, frozen=True, kw_only=True):
    """One message of the business with what it is counted by. `clicks`: presses, by button."""

    at: datetime
    phone: str  # of the business
    country: str
    category: str
    delivered: bool
    read: bool
    person: str
    template: str = ""  # its id
    clicks: Mapping[str, int] = {}

    @property
    def cost(self) -> float:
        return PRICES.get(self.category, 0.0) if self.delivered else 0.0


def delivered(said: Said) -> bool:
    return said.status in ("delivered", "read")


def start_of(at: datetime, step: Step) -> datetime:
    """The beginning of the span a moment lies in; spans are UTC's."""
    at = at.astimezone(UTC).replace(second=0, microsecond=0)
    if step == "HALF_HOUR":
        return at.replace(minute=at.minute // 30 * 30)
    at = at.replace(hour=0, minute=0)
    return at.replace(day=1) if step == "MONTHLY" else at


def end_of(start: datetime, step: Step) -> datetime:
    if step == "HALF_HOUR":
        return start + timedelta(minutes=30)
    if step == "DAILY":
        return start + timedelta(days=1)
    return (start + timedelta(days=32)).replace(day=1)


def messages(carried: Iterable[Carried], step: Step) -> list[Json]:
    return [
        {**span, "sent": len(some), "delivered": sum(one.delivered for one in some)}
        for span, _, some in _grouped(carried, step, lambda _: ())
    ]


def conversations(carried: Iterable[Carried], step: Step, dimensions: frozenset[str]) -> list[Json]:
    """One conversation a day, person and category: it opens with the first delivered message."""
    points: list[Json] = []
    by = _key(dimensions, "CONVERSATION")
    for span, key, some in _grouped((one for one in carried if one.delivered), step, by):
        opened = {(one.person, one.category, one.at.date()): one for one in some}
        cost = round(sum(one.cost for one in opened.values()), 4)
        points.append({**span, "conversation": len(opened), **dict(key), "cost": cost})
    return points


def prices(carried: Iterable[Carried], step: Step, dimensions: frozenset[str]) -> list[Json]:
    by = _key(dimensions, "PRICING")
    return [
        {**span, **dict(key), "volume": len(some), "cost": round(sum(one.cost for one in some), 4)}
        for span, key, some in _grouped((one for one in carried if one.delivered), step, by)
    ]


def templates(carried: Iterable[Carried]) -> list[Json]:
    points: list[Json] = []
    sent = (one for one in carried if one.template)
    for span, key, some in _grouped(sent, "DAILY", lambda one: (("template_id", one.template),)):
        spent = round(sum(one.cost for one in some), 4)
        arrived = sum(one.delivered for one in some)
        presses: dict[str, int] = {}
        for one in some:
            for button, count in one.clicks.items():
                presses[button] = presses.get(button, 0) + count
        point: Json = {
            **dict(key),
            **span,
            "sent": len(some),
            "delivered": arrived,
            "read": sum(one.read for one in some),
            "cost": [
                {"type": "amount_spent", "value": spent},
                {"type": "cost_per_delivered", "value": round(spent / arrived, 4) if arrived else 0},
            ],
        }
        if presses:
            point["clicked"] = [
                {"type": "quick_reply_button", "button_content": button, "count": count}
                for button, count in presses.items()
            ]
        points.append(point)
    return points


Key = tuple[tuple[str, str], ...]


def _key(dimensions: frozenset[str], kind: Literal["CONVERSATION", "PRICING"]) -> Callable[[Carried], Key]:
    def key(one: Carried) -> Key:
        paid = one.category in PRICES
        free = "FREE_TIER" if kind == "CONVERSATION" else "FREE_CUSTOMER_SERVICE"
        found: dict[str, tuple[str, str]] = {
            "PHONE": ("phone_number", one.phone),
            "COUNTRY": ("country", one.country),
            f"{kind}_CATEGORY": (f"{kind.lower()}_category", one.category.upper()),
            f"{kind}_TYPE": (f"{kind.lower()}_type", "REGULAR" if paid else free),
            **({"TIER": ("tier", "0:MAX")} if paid else {}),
        }
        return tuple(pair for name, pair in found.items() if name in dimensions)

    return key


def _grouped(
    carried: Iterable[Carried], step: Step, key: Callable[[Carried], Key]
) -> Iterator[tuple[Json, Key, list[Carried]]]:
    groups: dict[Hashable, tuple[datetime, Key, list[Carried]]] = {}
    for one in carried:
        start, by = start_of(one.at, step), key(one)
        groups.setdefault((start, by), (start, by, []))[2].append(one)
    for start, by, some in groups.values():
        span: Json = {
            "start": int(start.timestamp()),
            "end": int(end_of(start, step).timestamp()),
        }
        yield span, by, some
