"""The engine under test, seen from inside its own process: its dictionary, and whom it trusts.

WhatsApp's root key is 32 bytes in a writable section of the engine's library. A test's process writes the
mock's key over it in its own memory; no file is changed, and nothing of this is in the code that ships.
Linux only: the process's memory is found through /proc/self/maps.
"""

from __future__ import annotations

import ctypes
import importlib
import re
import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .codec import Dictionary

ROOT = bytes.fromhex("142375574d0a587166aae71ebe516437c4a28b73e3695c6ce1f7f9545da8ee6b")
"""The public key that signs WhatsApp's servers' certificates."""

LIBRARY = "neonize"
LONGEST = 256  # characters of a word in the dictionary
_LINE = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+\s+(.*)")

# The words each list begins with; its length. They are looked for in the library's memory.
_SINGLE = (("xmlstreamstart", "xmlstreamend", "s.whatsapp.net", "type", "participant"), 235)
_DOUBLE = (
    ("read-self", "active", "fbns", "protocol"),
    ("reject", "dirty", "announcement", "020"),
    ("64", "ptt_playback_speed_enabled", "web_product_list_message_enabled"),
    ("1724", "profile_picture", "1071", "1314"),
)


class EngineUnknown(Exception):
    """This version of the engine looks different: its key or its dictionary was not found."""


class _Segment(NamedTuple):
    start: int
    data: bytes
    writable: bool


def trust(public: bytes) -> None:
    """Let this process's engine believe servers that this key vouches for. Raises EngineUnknown."""
    replaced = 0
    for segment in _segments():
        if not segment.writable:
            continue
        at = segment.data.find(ROOT)
        while at >= 0:
            ctypes.memmove(segment.start + at, public, len(ROOT))
            replaced += 1
            at = segment.data.find(ROOT, at + 1)
    if not replaced:
        raise EngineUnknown("WhatsApp's root key is not in the engine's memory")


def dictionary() -> Dictionary:
    """The engine's own words. Raises EngineUnknown."""
    memory = list(_segments())
    single = _words(memory, *_SINGLE)
    return Dictionary(("", *single), [_words(memory, first, 256) for first in _DOUBLE])


def _segments() -> Iterator[_Segment]:
    importlib.import_module(LIBRARY)  # loads it into this process

    with open("/proc/self/maps") as lines:
        found = [match for line in lines if (match := _LINE.match(line))]
    for match in found:
        name, rights = match[4], match[3]
        if LIBRARY in name and name.endswith(".so") and rights.startswith("r"):
            start, end = int(match[1], 16), int(match[2], 16)
            yield _Segment(start, ctypes.string_at(start, end - start), "w" in rights)


def _words(memory: Sequence[_Segment], first: Sequence[str], size: int) -> Sequence[str]:
    """A Go array of strings: pointers and lengths in turn. Found by how long its first words are."""
    pattern = b"".join(b".{8}" + re.escape(struct.pack("<Q", len(word))) for word in first)
    for segment in memory:
        for match in re.finditer(pattern, segment.data, re.DOTALL):
            at = match.start()
            if at % 8 == 0 and [_word(memory, segment, at + 16 * n) for n in range(len(first))] == [*first]:
                return [_word(memory, segment, at + 16 * n) or "" for n in range(size)]
    raise EngineUnknown(f"the list of words that begins with {first[0]!r} is not in the engine's memory")


def _word(memory: Sequence[_Segment], segment: _Segment, at: int) -> str | None:
    pointer, size = struct.unpack_from("<QQ", segment.data, at)
    if size == 0:
        return ""
    if size > LONGEST:
        return None
    for other in memory:
        if other.start <= pointer < other.start + len(other.data):
            raw = other.data[pointer - other.start : pointer - other.start + size]
            return raw.decode() if raw.isascii() and len(raw) == size else None
    return None
