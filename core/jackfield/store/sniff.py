"""What a file is, told by its bytes and never by its name: MIME type, and the size of a picture."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import IO

import puremagic

HEAD = 4096  # bytes that sniff wants to see

Size = tuple[int | None, int | None]  # pixels, width and height
_UNKNOWN: Size = (None, None)
_WIDEST = 65_535  # pixels of a side: a head that says more is not believed
_ANYTHING = "application/octet-stream"

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"#!AMR", "audio/amr"),
    (b"fLaC", "audio/flac"),
    (b"%PDF-", "application/pdf"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"{\\rtf", "application/rtf"),
    (b"BEGIN:VCARD", "text/vcard"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_BRANDS = {  # of ISO base media files; the others are video/mp4
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"qt  ": "video/quicktime",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heif",
    b"avif": "image/avif",
}
_SOUND, _PICTURES = re.compile(rb"\x86.A_", re.DOTALL), re.compile(rb"\x86.V_", re.DOTALL)
"""Tracks of a WebM file: they stand at its start, each with the name of its codec."""
_OFFICE = "application/vnd.openxmlformats-officedocument."
_INSIDE_ZIP: tuple[tuple[bytes, str], ...] = (
    (b"mimetypeapplication/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"),
    (
        b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.oasis.opendocument.spreadsheet",
    ),
    (b"mimetypeapplication/epub+zip", "application/epub+zip"),
    (b"word/", f"{_OFFICE}wordprocessingml.document"),
    (b"xl/", f"{_OFFICE}spreadsheetml.sheet"),
    (b"ppt/", f"{_OFFICE}presentationml.presentation"),
    (b"AndroidManifest.xml", "application/vnd.android.package-archive"),
)
_MARKUP: tuple[tuple[bytes, str], ...] = (
    (b"<!doctype html", "text/html"),
    (b"<html", "text/html"),
    (b"<svg", "image/svg+xml"),
    (b"<script", "text/html"),
)


def sniff(head: bytes) -> str:
    """The MIME type of a file that begins with `head`; application/octet-stream where nobody can tell.

    What a browser could run (HTML, SVG) is always called by its name.
    """
    known = next((mime for start, mime in _STARTS if head.startswith(start)), "") or _container(head)
    if known:
        return known
    if _is_text(head):
        lower = head.lower()
        return next((mime for mark, mime in _MARKUP if mark in lower), "text/plain")
    try:
        return puremagic.from_string(head, mime=True) or _ANYTHING  # pyright: ignore[reportUnknownMemberType]
    except (puremagic.PureError, ValueError):
        return _ANYTHING


def _container(head: bytes) -> str:
    """Files whose first bytes only say what kind of box they are; "" for others."""
    if head.startswith(b"RIFF"):
        return _RIFF.get(head[8:12], "")
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "audio/webm" if _SOUND.search(head) and not _PICTURES.search(head) else "video/webm"
    if head[4:8] == b"ftyp":
        return _iso(head)
    if head.startswith(b"PK\x03\x04"):
        return next((mime for mark, mime in _INSIDE_ZIP if mark in head), "application/zip")
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:  # a frame of MPEG audio
        return "audio/aac" if head[1] & 0x06 == 0 else "audio/mpeg"
    return ""


def _iso(head: bytes) -> str:
    """An ISO base media file, by its brand; what a browser records has that of a film."""
    brand = head[8:12]
    if brand.startswith((b"3gp", b"3g2")):
        return "video/3gpp"
    return _BRANDS.get(brand) or ("audio/mp4" if b"soun" in head and b"vide" not in head else "video/mp4")


def _is_text(head: bytes) -> bool:
    """UTF-8 without control characters; the last character may be cut."""
    try:
        text = head[:-3].decode() if len(head) >= HEAD else head.decode()
    except UnicodeDecodeError as error:
        if len(head) < HEAD or error.start < len(head) - 6:
            return False
        text = head[: error.start].decode()
    return bool(text) and not any(letter < " " and letter not in "\t\n\r\f\x1b" for letter in text)


def measure(path: Path, mime: str) -> Size:
    """Width and height of a PNG, JPEG, GIF or WebP picture; None for anything else or anything broken."""
    reader = {"image/png": _png, "image/gif": _gif, "image/jpeg": _jpeg, "image/webp": _webp}.get(mime)
    if reader is None:
        return _UNKNOWN
    with path.open("rb") as file:
        try:
            width, height = reader(file)
        except (struct.error, IndexError):
            return _UNKNOWN
    if not width or not height or max(width, height) > _WIDEST:
        return _UNKNOWN
    return width, height


def _png(file: IO[bytes]) -> Size:
    width, height = struct.unpack(">II", file.read(24)[16:24])
    return width, height


def _gif(file: IO[bytes]) -> Size:
    width, height = struct.unpack("<HH", file.read(10)[6:10])
    return width, height


def _jpeg(file: IO[bytes]) -> Size:
    """Walk the segments to the frame header. At most a hundred of them: a picture has about ten."""
    file.seek(2)
    for _ in range(100):
        marker, kind, length = struct.unpack(">BBH", file.read(4))
        if marker != 0xFF:
            return _UNKNOWN
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">xHH", file.read(5))
            return width, height
        file.seek(length - 2, 1)
    return _UNKNOWN


def _webp(file: IO[bytes]) -> Size:
    head = file.read(30)
    match head[12:16]:
        case b"VP8 ":
            width, height = struct.unpack("<HH", head[26:30])
            return width & 0x3FFF, height & 0x3FFF
        case b"VP8L":
            (bits,) = struct.unpack("<I", head[21:25])
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X":
            return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
        case _:
            return _UNKNOWN
