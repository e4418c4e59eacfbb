"""Inbound, pure: a webhook's payload becomes events. Every entry, every change, every item; none is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec import structs

from jackfield.channel import AnyEvent
from jackfield_whatsapp_api.payload import is_node, listed, name, node, text, when

from .fields import FIELDS
from .ground import Account, Ground, guarded, unknown

__all__ = ["Account", "convert", "recipients"]


def convert(payload: object, account: Account, now: datetime) -> tuple[AnyEvent, ...]:
    """At least one event for any JSON, and never an exception. `now` stands in where no time is said."""
    ground = Ground(account=account, at=now)
    if not is_node(payload):
        return (unknown("payload", payload, ground, "not an object"),)
    events = tuple(_entries(payload.get("entry"), ground))
    return events or (unknown("empty", payload, ground),)


def _entries(entries: object, ground: Ground) -> Iterator[AnyEvent]:
    for entry in listed(entries):
        said = node(entry)
        there = structs.replace(ground, at=when(said.get("time"), ground.at))
        changes = listed(said.get("changes"))
        if not changes:
            yield unknown("entry", entry, there, "no changes in it")
        for change in changes:
            yield from _change(change, text(said.get("id")), there)


def _change(change: object, waba: str, ground: Ground) -> Iterator[AnyEvent]:
    said = node(change)
    field, value = said.get("field"), said.get("value")
    kind = "messages" if field is None else name(field) or "unnamed"
    read = FIELDS.get(kind)
    if not is_node(value) or read is None:
        yield unknown(f"field.{kind}", change, ground, "" if read is None else "value is not an object")
        return
    number = _number(value)
    if number and number != ground.account.phone_number_id:
        yield unknown("other_number", change, ground)
        return
    if not number and not _for_waba(kind, waba, ground):
        yield unknown("other_account", change, ground)
        return
    there = ground.of(value)
    events = tuple(guarded(f"field.{kind}", value, there, read))
    yield from events or (unknown(f"field.{kind}", change, there, "nothing in it"),)


def _number(value: object) -> str:
    """The number a change came to; "" where it does not say one."""
    said = node(value)
    return text(node(said.get("metadata")).get("phone_number_id")) or text(
        node(said.get("recipient")).get("phone_number_id")
    )


def _for_waba(kind: str, waba: str, ground: Ground) -> bool:
    """Fields of an account must be of ours. A message without a number is taken: better once too often."""
    return kind == "messages" or not waba or not ground.account.waba_id or waba == ground.account.waba_id


def recipients(payload: object) -> frozenset[str]:
    """Whom a body speaks of: the number where a change says one, else its account. Not trusted yet."""
    found: set[str] = set()
    for entry in map(node, listed(node(payload).get("entry"))):
        for change in map(node, listed(entry.get("changes"))):
            found.add(_number(change.get("value")) or text(entry.get("id")))
    return frozenset(found - {""})
