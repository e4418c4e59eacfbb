"""Reading JSON that may hold anything anywhere: nothing here raises but where it says so."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NoReturn, TypeGuard, cast

import msgspec
from msgspec import Raw

Node = Mapping[str, object]

EARLIEST = datetime(2009, 1, 1, tzinfo=UTC)  # WhatsApp did not exist before
AHEAD = timedelta(days=1)  # a clock may be wrong, but not by more
LONGEST_ID = 300  # characters; the provider's have less than 100
EMPTY: Node = {}


class Odd(ValueError):
    """Something is not as the contract says; the message names it for a person."""


class Unreadable(ValueError):
    """These bytes are not JSON."""


class TooDeep(ValueError):
    """JSON, but nested deeper than this machine reads."""


def decode(body: bytes) -> object:
    """The JSON in `body`. Raises Unreadable or TooDeep.

    Text comes out such that every database and every encoder takes it: a lone surrogate or a NUL,
    both allowed in JSON, becomes U+FFFD.
    """
    try:
        value: object = msgspec.json.decode(body)
    except RecursionError:
        raise TooDeep("nested too deeply") from None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _decode_slowly(body)
    return _clean(value) if b"\\u0000" in body else value


def _decode_slowly(body: bytes) -> object:
    """What msgspec refuses and JSON allows: lone surrogates, numbers out of range."""
    try:
        return _clean(json.loads(body, parse_constant=_no_constant))
    except RecursionError:
        raise TooDeep("nested too deeply") from None
    except ValueError as error:
        raise Unreadable(f"not JSON: {error}") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _clean(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")
    if is_list(value):
        return [_clean(item) for item in value]
    if is_node(value):
        return {cast("str", _clean(key)): _clean(item) for key, item in value.items()}
    return value


def is_node(value: object) -> TypeGuard[Node]:
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, list)


def node(value: object) -> Node:
    """The object, or an empty one."""
    return value if is_node(value) else EMPTY


def listed(value: object) -> Sequence[object]:
    """The items of a list; nothing for null; one item for a thing that stands where a list should."""
    if value is None:
        return ()
    return value if is_list(value) else (value,)


def text(value: object) -> str:
    """A string as it is, a whole number as its digits (ids come as both), else ""."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**40:
        return str(value)
    return ""


def name(value: object) -> str:
    """A provider's word (a type, a field, an event) short enough to be part of a kind."""
    return text(value)[:64]


def number(value: object) -> float | None:
    """A finite number, or a string that says one; else None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def whole(value: object) -> int | None:
    found = number(value)
    return int(found) if found is not None and found == int(found) and abs(found) < 2**53 else None


def decimal(value: object) -> str:
    """A price as the provider said it: 30 and "30.50" stay what they are."""
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else ""
    return text(value)


def when(value: object, otherwise: datetime) -> datetime:
    """Unix seconds (or milliseconds), as number or string. An absurd time counts as none."""
    seconds = number(value)
    if seconds is None:
        return otherwise
    if seconds >= 1e12:
        seconds /= 1000
    try:
        found = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return otherwise
    return found if EARLIEST <= found <= datetime.now(UTC) + AHEAD else otherwise


def raw(value: object) -> Raw:
    """The value as JSON bytes."""
    try:
        return Raw(msgspec.json.encode(value))
    except RecursionError:
        return Raw(b'"nested too deeply: see the delivery as it came"')


def need_node(parent: Node, key: str) -> Node:
    """Raises Odd unless there is an object under this key."""
    value = parent.get(key)
    if not is_node(value):
        raise Odd(f"{key} is missing" if value is None else f"{key} is not an object")
    return value


def need_text(parent: Node, key: str) -> str:
    """Raises Odd unless there is text, not empty, under this key."""
    value = text(parent.get(key))
    if not value:
        raise Odd(f"{key} is missing or not text")
    return value


def need_id(item: Node, key: str = "id") -> str:
    """A message's id. Only a string: a number might be another's id in other clothes.

    Raises Odd where there is none, or none that could be stored.
    """
    value = item.get(key)
    if not isinstance(value, str) or not value:
        raise Odd(f"{key} is missing or not text")
    if len(value) > LONGEST_ID:
        raise Odd(f"{key} is longer than {LONGEST_ID} characters")
    return value
