"""The media folder: whole files or none, told by their bytes, under names of our own."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import struct
import time
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jackfield.errors import NotFound, TooLarge, Unavailable
from jackfield.store.files import Files
from jackfield.store.sniff import measure, sniff


async def stream(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def whole(files: Files, path: str, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([block async for block in files.open(path, start, end)])


def everything(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "media")


async def test_a_file_comes_back_as_it_went(files: Files, tmp_path: Path) -> None:
    data = os.urandom(700_000)
    stored = await files.write(stream(data[:1], data[1:300_000], b"", data[300_000:]), limit=len(data))
    assert stored.size == len(data)
    assert stored.sha256 == hashlib.sha256(data).hexdigest()
    assert await whole(files, stored.path) == data
    assert everything(tmp_path) == [tmp_path / "media" / stored.path]


@pytest.mark.parametrize(
    ("start", "end"), [(0, None), (0, 0), (0, 1), (5, 9), (9, None), (10, None), (99, None), (5, 99), (6, 3)]
)
async def test_a_range_is_those_bytes(files: Files, start: int, end: int | None) -> None:
    stored = await files.write(stream(b"0123456789"), limit=10)
    assert await whole(files, stored.path, start, end) == b"0123456789"[start:end]


async def test_an_empty_file_is_a_file(files: Files) -> None:
    stored = await files.write(stream(), limit=10)
    assert (stored.size, stored.mime) == (0, "application/octet-stream")
    assert await whole(files, stored.path) == b""


async def test_too_much_is_refused_as_soon_as_it_is_seen(files: Files, tmp_path: Path) -> None:
    asked = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal asked
        while True:
            asked += 1
            yield b"x" * 1000

    with pytest.raises(TooLarge) as caught:
        await files.write(endless(), limit=10_000)
    assert caught.value.data == {"limit": 10_000}
    assert asked == 11
    assert everything(tmp_path) == []


async def test_a_stream_that_breaks_leaves_nothing(files: Files, tmp_path: Path) -> None:
    async def breaks() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError, match="gone"):
        await files.write(breaks(), limit=100)
    assert everything(tmp_path) == []


async def test_a_write_that_is_cancelled_leaves_nothing(files: Files, tmp_path: Path) -> None:
    begun = asyncio.Event()

    async def hangs() -> AsyncIterator[bytes]:
        yield b"half"
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(files.write(hangs(), limit=100))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert everything(tmp_path) == []


async def test_a_disk_that_refuses_is_unavailable(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable, match="No space left"):
        await files.write(stream(b"data"), limit=100)
    assert everything(tmp_path) == []


@pytest.mark.parametrize(
    "path",
    [
        "",
        "../../etc/passwd",
        "/etc/passwd",
        "ab/cd/../../../secret.key",
        "ab/cd/" + "0" * 31,
        "ab/cd/" + "0" * 32 + "\n",
        "ab/cd/" + "0" * 32 + "/x",
        "AB/CD/" + "0" * 32,
        "ab\\cd\\" + "0" * 32,
        "partial/" + "0" * 32,
        "ab/cd/" + "0" * 32,  # well formed, and not there
    ],
)
async def test_a_path_that_is_not_ours_names_nothing(files: Files, path: str) -> None:
    with pytest.raises(NotFound):
        await whole(files, path)


async def test_a_removed_file_is_gone_and_removing_it_twice_is_no_error(files: Files) -> None:
    stored = await files.write(stream(b"x"), limit=1)
    await files.remove(stored.path)
    await files.remove(stored.path)
    with pytest.raises(NotFound):
        await whole(files, stored.path)
    with pytest.raises(NotFound):
        await files.remove("../x")


async def test_old_drafts_are_swept_and_new_ones_left(files: Files, tmp_path: Path) -> None:
    partial = tmp_path / "media" / "partial"
    partial.mkdir(parents=True)
    (partial / "new").write_bytes(b"")
    (partial / "old").write_bytes(b"")
    yesterday = time.time() - 100_000
    os.utime(partial / "old", (yesterday, yesterday))
    await files.sweep()
    assert os.listdir(partial) == ["new"]


def png(width: int, height: int) -> bytes:
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))


def jpeg(width: int, height: int, *, exif: int = 0) -> bytes:
    app = b"\xff\xe1" + struct.pack(">H", exif + 2) + b"\xd8" * exif if exif else b""
    return b"\xff\xd8" + app + b"\xff\xc0" + struct.pack(">HBHH", 11, 8, height, width) + b"\x01" * 6


def webp(kind: bytes, body: bytes) -> bytes:
    return b"RIFF\0\0\0\0WEBP" + kind + struct.pack("<I", len(body)) + body


PICTURES = [
    (png(640, 480), "image/png", 640, 480),
    (jpeg(1024, 768), "image/jpeg", 1024, 768),
    (jpeg(1024, 768, exif=60_000), "image/jpeg", 1024, 768),
    (b"GIF89a" + struct.pack("<HH", 20, 10) + b"\0" * 9, "image/gif", 20, 10),
    (webp(b"VP8 ", b"\0" * 6 + struct.pack("<HH", 512, 256)), "image/webp", 512, 256),
    (webp(b"VP8L", b"\x2f" + struct.pack("<I", 511 | 255 << 14) + b"\0" * 9), "image/webp", 512, 256),
    (webp(b"VP8X", b"\0" * 4 + b"\xff\x01\0" + b"\xff\0\0"), "image/webp", 512, 256),
    (png(0, 480), "image/png", None, None),
    (png(640, 480)[:20], "image/png", None, None),
    (b"\xff\xd8\xff\xe0\0\0" * 50, "image/jpeg", None, None),
    (b"\xff\xd8\xff\xe1\xff\xff", "image/jpeg", None, None),
    (webp(b"VP8 ", b""), "image/webp", None, None),
]


@pytest.mark.parametrize(("data", "mime", "width", "height"), PICTURES)
async def test_a_picture_is_measured(
    files: Files, data: bytes, mime: str, width: int | None, height: int | None
) -> None:
    stored = await files.write(stream(data), limit=1_000_000)
    assert (stored.mime, stored.width, stored.height) == (mime, width, height)


SAMPLES: list[tuple[bytes, str]] = [
    (b"OggS\0\x02" + b"\0" * 20 + b"\x01\x13OpusHead", "audio/ogg"),
    (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "video/mp4"),
    (b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41", "video/mp4"),
    (b"\0\0\0\x18ftypM4A \0\0\0\0", "audio/mp4"),
    (b"\0\0\0\x18ftypiso5\0\0\0\0" + b"hdlr" + bytes(8) + b"soun", "audio/mp4"),
    (
        b"\0\0\0\x18ftypiso5\0\0\0\0" + b"hdlr" + bytes(8) + b"soun" + b"hdlr" + bytes(8) + b"vide",
        "video/mp4",
    ),
    (b"\x1aE\xdf\xa3\x9fwebm" + b"\x86\x86A_OPUS", "audio/webm"),
    (b"\x1aE\xdf\xa3\x9fwebm" + b"\x86\x86A_OPUS\x86\x85V_VP9", "video/webm"),
    (b"\x1aE\xdf\xa3\x9fwebm", "video/webm"),
    (b"\0\0\0\x18ftyp3gp4\0\0\0\0", "video/3gpp"),
    (b"\0\0\0\x18ftypheic\0\0\0\0", "image/heic"),
    (b"ID3\x03\0\0\0\0\0\x21", "audio/mpeg"),
    (b"\xff\xfb\x90\x64" + b"\0" * 50, "audio/mpeg"),
    (b"\xff\xf1\x50\x80" + b"\0" * 50, "audio/aac"),
    (b"#!AMR\n\x3c", "audio/amr"),
    (b"RIFF\x24\0\0\0WAVEfmt ", "audio/wav"),
    (b"%PDF-1.7\n%\xe2\xe3", "application/pdf"),
    (b"PK\x03\x04" + b"\0" * 40, "application/zip"),
    (
        b"PK\x03\x04\x14\0\6\0"
        + b"\0" * 18
        + b"[Content_Types].xml"
        + b"\0" * 99
        + b"PK\x03\x04word/document.xml",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    (b"<!DOCTYPE html><html><script>alert(1)</script>", "text/html"),
    (b"   <HTML>", "text/html"),
    (b"hello <script>alert(1)</script>", "text/html"),
    (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml"),
    (b"BEGIN:VCARD\nVERSION:3.0\n", "text/vcard"),
    (b"hello", "text/plain"),
    ("привет, мир".encode(), "text/plain"),
    (("я" * 4096).encode()[:4096], "text/plain"),
    (("a" + "я" * 4096).encode()[:4096], "text/plain"),
    (b"MZ\x90\0" + b"\0" * 60, "application/vnd.microsoft.portable-executable"),
    (b"\0\1\2\3", "application/octet-stream"),
    (b"", "application/octet-stream"),
]


@pytest.mark.parametrize(("head", "mime"), SAMPLES)
def test_bytes_say_what_a_file_is(head: bytes, mime: str) -> None:
    assert sniff(head) == mime


@given(
    st.binary(max_size=300), st.sampled_from([b"", *(head for head, _ in SAMPLES), *(p[0] for p in PICTURES)])
)
def test_no_bytes_break_the_sniffer(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, start: bytes
) -> None:
    mime = sniff(start + data)
    assert "/" in mime
    path = tmp_path_factory.getbasetemp() / "sniffed"
    path.write_bytes(start + data)
    width, height = measure(path, mime)
    assert (width is None) == (height is None)
