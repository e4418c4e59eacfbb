"""Keyset pages: {items, next}. A cursor is opaque; the one a page came with leads to the page after it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar

import msgspec
from msgspec import Meta, Struct

from jackfield.errors import Invalid

T = TypeVar("T")
V = TypeVar("V")

Limit = Annotated[int, Meta(ge=1, le=200)]


class Page(Struct, Generic[T], frozen=True, kw_only=True):
    """`next` None: that was the last page."""

    items: tuple[T, ...]
    next: str | None = None


class Paged(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A query for a page. `after`: the `next` of the page before."""

    after: str | None = None
    limit: Limit = 60


def cursor(key: Sequence[int]) -> str:
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(key)).decode().rstrip("=")


def key_of(after: str | None, *, first: tuple[int, ...]) -> tuple[int, ...]:
    """The key a cursor stands for, `first` without one. Raises Invalid for a cursor that is none."""
    if after is None:
        return first
    try:
        raw = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4))
        key = msgspec.msgpack.decode(raw, type=tuple[int, ...])
    except (ValueError, binascii.Error, msgspec.DecodeError) as error:
        raise Invalid("that is no cursor", fields={"after": "not a cursor"}) from error
    if len(key) != len(first) or any(abs(number) >= 1 << 63 for number in key):
        raise Invalid("that is no cursor", fields={"after": "not a cursor"})
    return key


def page(
    found: Sequence[T], limit: int, *, key: Callable[[T], Sequence[int]], view: Callable[[T], V]
) -> Page[V]:
    """A page of what was read with `limit + 1`: one more than is shown says that there is more."""
    shown = found[:limit]
    more = len(found) > limit
    return Page(items=tuple(map(view, shown)), next=cursor(key(shown[-1])) if more else None)
