"""Writing Ogg: a track of Opus as pages with their checksums (RFC 3533, RFC 7845)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from .opus import RATE, Track, Unreadable, samples, write_head

SERIAL = 0x4A41434B  # one stream alone: any number will do, and the same file comes out each time
VENDOR = b"Jackfield"
PER_PAGE = RATE  # samples: a page a second
_FIRST, _LAST = 2, 4  # kinds of page
_PAGE = struct.Struct("<4sBBqIIIB")
_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def ogg_file(track: Track) -> bytes:
    """The whole file. Raises Unreadable for a track in which there is nothing to hear."""
    lengths = [samples(packet) for packet in track.packets]
    end = sum(lengths) - track.cut
    if end <= track.head.skip:
        raise Unreadable("there is nothing to hear in it")
    pages = [
        page([write_head(track.head)], at=0, number=0, kind=_FIRST),
        page([_tags()], at=0, number=1),
    ]
    groups = [*_grouped(track.packets, lengths)]
    at = 0
    for number, (packets, length) in enumerate(groups, start=2):
        at += length
        last = number == len(groups) + 1
        pages.append(page(packets, at=min(at, end) if last else at, number=number, kind=_LAST if last else 0))
    return b"".join(pages)


def page(packets: list[bytes], *, at: int, number: int, kind: int = 0) -> bytes:
    """One page of whole packets. `at`: samples from the start to the end of its last packet."""
    laces = b"".join(_laces(packet) for packet in packets)
    body = b"".join(packets)

    def with_sum(checksum: int) -> bytes:
        head = _PAGE.pack(b"OggS", 0, kind, at, SERIAL, number, checksum, len(laces))
        return head + laces + body

    return with_sum(_checksum(with_sum(0)))


def _grouped(packets: tuple[bytes, ...], lengths: list[int]) -> Iterator[tuple[list[bytes], int]]:
    """The packets of each page, with how long they are together."""
    held: list[bytes] = []
    length = laces = 0
    for packet, samples_of_it in zip(packets, lengths, strict=True):
        wanted = len(_laces(packet))
        if held and (length >= PER_PAGE or laces + wanted > 255):
            yield held, length
            held, length, laces = [], 0, 0
        held.append(packet)
        length, laces = length + samples_of_it, laces + wanted
    if held:
        yield held, length


def _laces(packet: bytes) -> bytes:
    whole, rest = divmod(len(packet), 255)
    return b"\xff" * whole + bytes((rest,))


def _tags() -> bytes:
    return b"OpusTags" + struct.pack("<I", len(VENDOR)) + VENDOR + struct.pack("<I", 0)


def _checksum(data: bytes) -> int:
    """Ogg's CRC is zlib's read from the other end of each byte, without its inversions."""
    found = zlib.crc32(data.translate(_MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{found:032b}"[::-1], 2)
