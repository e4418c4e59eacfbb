"""Cursors and rights: where a page goes on, and whose rows may be read."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Container
from typing import Any

import msgspec

from jackfield.errors import Invalid, NotFound

LAST = (1 << 63) - 1  # above every time and every id


def cursor(*key: int) -> str:
    """An opaque word for a place in a list."""
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(key)).decode().rstrip("=")


def place(after: str | None, *, size: int) -> tuple[int, ...]:
    """The key behind a cursor; above everything without one. Raises Invalid for what is no cursor."""
    if after is None:
        return (LAST,) * size
    try:
        raw = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4))
        key = msgspec.msgpack.decode(raw, type=tuple[int, ...])
    except (ValueError, binascii.Error, msgspec.DecodeError) as error:
        raise Invalid("that is no cursor", fields={"after": "not a cursor"}) from error
    if len(key) != size or any(abs(number) > LAST for number in key):
        raise Invalid("that is no cursor", fields={"after": "not a cursor"})
    return key


def must_be_in(workspaces: Container[int], workspace: int, *, what: str) -> None:
    """Raises NotFound: what is in another workspace does not exist."""
    if workspace not in workspaces:
        raise NotFound(what=what)


class Places:
    """Parameters of a statement, numbered as they are named: places(5) is "$1"."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def __call__(self, value: Any) -> str:
        self.values.append(value)
        return f"${len(self.values)}"
