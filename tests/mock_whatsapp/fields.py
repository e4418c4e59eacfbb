"""Protocol-buffer fields by number: as much of the encoding as Signal's envelopes need.

Signal's message classes are not in the engine's package, so their few fields are written and read by hand.
"""

from __future__ import annotations

VARINT, BYTES = 0, 2  # wire types


def pack(fields: dict[int, int | bytes | None]) -> bytes:
    """In the order given; None is left out."""
    out = bytearray()
    for number, value in fields.items():
        if value is None:
            continue
        if isinstance(value, int):
            out += _varint(number << 3 | VARINT) + _varint(value)
        else:
            out += _varint(number << 3 | BYTES) + _varint(len(value)) + value
    return bytes(out)


class Fields:
    """What a message holds: the last value of each field."""

    def __init__(self, data: bytes) -> None:
        """Raises ValueError for what is no such message."""
        self._numbers: dict[int, int] = {}
        self._bytes: dict[int, bytes] = {}
        at = 0
        while at < len(data):
            tag, at = _read(data, at)
            value, at = _read(data, at)
            match tag & 7:
                case 0:
                    self._numbers[tag >> 3] = value
                case 2:
                    self._bytes[tag >> 3], at = data[at : at + value], at + value
                case wire:
                    raise ValueError(f"wire type {wire} is not used here")

    def number(self, field: int, default: int = 0) -> int:
        return self._numbers.get(field, default)

    def has(self, field: int) -> bool:
        return field in self._numbers or field in self._bytes

    def data(self, field: int) -> bytes:
        """Raises ValueError: it is not there."""
        if field not in self._bytes:
            raise ValueError(f"field {field} is missing")
        return self._bytes[field]


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _read(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data):
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at
    raise ValueError("the message ends too early")
