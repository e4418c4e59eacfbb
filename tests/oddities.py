"""What a sender may put where something else is expected, and every way to put it there."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

Path = tuple[str | int, ...]

DEEP = b"[" * 5_000 + b"]" * 5_000
ODD: Mapping[str, bytes] = {
    "null": b"null",
    "true": b"true",
    "a list": b"[]",
    "a list of nothing": b"[null]",
    "an object": b"{}",
    "an object of objects": b'{"id":{"id":{}}}',
    "zero": b"0",
    "minus one": b"-1",
    "a fraction": b"1.5",
    "a number beyond all bounds": b"1e400",
    "a number no database holds": b"9" * 30,
    "digits without end": b"9" * 5_000,
    "an empty text": b'""',
    "a short text": b'"x"',
    "a huge text": b'"' + b"x" * 100_000 + b'"',
    "a zero byte": b'"a\\u0000b"',
    "half a character": b'"\\ud800"',
    "no text at all": b'"\xff\xed\xa0\x80"',
    "lists without end": DEEP,
}
"""As JSON, or nearly: as bytes, for not everything that is sent can be written otherwise."""
BRIEF = ("null", "a list", "an object", "zero", "a short text", "a huge text")

_HERE = "@here@"


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """The way to every node below the top."""
    if isinstance(value, dict):
        steps: list[tuple[str | int, Any]] = list(cast("dict[str, Any]", value).items())
    elif isinstance(value, list):
        steps = list(enumerate(cast("list[Any]", value)))
    else:
        return
    for step, inner in steps:
        yield (*path, step)
        yield from paths(inner, (*path, step))


def at(value: Any, path: Path) -> Any:
    """What is at the end of the way."""
    for step in path:
        value = value[step]
    return value


def spoilt(value: Any, path: Path, odd: bytes) -> bytes:
    """The JSON of a value with something odd at one place; () is the whole."""
    if not path:
        return odd
    changed = copy.deepcopy(value)
    at(changed, path[:-1])[path[-1]] = _HERE
    return json.dumps(changed).encode().replace(json.dumps(_HERE).encode(), odd)
