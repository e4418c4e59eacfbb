"""Ids: 63-bit, rising with time, made in the process; at the edges a prefix and thirteen letters."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Literal

from .errors import NotFound

Prefix = Literal["w", "o", "ch", "c", "p", "i", "m", "f", "l", "t", "d", "s", "mg", "n", "iv"]

_EPOCH_MS = 1_735_689_600_000  # 2025-01-01: 41 bits of milliseconds from here reach to 2094
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, lower case
_PAIRS = [
    first + second for first in _ALPHABET for second in _ALPHABET
]  # ten bits at once: ids are shown often
_VALUE = {letter: value for value, letter in enumerate(_ALPHABET)}
_LENGTH = 13
_MAX = (1 << 63) - 1


def make_ids(now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000) -> Callable[[], int]:
    """Return a source of ids: 41 bits of time, 22 of which the first draw in a millisecond is random.

    Two processes meet only if they draw the same number in the same millisecond; the primary key
    then refuses one of them and its transaction is run again with new ids.
    """
    last_ms, tail = 0, 0

    def new_id() -> int:
        nonlocal last_ms, tail
        ms = max(now_ms() - _EPOCH_MS, last_ms)
        if ms > last_ms:
            last_ms, tail = ms, secrets.randbits(21)
        else:
            tail += 1
            if tail >> 22:
                last_ms, tail = last_ms + 1, secrets.randbits(21)
        return (last_ms << 22) | tail

    return new_id


new_id = make_ids()


def first_id(ms: int) -> int:
    """The least id that can have been made at this moment (ms since 1970) or later."""
    return max(ms - _EPOCH_MS, 0) << 22


def _show(prefix: Prefix, number: int) -> str:
    return (
        f"{prefix}_{_ALPHABET[number >> 60]}{_PAIRS[number >> 50 & 1023]}{_PAIRS[number >> 40 & 1023]}"
        f"{_PAIRS[number >> 30 & 1023]}{_PAIRS[number >> 20 & 1023]}{_PAIRS[number >> 10 & 1023]}"
        f"{_PAIRS[number & 1023]}"
    )


show: Callable[[Prefix, int], str] = lru_cache(maxsize=8192)(_show)
"""The id as it is seen outside: show("c", 5) == "c_0000000000005".

A page names its workspace and its channels in every row, so the last ones are kept.
"""


def read(prefix: Prefix, text: str) -> int:
    """The number behind an outside id. Raises NotFound: a malformed id names nothing."""
    head, _, tail = text.partition("_")
    if head != prefix or len(tail) != _LENGTH:
        raise NotFound(what=prefix)
    number = 0
    for letter in tail:
        value = _VALUE.get(letter)
        if value is None:
            raise NotFound(what=prefix)
        number = number << 5 | value
    if number > _MAX:
        raise NotFound(what=prefix)
    return number
