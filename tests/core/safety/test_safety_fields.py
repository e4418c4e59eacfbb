"""Whatever stands in any field, any query and any step of a path: an answer in words, never a 500."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from asking import BODIES, COMMANDS, FRAMES, QUERIES, everything, fill, nothing
from oddities import ODD, paths, spoilt
from safety_world import House, Socket
from web_world import PASSWORD, World
from websockets.exceptions import ConnectionClosed

from jackfield.web.api.registry import Endpoint
from jackfield.web.api.routes import endpoints
from jackfield.web.realtime import pace
from jackfield.wire.realtime import CloseCode

JSON = {"Content-Type": "application/json"}
ODD_WORDS = (
    "", "%00", "%FF%FE", "9" * 400, "-1", "1e400", "é", "%F0%9F%98%80", "[]", "{}", "null", "..%2F..",
    "x" * 3_000, "%0d%0aSet-Cookie:%20a=b", "c_", "c_zzzzzzzzzzzzz", "c_0000000000000", "'%20OR%201=1--",
)  # fmt: skip
SLOW = "wait_login"  # answers when somebody has done something, or after half a minute
AFRESH = {"remove_channel", "disable_operator", "remove_member"}  # take away what the others need


@pytest.fixture
async def owner(site: World) -> tuple[httpx.AsyncClient, dict[str, str]]:
    """An owner's browser, and a real id of his for every word."""
    for person in ("ada", "bob"):
        await site.conversation(site.alpha, person)
    browser = await site.signed_in("owner@alpha.example")
    return browser, await everything(browser, site.alpha)


def named(endpoint: Endpoint, ids: dict[str, str]) -> str:
    return "/api/v1" + re.sub(r"{(\w+)}", lambda found: ids[found[1]], endpoint.path)


async def test_no_field_of_a_body_breaks_an_endpoint(
    owner: tuple[httpx.AsyncClient, dict[str, str]],
) -> None:
    browser, ids = owner
    for endpoint in endpoints():
        if endpoint.body is None:
            continue
        good = fill(BODIES.get(endpoint.run.__name__, {}), ids)
        for path in ((), *paths(good)):
            for odd in ODD.values():
                body = spoilt(good, path, odd)
                answer = await browser.request(
                    endpoint.method, named(endpoint, ids), content=body, headers=JSON
                )
                assert answer.status_code < 500, (endpoint.path, path, odd[:100], answer.text)


@pytest.mark.parametrize("field", [(), ("email",), ("password",), ("next",)])
async def test_no_sign_in_breaks_the_door(site: World, field: tuple[str, ...]) -> None:
    good = {"email": "owner@alpha.example", "password": PASSWORD, "next": "/"}
    for odd in ODD.values():
        stranger = site.browser()
        answer = await stranger.post("/login", content=spoilt(good, field, odd), headers=JSON)
        assert answer.status_code in (200, 400, 401, 413), (odd[:100], answer.text)
        assert (answer.status_code == 200) == bool(stranger.cookies)


async def test_no_step_and_no_query_breaks_an_endpoint(
    owner: tuple[httpx.AsyncClient, dict[str, str]],
) -> None:
    browser, ids = owner
    for endpoint in endpoints():
        name = endpoint.run.__name__
        if name == SLOW:
            continue
        real = nothing() if name in AFRESH else ids
        for word in ODD_WORDS:
            for step in endpoint.steps:
                address = named(endpoint, {**real, step: word})
                answer = await _send(browser, endpoint, address, real)
                assert answer.status_code < 500, (address, answer.text)
            for field in endpoint.query.__struct_fields__ if endpoint.query else ():
                others = {k: v for k, v in fill(QUERIES.get(name, {}), real).items() if k != field}
                query = "&".join(f"{k}={v}" for k, v in {**others, field: word}.items())
                address = f"{named(endpoint, real)}?{query}"
                answer = await _send(browser, endpoint, address, real)
                assert answer.status_code < 500, (address, answer.text)


async def _send(
    browser: httpx.AsyncClient, endpoint: Endpoint, address: str, ids: dict[str, str]
) -> httpx.Response:
    options: dict[str, Any] = {}
    if endpoint.body is not None:
        options["json"] = fill(BODIES.get(endpoint.run.__name__, {}), ids)
    return await browser.request(endpoint.method, address, **options)


