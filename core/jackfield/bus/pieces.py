"""Payloads larger than the carrier takes: cut into pieces, joined again, or dropped if one is lost."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping

HEADER = "Jackfield-Piece"  # "<message> <number> <of how many>"
_ROOM = 1024  # bytes left for headers
_SENDERS = 64  # messages being joined at once; more, and the oldest has lost a piece


def cut(data: bytes, most: int) -> Iterator[tuple[bytes, dict[str, str] | None]]:
    """The payload as it is, or in pieces with a header each."""
    size = most - _ROOM
    if len(data) <= size:
        yield data, None
        return
    message, count = secrets.token_hex(8), -(-len(data) // size)
    for number in range(count):
        yield data[number * size : (number + 1) * size], {HEADER: f"{message} {number} {count}"}


class Joiner:
    """Joins what comes on one subscription: pieces of one sender come in their order."""

    def __init__(self) -> None:
        self._parts: dict[str, list[bytes]] = {}

    def join(self, data: bytes, headers: Mapping[str, str] | None) -> bytes | None:
        """The whole payload, or None while pieces are missing."""
        label = (headers or {}).get(HEADER)
        if label is None:
            return data
        message, number, count = label.split()
        parts = self._parts.setdefault(message, [])
        if int(number) != len(parts):  # one is lost, so all is
            del self._parts[message]
            return None
        parts.append(data)
        if len(parts) == int(count):
            del self._parts[message]
            return b"".join(parts)
        while len(self._parts) > _SENDERS:
            del self._parts[next(iter(self._parts))]
        return None
