"""Gathered webhooks: several changes made into fewer, or differently ordered, bodies. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, assert_never

from . import payload
from .model import Json
from .reading import part, parts

Shape = Literal["entries", "changes", "items", "reversed"]
Change = tuple[str, Json]  # the account and its change


def bundle(shape: Shape, changes: Sequence[Change], at: datetime) -> list[Json]:
    match shape:
        case "entries":
            return [payload.envelope(*(payload.entry(account, [change], at) for account, change in changes))]
        case "changes":
            return [_by_account(changes, at)]
        case "items":
            return [_by_account(_merged(changes), at)]
        case "reversed":
            entries = [payload.entry(account, [change], at) for account, change in reversed(changes)]
            return [payload.envelope(entry) for entry in entries]
        case _:
            assert_never(shape)


def _by_account(changes: Sequence[Change], at: datetime) -> Json:
    accounts: dict[str, list[Json]] = {}
    for account, change in changes:
        accounts.setdefault(account, []).append(change)
    return payload.envelope(*(payload.entry(account, found, at) for account, found in accounts.items()))


def _merged(changes: Sequence[Change]) -> list[Change]:
    """Changes of one field and number become one, with the lists of all."""
    found: dict[tuple[str, str, str], Change] = {}
    for account, change in changes:
        value: Json = change["value"]
        key = (account, str(change["field"]), str(part(value, "metadata").get("phone_number_id")))
        if key not in found:
            found[key] = (account, payload.change(change["field"], dict(value)))
            continue
        into: Json = found[key][1]["value"]
        for name in value:
            if isinstance(value[name], list):
                into[name] = _joined(parts(into, name), parts(value, name))
    return list(found.values())


def _joined(first: list[Json], second: list[Json]) -> list[Json]:
    return [*first, *(item for item in second if item not in first)]
