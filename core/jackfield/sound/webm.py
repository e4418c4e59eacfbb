"""Reading WebM: the Opus track of a recording. Elements are walked flat, so that those of unknown size,
which a browser writes while it records, need no end (RFC 8794, RFC 9559)."""

from __future__ import annotations

from collections.abc import Iterator

from .opus import RATE, Head, Track, Unreadable, read_head


class Id:
    """The elements that are looked at."""

    EBML = 0x1A45DFA3
    SEGMENT = 0x18538067
    CLUSTER = 0x1F43B675
    TRACKS = 0x1654AE6B
    ENTRY = 0xAE
    AUDIO = 0xE1
    GROUP = 0xA0
    NUMBER = 0xD7
    CODEC = 0x86
    PRIVATE = 0x63A2
    ENCODINGS = 0x6D80
    BLOCK = 0xA1
    SIMPLE_BLOCK = 0xA3
    PADDING = 0x75A2


_INSIDE = frozenset({Id.SEGMENT, Id.CLUSTER, Id.TRACKS, Id.ENTRY, Id.AUDIO, Id.GROUP})
MOST_PACKETS = 1_000_000  # five and a half hours of 20 ms
_LACING = 0x06


def opus_track(data: bytes) -> Track:
    """The first Opus track. Raises Unreadable, saying why."""
    if not data.startswith(Id.EBML.to_bytes(4, "big")):
        raise Unreadable("it is no WebM file")
    tracks: list[dict[int, bytes]] = []
    blocks: list[bytes] = []
    padding = 0
    for element, value in _elements(data):
        match element:
            case Id.ENTRY:
                tracks.append({})
            case Id.NUMBER | Id.CODEC | Id.PRIVATE | Id.ENCODINGS if tracks:
                tracks[-1].setdefault(element, value)
            case Id.BLOCK | Id.SIMPLE_BLOCK:
                blocks.append(value)
                padding = 0
                if len(blocks) > MOST_PACKETS:
                    raise Unreadable("the recording is too long")
            case Id.PADDING:
                padding = int.from_bytes(value[:8], "big", signed=True)
            case _:
                pass
    number, head = _chosen(tracks)
    packets = tuple(packet for block in blocks if (packet := _packet(block, number)) is not None)
    return Track(head=head, packets=packets, cut=max(padding, 0) * RATE // 1_000_000_000)


def _chosen(tracks: list[dict[int, bytes]]) -> tuple[int, Head]:
    """The number and the head of the track to take."""
    for track in tracks:
        if track.get(Id.CODEC, b"").rstrip(b"\0") == b"A_OPUS":
            if Id.ENCODINGS in track:
                raise Unreadable("the track is compressed or encrypted once more")
            head = read_head(track[Id.PRIVATE]) if Id.PRIVATE in track else Head()
            return int.from_bytes(track.get(Id.NUMBER, b"\1")[:8], "big"), head
    raise Unreadable("it has no Opus track")


def _packet(block: bytes, number: int) -> bytes | None:
    """The packet in a block of a track; None for a block of another."""
    track, start = _size(block, 0)
    if track != number:
        return None
    start += 2  # its time within the cluster
    if start >= len(block):
        raise Unreadable("a block ends too early")
    if block[start] & _LACING:
        raise Unreadable("a block holds several packets")
    return block[start + 1 :]


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Every element in its order, those that hold others as their bare mark."""
    at = 0
    while at < len(data):
        element, at = _id(data, at)
        size, at = _size(data, at)
        if element in _INSIDE:
            yield element, b""
            continue
        if size is None or size > len(data) - at:
            raise Unreadable("the file ends in the middle")
        yield element, data[at : at + size]
        at += size


def _id(data: bytes, at: int) -> tuple[int, int]:
    """An element's id, with its marker bits, and where it ends."""
    length = 9 - data[at].bit_length()
    if length > 4 or at + length > len(data):
        raise Unreadable("something in it is no element")
    return int.from_bytes(data[at : at + length], "big"), at + length


def _size(data: bytes, at: int) -> tuple[int | None, int]:
    """A number of variable length, None for "unknown", and where it ends."""
    if at >= len(data):
        raise Unreadable("the file ends in the middle")
    length = 9 - data[at].bit_length()
    if length > 8 or at + length > len(data):
        raise Unreadable("something in it has no size")
    value = int.from_bytes(data[at : at + length], "big") & ((1 << 7 * length) - 1)
    return (None if value == (1 << 7 * length) - 1 else value), at + length
