"""Opus: how long a packet is, and the head that tells a decoder what to expect (RFC 6716, RFC 7845)."""

from __future__ import annotations

import struct

from msgspec import Struct

RATE = 48_000  # samples a second: Opus counts time in these, whatever was recorded
LONGEST = 5_760  # samples of a packet: 120 ms
LARGEST = 61_440  # bytes of a packet; more is none

# Samples of a frame by the configuration in a packet's first five bits.
_FRAMES = (
    *(480, 960, 1920, 2880) * 3,  # SILK: 10, 20, 40, 60 ms
    *(480, 960) * 2,  # hybrid: 10, 20 ms
    *(120, 240, 480, 960) * 4,  # CELT: 2.5, 5, 10, 20 ms
)
_HEAD = struct.Struct("<8sBBHIhB")


class Unreadable(ValueError):
    """Not a recording, or a broken one; the message says why, for a person."""


class Head(Struct, frozen=True, kw_only=True):
    """`skip`: samples at the start that are not to be heard. `gain`: in 1/256 dB."""

    skip: int = 312
    rate: int = RATE  # of what was recorded; only told
    gain: int = 0


class Track(Struct, frozen=True, kw_only=True):
    """A recording. `cut`: samples at its end that are not to be heard."""

    head: Head
    packets: tuple[bytes, ...]
    cut: int = 0


def samples(packet: bytes) -> int:
    """How long a packet is. Raises Unreadable for what is none."""
    if not 0 < len(packet) <= LARGEST:
        raise Unreadable(f"a packet of {len(packet)} bytes is no Opus")
    frame = _FRAMES[packet[0] >> 3]
    match packet[0] & 3:
        case 0:
            count = 1
        case 1 | 2:
            count = 2
        case _:
            if len(packet) < 2:
                raise Unreadable("a packet does not say how many frames it has")
            count = packet[1] & 63
    if not 0 < count * frame <= LONGEST:
        raise Unreadable("a packet is longer than 120 ms, or has no frame")
    return count * frame


def read_head(data: bytes) -> Head:
    """The head as containers keep it. Raises Unreadable unless it is of one or two channels."""
    if len(data) < _HEAD.size:
        raise Unreadable("the head of the Opus track is too short")
    magic, version, channels, skip, rate, gain, mapping = _HEAD.unpack_from(data)
    if magic != b"OpusHead" or version >> 4:
        raise Unreadable("the track has no head that Opus knows")
    if mapping or channels not in (1, 2):
        raise Unreadable(f"{channels} channels: one or two are a voice")
    return Head(skip=skip, rate=rate, gain=gain)


def write_head(head: Head) -> bytes:
    """For one channel. What was coded in two is played as one: how many a packet has it says itself."""
    return _HEAD.pack(b"OpusHead", 1, 1, head.skip, head.rate, head.gain, 0)