@pytest.mark.parametrize(
    "path", ["/media/{}", "/media/f_x/{}", "/hooks/{}", "/signin/{}", "/api/v1/{}", "/{}"]
)
async def test_no_path_breaks_a_door(site: World, path: str) -> None:
    browser = await site.signed_in("owner@alpha.example")
    for word in (*ODD_WORDS, "../../etc/passwd", "%2e%2e/%2e%2e/secret.key", "a/b/c"):
        for method in ("GET", "HEAD", "POST", "OPTIONS", "TRACE"):
            answer = await browser.request(method, path.format(word))
            assert answer.status_code < 500, (method, path, word, answer.text)
            assert "set-cookie" not in answer.headers


HEADERS = (
    "Authorization", "Cookie", "Origin", "X-CSRF-Token", "Accept-Language", "Range", "If-None-Match",
    "If-Range", "Content-Type", "Content-Length", "Idempotency-Key", "User-Agent", "X-Forwarded-For",
    "Sec-Purpose", "Host",
)  # fmt: skip
ODD_BYTES = (b"", b" ", b"\xff\xfe", b"x" * 20_000, b",;=\"'", b"9" * 5_000, b"-1", b"Bearer jf_\xff")


@pytest.mark.parametrize("name", HEADERS)
async def test_no_header_breaks_a_door(site: World, name: str) -> None:
    owner = await site.signed_in("owner@alpha.example")
    made = await owner.post("/api/v1/media", params={"workspace": site.alpha.id}, content=b"hello")
    me = "/api/v1/me"
    for value in ODD_BYTES:
        for method, path in (("GET", made.json()["url"]), ("GET", me), ("PATCH", me), ("POST", "/login")):
            headers = [(name.encode(), value)]
            answer = await owner.request(method, path, headers=headers, content=b'{"name":"Ada"}')
            assert answer.status_code < 500, (value, path, answer.text)


# -- the websocket -----------------------------------------------------------------------------------------

HEADS = {"$workspace": {"epoch": "e", "seq": 1}}
FIRST: Mapping[str, Mapping[str, Any]] = {
    "hello": {"t": "hello", "v": 1, "streams": HEADS, "locale": "en", "build": "b", "tab": "t"},
    "resume": {"t": "resume", "v": 1, "streams": HEADS, "build": "b", "tab": "t"},
}
LATER: Mapping[str, Mapping[str, Any]] = {
    **FRAMES,
    **{op: {"t": "cmd", "cid": "cid", "d": {"op": op, **said}} for op, said in COMMANDS.items()},
}
REFUSED = (CloseCode.PROTOCOL, CloseCode.TOO_BIG)


async def end_of(socket: Socket, frame: bytes) -> int | None:
    """The code with which the server ends the session over this frame; None: it goes on."""
    try:
        said: str | bytes = frame.decode()
    except UnicodeDecodeError:
        said = frame
    try:
        await socket.connection.send(said)
        await socket.answers()
    except ConnectionClosed:
        return socket.connection.close_code
    return None


async def test_no_field_of_a_frame_breaks_a_session(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is answered, or the session ends with the reason; never as if we had failed."""
    monkeypatch.setattr(pace, "BURST", 10**6)  # else most of it would not be looked at
    for person in ("ada", "bob"):
        await house.hear(house.alpha, person)
    owner = await house.signed_in("owner@alpha.example")
    ids = await everything(owner.http, house.alpha)
    socket, ends = await owner.socket(), Counter[int | None]()
    for name, frame in LATER.items():
        good = fill(frame, ids)
        for path in ((), *paths(good)):
            for odd in ODD.values():
                end = await end_of(socket, spoilt(good, path, odd))
                assert end is None or end in REFUSED, (name, path, odd[:100])
                ends[end] += 1
                if end is not None:
                    socket = await owner.socket()
    assert ends[None] > 500
    assert ends[CloseCode.PROTOCOL] > 100


@pytest.mark.parametrize("kind", FIRST)
async def test_no_field_of_a_first_frame_breaks_a_session(house: House, kind: str) -> None:
    owner = await house.program(house.alpha.people["owner"])
    good = json.loads(json.dumps(FIRST[kind]).replace("$workspace", house.alpha.id))
    for path in ((), *paths(good)):
        for odd in ODD.values():
            socket = await owner.socket(hello=False)
            end = await end_of(socket, spoilt(good, path, odd))
            assert end is None or end in REFUSED, (path, odd[:100])
            await socket.connection.close()
