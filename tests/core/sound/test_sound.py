"""A browser's recording becomes Ogg: nothing lost, nothing that could be a trap taken in.

The samples were recorded by Chromium's MediaRecorder: a tone of 440 Hz, for about 1.5 seconds.
"""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest
from msgspec import Struct

from jackfield.sound import Unreadable, ogg_of_webm
from jackfield.sound.ogg import ogg_file, page
from jackfield.sound.opus import RATE, Head, Track, read_head, samples, write_head
from jackfield.sound.webm import opus_track

DATA = Path(__file__).parent / "data"
MONO, STEREO = (DATA / "mono.webm").read_bytes(), (DATA / "stereo.webm").read_bytes()
TWENTY_MS = bytes([0b01001_000])  # SILK, one frame of 20 ms


class Page(Struct, frozen=True):
    kind: int
    at: int
    number: int
    packets: list[bytes]


def crc(data: bytes) -> int:
    """Ogg's checksum as RFC 3533 says it, bit by bit."""
    value = 0
    for byte in data:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7 if value & 0x80000000 else value << 1) & 0xFFFFFFFF
    return value


def pages(data: bytes) -> list[Page]:
    """Every page, with its checksum proven."""
    found: list[Page] = []
    while data:
        magic, _, kind, at, _, number, checksum, count = struct.unpack("<4sBBqIIIB", data[:27])
        laces = data[27 : 27 + count]
        whole = data[: 27 + count + sum(laces)]
        assert magic == b"OggS"
        assert crc(whole[:22] + b"\0\0\0\0" + whole[26:]) == checksum
        body, packets, held = whole[27 + count :], list[bytes](), b""
        for lace in laces:
            held, body = held + body[:lace], body[lace:]
            if lace < 255:
                packets.append(held)
                held = b""
        found.append(Page(kind, at, number, packets))
        data = data[len(whole) :]
    return found


@pytest.mark.parametrize("webm", [MONO, STEREO], ids=["mono", "stereo"])
def test_every_packet_is_there_as_it_was(webm: bytes) -> None:
    head, tags, *sound = pages(ogg_of_webm(webm))
    packets = [packet for one in sound for packet in one.packets]
    assert tuple(packets) == opus_track(webm).packets
    assert tags.packets[0].startswith(b"OpusTags")
    assert head.packets[0][:10] == b"OpusHead\x01\x01", "one channel, whatever was recorded"
    assert [one.number for one in (head, tags, *sound)] == list(range(len(sound) + 2))
    assert [one.kind for one in (head, *sound)] == [2, *[0] * (len(sound) - 1), 4]


@pytest.mark.parametrize(("webm", "seconds"), [(MONO, 1.44), (STEREO, 1.5)], ids=["mono", "stereo"])
def test_it_is_as_long_as_it_was(webm: bytes, seconds: float) -> None:
    *_, last = pages(ogg_of_webm(webm))
    assert last.at / RATE == pytest.approx(seconds)


def test_a_page_holds_about_a_second_and_no_more_pieces_than_fit() -> None:
    many = Track(head=Head(), packets=(TWENTY_MS,) * 120)
    assert [one.at for one in pages(ogg_file(many))[2:]] == [48_000, 96_000, 115_200]
    thick = Track(head=Head(), packets=(TWENTY_MS + b"x" * 3000,) * 40)
    assert [len(one.packets) for one in pages(ogg_file(thick))[2:]] == [21, 19]


def test_what_is_not_to_be_heard_at_the_end_is_said_on_the_last_page() -> None:
    cut = Track(head=Head(), packets=(TWENTY_MS,) * 3, cut=500)
    assert pages(ogg_file(cut))[-1].at == 3 * 960 - 500


@pytest.mark.parametrize(
    ("first", "second", "long"),
    [
        (0b00000_000, 0, 480),
        (0b00011_000, 0, 2880),
        (0b01110_001, 0, 960),
        (0b11111_010, 0, 1920),
        (0b11100_011, 48, 48 * 120),
    ],
)
def test_a_packet_says_how_long_it_is(first: int, second: int, long: int) -> None:
    assert samples(bytes([first, second])) == long


