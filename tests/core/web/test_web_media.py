"""Files in and out: uploads, ranges, and nothing a browser could run."""

from __future__ import annotations

import struct
import zlib
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.types import Message, Scope
from web_world import World

from jackfield.web.api.uploads import mime_of
from jackfield.web.media import disposition
from jackfield.web.ranges import NoSuchRange, parse


def png() -> bytes:
    """One white pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0\xff\xff\xff")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


async def put(world: World, content: bytes, name: str = "a.bin", mime: str = "") -> httpx.Response:
    api = await world.api(world.alpha.people["operator"])
    headers = {"Content-Type": mime} if mime else {}
    query = {"workspace": world.alpha.id, "name": name}
    return await api.post("/api/v1/media", params=query, content=content, headers=headers)


async def get(world: World, url: str, **headers: str) -> httpx.Response:
    api = await world.api(world.alpha.people["viewer"])
    return await api.get(url, headers=headers)


async def test_a_file_comes_back_as_it_was_brought(world: World) -> None:
    made = (await put(world, png(), "белый.png")).json()
    assert (made["mime"], made["width"], made["height"]) == ("image/png", 1, 1)
    answer = await get(world, made["url"])
    assert (answer.content, answer.headers["content-type"]) == (png(), "image/png")
    assert answer.headers["content-disposition"].startswith("inline; filename=")
    assert "filename*=UTF-8''%D0%B1" in answer.headers["content-disposition"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"].startswith("private")
    assert (await get(world, made["url"] + "/any/name.png")).content == png()


@pytest.mark.parametrize(
    ("content", "declared"),
    [
        (b"<!doctype html><script>alert(1)</script>", "text/html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"alert(1)", "text/javascript"),
        (b"\0\1\2", "image/png"),
    ],
)
async def test_what_could_run_or_is_no_picture_is_only_ever_downloaded(
    site: World, content: bytes, declared: str
) -> None:
    made = (await put(site, content, "x", declared)).json()
    answer = await get(site, made["url"])
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")


async def test_a_file_larger_than_allowed_is_cut_off_while_it_comes(site: World) -> None:
    object.__setattr__(site.parts, "settings", site.settings.__class__(upload_max=1000))
    seen = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal seen
        for _ in range(1000):
            seen += 1
            yield b"x" * 100

    api = await site.api(site.alpha.people["operator"])
    answer = await api.post("/api/v1/media", params={"workspace": site.alpha.id}, content=endless())
    assert answer.status_code == 413
    assert (await put(site, b"y" * 1001)).status_code == 413
    assert (await put(site, b"y" * 1000)).status_code == 200


async def test_an_upload_broken_off_leaves_nothing_and_is_no_error(
    site: World, caplog: pytest.LogCaptureFixture
) -> None:
    key = (await site.api(site.alpha.people["operator"])).headers["Authorization"]
    half: Message = {"type": "http.request", "body": b"half", "more_body": True}
    said = iter([half, {"type": "http.disconnect"}])
    answered: list[Message] = []

    async def receive() -> Message:
        return next(said)

    async def send(message: Message) -> None:
        answered.append(message)

    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/media",
        "raw_path": b"/api/v1/media",
        "query_string": f"workspace={site.alpha.id}".encode(),
        "headers": [(b"host", b"127.0.0.1:8000"), (b"authorization", key.encode())],
        "client": ("127.0.0.1", 1),
    }
    await site.app(scope, receive, send)
    assert answered == []
    assert await site.store.fetch("SELECT id FROM file") == []
    assert [path for path in site.settings.media_folder.rglob("*") if path.is_file()] == []
    assert "error" not in caplog.text.lower()


async def test_an_empty_file_is_no_file(site: World) -> None:
    assert (await put(site, b"")).status_code == 422


BODY = bytes(range(100))


@pytest.mark.parametrize(
    ("header", "status", "content", "content_range"),
    [
        ("bytes=0-9", 206, BODY[:10], "bytes 0-9/100"),
        ("bytes=90-", 206, BODY[90:], "bytes 90-99/100"),
        ("bytes=-5", 206, BODY[95:], "bytes 95-99/100"),
        ("bytes=0-1000", 206, BODY, "bytes 0-99/100"),
        ("bytes=99-99", 206, BODY[99:], "bytes 99-99/100"),
        ("bytes=100-", 416, b"", "bytes */100"),
        ("bytes=-0", 416, b"", "bytes */100"),
        ("bytes=5-2", 200, BODY, None),
        ("bytes=0-1,5-6", 200, BODY, None),
        ("lines=0-1", 200, BODY, None),
        ("bytes=", 200, BODY, None),
        ("bytes=" + "9" * 200 + "-", 200, BODY, None),
    ],
)
async def test_a_player_gets_the_part_it_asks_for(
    site: World, header: str, status: int, content: bytes, content_range: str | None
) -> None:
    made = (await put(site, BODY)).json()
    answer = await get(site, made["url"], Range=header)
    assert (answer.status_code, answer.content) == (status, content)
    assert answer.headers.get("content-range") == content_range


async def test_a_part_of_another_version_is_not_mixed_in(site: World) -> None:
    made = (await put(site, BODY)).json()
    etag = (await get(site, made["url"])).headers["etag"]
    headers = {"Range": "bytes=0-9"}
    assert (await get(site, made["url"], **headers, **{"If-Range": etag})).status_code == 206
    assert (await get(site, made["url"], **headers, **{"If-Range": '"old"'})).status_code == 200
    kept = await get(site, made["url"], **{"If-None-Match": f'"x", {etag}'})
    assert (kept.status_code, kept.content) == (304, b"")


async def test_head_says_what_get_would(site: World) -> None:
    made = (await put(site, BODY)).json()
    api = await site.api(site.alpha.people["viewer"])
    answer = await api.head(made["url"])
    assert (answer.status_code, answer.headers["content-length"], answer.content) == (200, "100", b"")


def test_no_part_of_an_empty_file() -> None:
    with pytest.raises(NoSuchRange):
        parse("bytes=0-", 0)
    assert parse("", 0) is None


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("", "attachment"),
        ("a b.pdf", "attachment; filename=\"a b.pdf\"; filename*=UTF-8''a%20b.pdf"),
        ('../"x\r\ny', "attachment; filename=\"xy\"; filename*=UTF-8''xy"),
        ("ё%41.txt", "attachment; filename=\"__41.txt\"; filename*=UTF-8''%D1%91%2541.txt"),
    ],
)
def test_a_name_stays_inside_its_header(name: str, header: str) -> None:
    assert disposition("attachment", name) == header


@pytest.mark.parametrize(
    ("sniffed", "declared", "mime"),
    [
        ("image/png", "text/html", "image/png"),
        ("application/octet-stream", "application/vnd.ms-excel; x=1", "application/vnd.ms-excel"),
        ("application/octet-stream", "video/mp4", "application/octet-stream"),
        ("text/plain", "", "text/plain"),
        ("text/plain", "nonsense", "text/plain"),
        ("application/zip", "application/octet-stream", "application/zip"),
    ],
)
def test_bytes_are_believed_before_words(sniffed: str, declared: str, mime: str) -> None:
    assert mime_of(sniffed, declared) == mime
