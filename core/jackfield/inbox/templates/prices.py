"""What templates have cost on the average: by the provider's own figures, never by a price list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from jackfield.channel import Figure


class Average(Struct, frozen=True, kw_only=True):
    """What `messages` of a category cost each, delivered to a country; "" : to all of them together."""

    each: float
    currency: str
    messages: int
    country: str


def average(figures: Iterable[Figure], category: str, country: str) -> Average | None:
    """Of the country if anything was counted there, else of all. None: unknown, or in two currencies."""
    paid = [
        one
        for one in figures
        if one.report == "pricing" and one.by.get("category") == category and "cost" in one.values
    ]
    there = [one for one in paid if country and one.by.get("country") == country]
    return _average(there, country) or _average(paid, "")


def _average(figures: Iterable[Figure], country: str) -> Average | None:
    found = list(figures)
    messages, cost = _sum(found, "delivered"), _sum(found, "cost")
    currencies = {one.currency for one in found if one.currency}
    if not messages or len(currencies) != 1:
        return None
    return Average(
        each=round(cost / messages, 6), currency=currencies.pop(), messages=int(messages), country=country
    )


def _sum(figures: Iterable[Figure], name: str) -> float:
    values: Iterable[Mapping[str, float]] = (one.values for one in figures)
    return sum(value.get(name, 0) for value in values)