@pytest.mark.parametrize(
    ("packet", "why"),
    [
        (b"", "0 bytes"),
        (b"x" * 70_000, "70000 bytes"),
        (bytes([0b00000_011]), "how many frames"),
        (bytes([0b00000_011, 0]), "has no frame"),
        (bytes([0b00011_011, 3]), "longer than 120 ms"),
    ],
)
def test_what_is_no_packet_is_refused(packet: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        samples(packet)


@pytest.mark.parametrize(
    ("head", "why"),
    [
        (b"OpusHead", "too short"),
        (b"VorbHead" + b"\1\1" + bytes(9), "no head that Opus knows"),
        (b"OpusHead" + b"\x11\1" + bytes(9), "no head that Opus knows"),
        (b"OpusHead" + b"\1\6" + bytes(9), "6 channels"),
        (b"OpusHead" + b"\1\2" + bytes(8) + b"\1", "2 channels"),
    ],
)
def test_what_is_no_head_is_refused(head: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read_head(head)


def test_a_head_keeps_what_it_says() -> None:
    head = Head(skip=3840, rate=44_100, gain=-5)
    assert read_head(write_head(head)) == head


# -- files that are not what they should be -------------------------------------------------------------


def element(number: int, value: bytes) -> bytes:
    return (
        number.to_bytes((number.bit_length() + 7) // 8, "big")
        + struct.pack(">Q", len(value) | 1 << 56)
        + value
    )


EBML = element(0x1A45DFA3, element(0x4282, b"webm"))
OPUS = element(0xD7, b"\1") + element(0x86, b"A_OPUS")


def webm(entry: bytes, *blocks: bytes) -> bytes:
    tracks = element(0x1654AE6B, element(0xAE, entry))
    cluster = element(0x1F43B675, b"".join(element(0xA3, block) for block in blocks))
    return EBML + element(0x18538067, tracks + cluster)


def block(packet: bytes, *, track: int = 1, flags: int = 0x80) -> bytes:
    return bytes([0x80 | track, 0, 0, flags]) + packet


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no WebM"),
        (b"OggS" + bytes(40), "no WebM"),
        (EBML, "no Opus track"),
        (webm(element(0x86, b"V_VP8")), "no Opus track"),
        (webm(OPUS), "nothing to hear"),
        (webm(OPUS, block(TWENTY_MS, track=2)), "nothing to hear"),
        (webm(OPUS, block(b"")), "0 bytes"),
        (webm(OPUS, b"\x81\0"), "ends too early"),
        (webm(OPUS, block(TWENTY_MS, flags=0x82)), "several packets"),
        (webm(OPUS + element(0x6D80, b"x"), block(TWENTY_MS)), "compressed or encrypted"),
        (webm(OPUS + element(0x63A2, b"x"), block(TWENTY_MS)), "too short"),
        (webm(OPUS, block(TWENTY_MS))[:-1], "ends in the middle"),
        (EBML + b"\0" * 40, "no element"),
        (EBML + b"\xa3", "ends in the middle"),
        (EBML + b"\xa3\0", "has no size"),
        (EBML + b"\xa3\x01" + b"\xff" * 7, "ends in the middle"),
        (EBML + b"\xa3\x08", "has no size"),
    ],
)  # fmt: skip
def test_what_is_no_recording_is_refused_with_why(data: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        ogg_of_webm(data)


def test_a_block_in_a_group_and_its_padding_are_read() -> None:
    group = element(0xA0, element(0xA1, block(TWENTY_MS)) + element(0x75A2, (5_000_000).to_bytes(4, "big")))
    data = EBML + element(0x18538067, element(0x1654AE6B, element(0xAE, OPUS)) + element(0x1F43B675, group))
    assert opus_track(data) == Track(head=Head(), packets=(TWENTY_MS,), cut=240)


def test_whatever_becomes_of_a_file_it_is_sound_or_unreadable() -> None:
    chance = random.Random(20_261)
    for _ in range(3000):
        broken = bytearray(chance.choice((MONO, STEREO)))
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(broken) if chance.random() < 0.3 else 300)
            match chance.randrange(3):
                case 0:
                    broken[at] = chance.randrange(256)
                case 1:
                    del broken[at : at + chance.randint(1, 40)]
                case _:
                    broken[at:at] = chance.randbytes(chance.randint(1, 9))
        try:
            made = ogg_of_webm(bytes(broken))
        except Unreadable:
            continue
        assert pages(made)[-1].kind == 4


def test_a_page_takes_a_packet_of_whole_laces() -> None:
    (one,) = pages(page([b"x" * 510], at=1, number=0))
    assert one.packets == [b"x" * 510]
