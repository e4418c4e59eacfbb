"""Byte ranges of a request (RFC 9110 §14), one at a time: what a player asks for when it seeks."""

from __future__ import annotations

import re

_ONE = re.compile(r"bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*", re.IGNORECASE | re.ASCII)
_LONGEST = 100  # characters


class NoSuchRange(Exception):
    """Nothing of the file is in it: 416."""


def parse(header: str, size: int) -> tuple[int, int] | None:
    """The bytes from start up to, not with, end. None: send all (no range, several, or not understood)."""
    if len(header) > _LONGEST:  # before it is matched: the pattern takes long over many spaces
        return None
    found = _ONE.fullmatch(header.strip())
    if found is None:
        return None
    first, last = found[1], found[2]
    if not first and not last:
        return None
    if not first:
        wanted = int(last)
        if wanted == 0 or size == 0:
            raise NoSuchRange
        return max(0, size - wanted), size
    start = int(first)
    if last and int(last) < start:
        return None
    if start >= size:
        raise NoSuchRange
    return start, min(int(last) + 1, size) if last else size
