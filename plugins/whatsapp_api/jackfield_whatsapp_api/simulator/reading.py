"""Reading untrusted JSON: an object, a text, a list, or the provider's error about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import msgspec

from .errors import GraphError, invalid, missing
from .model import Json


def decode(body: bytes) -> Json:
    try:
        value = msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise GraphError(100, message=f"(#100) Invalid JSON in request body: {error}") from error
    return as_object(value, "body")


def as_object(value: Any, where: str) -> Json:
    if not isinstance(value, dict):
        raise GraphError(100, f"{where} must be an object.")
    return cast(Json, value)


def as_list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise GraphError(100, f"{where} must be an array.")
    return list(cast(Iterable[Any], value))


def objects(value: Any, where: str) -> list[Json]:
    return [as_object(item, f"{where}[{place}]") for place, item in enumerate(as_list(value, where))]


def child(parent: Json, name: str, where: str = "") -> Json:
    path = f"{where}.{name}" if where else name
    if parent.get(name) is None:
        raise missing(path)
    return as_object(parent[name], path)


def part(parent: Json, name: str) -> Json:
    """What is under the name if it is an object, else an empty one: for what nobody has to check."""
    value = parent.get(name)
    return cast(Json, value) if isinstance(value, dict) else {}


def parts(parent: Json, name: str) -> list[Json]:
    """The objects of the list under the name; none if it is no list."""
    value = parent.get(name)
    items = cast(Iterable[Any], value) if isinstance(value, list) else ()
    return [cast(Json, item) for item in items if isinstance(item, dict)]


def text(parent: Json, name: str, where: str, *, most: int, least: int = 1) -> str:
    """A text of `least` to `most` characters. `least` 0: it may be left out."""
    path, value = f"{where}.{name}", parent.get(name)
    if value is None and least == 0:
        return ""
    if value is None:
        raise missing(path)
    if not isinstance(value, str):
        raise GraphError(100, f"Param {path} must be a string.")
    if len(value) > most:
        raise GraphError(100, f"Param {path} must be at most {most} characters long.")
    if len(value.strip()) < least:
        raise invalid(f"Param {path} must not be empty.")
    return value


def number(parent: Json, name: str, where: str, *, least: float, most: float) -> float:
    value = parent.get(name)
    if value is None:
        raise missing(f"{where}.{name}")
    try:
        found = float(value)
    except (TypeError, ValueError) as error:
        raise invalid(f"Param {where}.{name} must be a number.") from error
    if not least <= found <= most:
        raise invalid(f"Param {where}.{name} must be between {least:g} and {most:g}.")
    return found
