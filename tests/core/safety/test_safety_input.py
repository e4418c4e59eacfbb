"""Input made to break something: refused in time and in words, on each engine, never a 500."""

from __future__ import annotations

import struct
import time

import msgspec
import pytest
from web_world import World

from jackfield.web.api.me import ChangeMe
from jackfield.web.api.registry import invalid
from jackfield.web.ranges import parse

HUGE = 10**30
EDGE = 2**63
WITHIN = 1.0  # seconds of a processor: what takes this long holds up everybody


async def test_a_number_no_database_holds_is_refused(world: World) -> None:
    conversation = await world.conversation(world.alpha)
    owner = await world.signed_in("owner@alpha.example")
    here = f"/api/v1/conversations/{conversation}"
    said = {"parts": [{"type": "text", "body": "hi"}]}
    for number in (HUGE, EDGE, -EDGE - 1, -HUGE):
        answers = [
            await owner.post(f"{here}/read", json={"pos": number}),
            await owner.post(f"{here}/snooze", json={"until": number}),
            await owner.post(f"{here}/messages", json={**said, "due_at": number}),
            await owner.post(f"{here}/messages", json={**said, "expires_at": number}),
            await owner.post(f"{here}/messages", json={**said, "seen_pos": number}),
            await owner.post("/api/v1/tokens", json={"name": "t", "expires_at": number}),
            await owner.get("/api/v1/conversations", params={"limit": number}),
        ]
        for answer in answers:
            assert answer.status_code in (200, 409, 422), (number, answer.request.url, answer.text)


async def test_a_zero_byte_is_refused_or_kept_as_a_sign_for_it(world: World) -> None:
    conversation = await world.conversation(world.alpha)
    owner = await world.signed_in("owner@alpha.example")
    here, zero = f"/api/v1/conversations/{conversation}", "a\0b"
    (contact,) = (await owner.get("/api/v1/contacts", params={"workspace": world.alpha.id})).json()["items"]
    answers = [
        await world.browser().post("/login", json={"email": zero, "password": zero}),
        await world.browser().post("/login", data={"email": zero, "password": zero}),
        await world.browser().get("/signin/a%00b"),
        await owner.post(
            f"{here}/messages", json={"parts": [{"type": "text", "body": zero}], "mode": "note"}
        ),
        await owner.put(f"{here}/draft", json={"text": zero}),
        await owner.post(f"{here}/close", headers={"Idempotency-Key": "a"}),
        await owner.patch(
            f"/api/v1/contacts/{contact['id']}", json={"name": zero, "attributes": {zero: zero}}
        ),
        await owner.get("/api/v1/contacts", params={"workspace": world.alpha.id, "q": zero}),
        await owner.get("/api/v1/messages", params={"channel": world.alpha.channel_id, "external_id": zero}),
        await owner.post(
            "/api/v1/labels", json={"workspace": world.alpha.id, "name": zero, "color": "#112233"}
        ),
        await owner.post("/api/v1/tokens", json={"name": zero}),
        await owner.post("/api/v1/workspaces", json={"name": zero}),
        await owner.patch("/api/v1/me", json={"name": zero}),
        await owner.patch(f"/api/v1/channels/{world.alpha.channel_id}", json={"name": zero}),
        await owner.post(
            f"/api/v1/workspaces/{world.alpha.id}/operators", json={"email": f"{zero}@x.org", "name": zero}
        ),
        await owner.post(
            "/api/v1/media", params={"workspace": world.alpha.id, "name": zero}, content=b"hello"
        ),
    ]
    for answer in answers:
        assert answer.status_code < 500, (answer.request.method, answer.request.url, answer.text)


NESTED = b"[" * 100_000 + b"]" * 100_000


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/commands", b'{"zz":' + NESTED + b',"op":"conv.close","conv":"c"}'),
        ("/api/v1/commands", b'{"op":"conv.close","conv":' + NESTED + b"}"),
        ("/api/v1/tokens", NESTED),
        ("/api/v1/tokens", b'{"name":' + NESTED + b"}"),
        ("/login", b'{"email":' + NESTED[:5000] + b"}"),
    ],
)
async def test_json_nested_without_end_is_refused(site: World, path: str, body: bytes) -> None:
    owner = await site.signed_in("owner@alpha.example")
    answer = await owner.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422), answer.text


def test_a_range_of_a_million_spaces_takes_no_time() -> None:
    started = time.process_time()
    assert parse("bytes=" + " " * 1_000_000 + "x", 100) is None
    assert time.process_time() - started < WITHIN


def test_a_field_named_to_mislead_us_is_refused_in_no_time() -> None:
    """Its name holds our own words for a place, a hundred thousand times."""
    body = msgspec.json.encode({" - at `$" * 120_000 + "\n": 1})
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.json.decode(body, type=ChangeMe)
    started = time.process_time()
    said = invalid(refused.value)
    assert time.process_time() - started < WITHIN
    assert len(msgspec.json.encode(said.data)) < 5000


def bomb(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + head + bytes(64)


@pytest.mark.parametrize(
    "content",
    [
        bomb(2**32 - 1, 2**32 - 1),
        bomb(2**31, 1),
        b"\xff\xd8" + b"\xff\xe0\x00\x00" * 500,
        b"GIF89a",
        b"\xff\xd8\xff",
    ],
    ids=["picture without end", "just too wide", "segments without end", "cut gif", "cut jpeg"],
)
async def test_a_picture_is_measured_by_its_head_alone_whatever_that_says(
    world: World, content: bytes
) -> None:
    operator = await world.api(world.alpha.people["operator"])
    started = time.perf_counter()
    made = await operator.post("/api/v1/media", params={"workspace": world.alpha.id}, content=content)
    assert time.perf_counter() - started < 5 * WITHIN
    assert made.status_code == 200, made.text
    assert (made.json()["width"], made.json()["height"]) == (None, None)
    assert (await operator.get(made.json()["url"])).content == content
