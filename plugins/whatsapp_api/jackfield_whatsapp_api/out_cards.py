"""Outbound contact cards and places."""

from __future__ import annotations

from typing import Any

from jackfield.channel import Card, Labelled, Location, Rejected

Body = dict[str, Any]


def contact(card: Card) -> Body:
    """Raises Rejected for a card without a name, which the provider refuses."""
    if not card.name.strip():
        raise Rejected("contact: must have a name")
    first, _, last = card.name.strip().partition(" ")
    named: Body = {"formatted_name": card.name, "first_name": first}
    if last:
        named["last_name"] = last
    said: Body = {"name": named}
    said |= _lines("phones", [_phone(line) for line in card.phones])
    said |= _lines("emails", [_labelled("email", line) for line in card.emails])
    said |= _lines("urls", [_labelled("url", line) for line in card.urls])
    said |= _lines("addresses", [_labelled("street", line) for line in card.addresses])
    if org := {k: v for k, v in (("company", card.organisation), ("title", card.title)) if v}:
        said["org"] = org
    if card.birthday:
        said["birthday"] = card.birthday
    return said


def _lines(key: str, lines: list[Body]) -> Body:
    return {key: lines} if lines else {}


def _labelled(key: str, line: Labelled) -> Body:
    return {key: line.value, **({"type": line.label} if line.label else {})}


def _phone(line: Labelled) -> Body:
    return {**_labelled("phone", line), **({"wa_id": line.address} if line.address else {})}


def place(location: Location) -> Body:
    """A place as messages and headers name it. Raises Rejected for one that is not on this planet."""
    if not (abs(location.latitude) <= 90 and abs(location.longitude) <= 180):
        raise Rejected("location: latitude is from -90 to 90 degrees, longitude from -180 to 180")
    said: Body = {"latitude": location.latitude, "longitude": location.longitude}
    said |= {key: value for key, value in (("name", location.name), ("address", location.address)) if value}
    return said
