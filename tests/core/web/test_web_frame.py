"""What lies around every answer: headers, hosts, health, figures, the start of a page."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import pytest
from httpx import ASGITransport, AsyncClient
from starlette.requests import Request
from starlette.responses import HTMLResponse
from web_world import URL, World

from jackfield.errors import Unavailable
from jackfield.settings import Settings
from jackfield.web import create_app
from jackfield.web.auth.cookies import cookie_name
from jackfield.web.auth.door import Door
from jackfield.web.auth.visits import Visits
from jackfield.web.headers import SecurityHeaders, host_name, is_loopback
from jackfield.web.metrics import SECONDS, Counter, Histogram, area_of
from jackfield.web.site import WebSite
from jackfield.wire.views import Boot

PATHS = ["/healthz", "/api/v1/me", "/nothing", "/media/f_0000000000005", "/hooks/none", "/login"]


@pytest.mark.parametrize("path", PATHS)
async def test_every_answer_carries_the_strict_headers(site: World, path: str) -> None:
    headers = (await site.browser().get(path)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "geolocation=()" in headers["permissions-policy"]
    assert "strict-transport-security" not in headers


async def test_a_nonce_is_used_once(site: World) -> None:
    page = SecurityHeaders(HTMLResponse("<p>here</p>"), site.settings)
    async with AsyncClient(transport=ASGITransport(page), base_url="http://localhost") as browser:
        policies = [(await browser.get("/")).headers["content-security-policy"] for _ in range(2)]
    found = [re.findall(r"'nonce-([^']+)'", policy) for policy in policies]
    assert found[0][0] == found[0][1]  # scripts and styles of one answer
    assert found[0][0] != found[1][0]
    assert len(found[0][0]) >= 20


async def test_what_is_no_page_may_load_nothing(site: World) -> None:
    policy = (await site.browser().get("/healthz")).headers["content-security-policy"]
    assert "'self'" not in policy
    assert "nonce" not in policy


async def test_https_makes_everything_stricter(site: World) -> None:
    settings = msgspec.structs.replace(site.settings, url="https://inbox.example")
    object.__setattr__(site.parts, "settings", settings)
    site.app = create_app(site.parts)
    browser = site.browser(Host="inbox.example", Origin="https://inbox.example")
    answer = await browser.post(
        "/login", json={"email": "owner@alpha.example", "password": "correct horse battery"}
    )
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-jackfield=")
    assert "Secure" in cookie
    assert "Domain" not in cookie


def test_two_installs_on_one_machine_keep_their_cookies_apart() -> None:
    names = {cookie_name(Settings(url=f"http://127.0.0.1:{port}")) for port in (8000, 8001)}
    assert len(names) == 2


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::1", "10.0.0.1", "a b"])
async def test_no_other_name_is_answered(site: World, host: str) -> None:
    answer = await site.browser().get("/api/v1/me", headers={"Host": host})
    assert answer.status_code == 421
    assert answer.json()["code"] == "wrong_host"


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:9", "[::1]:8000", "127.0.0.1"])
async def test_this_machine_is_always_answered(site: World, host: str) -> None:
    assert (await site.browser().get("/api/v1/me", headers={"Host": host})).status_code == 401


async def test_probes_may_come_by_address(site: World) -> None:
    for path in ("/healthz", "/readyz"):
        assert (await site.browser().get(path, headers={"Host": "10.2.3.4:8000"})).status_code == 200


def test_hosts_are_read_with_care() -> None:
    assert [is_loopback(host) for host in ("localhost", "::1", "127.8.8.8", "example.org", "")] == [
        True, True, True, False, False,
    ]  # fmt: skip
    assert [host_name(text) for text in ("A.example:80", "[::1]:1", "[", "")] == ["a.example", "::1", "", ""]


async def test_ready_means_that_it_can_work(world: World) -> None:
    answer = await world.browser().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "writer": "ok", "bus": "ok"})


async def test_a_store_that_does_not_answer_is_not_ready(site: World) -> None:
    async def away(sql: str, *params: Any) -> list[tuple[Any, ...]]:
        raise Unavailable("no disk")

    site.store.fetch = away  # type: ignore[method-assign]  # a disk that fails, for this test
    answer = await site.browser().get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, "failed")
    assert (await site.browser().get("/healthz")).status_code == 200
    assert "jackfield_requests_total" in (await site.browser().get("/metrics")).text


async def test_figures_count_what_happens(world: World) -> None:
    await world.hear(world.alpha, {"id": "1", "from": "ada", "text": "a"})
    await world.browser().get("/api/v1/me")
    text = (await world.browser().get("/metrics")).text
    assert 'jackfield_hooks_total{kind="whole",result="stored"} 1' in text
    assert 'jackfield_deliveries_total{state="received"} 1' in text
    assert 'jackfield_requests_total{area="api",status="401"} 1' in text
    assert 'jackfield_request_seconds_count{area="hooks"} 1' in text
    assert 'jackfield_channels{state="connecting"} 2' in text
    for line in text.splitlines():
        assert re.fullmatch(r'# (HELP|TYPE) .+|[a-z_]+(\{([a-z]+="[^"]*",?)+\})? [0-9.e+-]+', line), line


async def test_figures_are_for_this_machine_and_the_agency(site: World) -> None:
    import httpx

    transport = httpx.ASGITransport(app=site.app, client=("203.0.113.5", 1))
    async with httpx.AsyncClient(transport=transport, base_url=URL) as stranger:
        assert (await stranger.get("/metrics")).status_code == 401
        for people, status in ((site.beta.people, 403), (site.alpha.people, 200)):
            api = await site.api(people["owner"])
            answer = await stranger.get("/metrics", headers={"Authorization": api.headers["Authorization"]})
            assert answer.status_code == status


def test_labels_do_not_grow_with_what_strangers_ask_for() -> None:
    assert {area_of(path) for path in ("/x", "/api", "/hooks/a", "/media/b", "", "nothing", "/apix")} == {
        "page", "api", "hooks", "media",
    }  # fmt: skip


def test_a_counter_quotes_what_could_break_its_line() -> None:
    counter = Counter("n", "About.")
    counter.add(2, of='a"b\\c\nd')
    assert list(counter.lines())[-1] == 'n{of="a\\"b\\\\c\\nd"} 2'


def test_a_timing_counts_upwards() -> None:
    timing = Histogram("t", "About.")
    for seconds in (0.001, 0.005, 0.05, 100):
        timing.add(seconds)
    lines = list(timing.lines())[2:]
    assert [line.rsplit(" ", 1)[1] for line in lines] == ["2", "2", "3", "3", "3", "4", "100.056", "4"]
    assert len(lines) == len(SECONDS) + 3


def asked(cookie: str) -> Request:
    headers = [(b"cookie", cookie.encode()), (b"host", b"127.0.0.1:8000")]
    return Request({"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": headers})


async def test_a_page_starts_with_all_it_needs(world: World) -> None:
    conversation = await world.conversation(world.alpha)
    await world.conversation(world.beta)
    browser = await world.signed_in("operator@alpha.example")
    name = cookie_name(world.settings)
    site = WebSite(world.parts, Door(world.store, world.settings, Visits()))
    raw = await site.boot(asked(f"{name}={browser.cookies[name]}"))
    assert raw is not None
    boot = msgspec.json.decode(raw, type=Boot)
    assert [ws.id for ws in boot.workspaces] == [world.alpha.id]
    assert [row.id for row in boot.conversations] == [conversation]
    assert boot.streams.keys() == boot.counters.keys() == boot.operators.keys() == {world.alpha.id}
    assert boot.counters[world.alpha.id]["unread"] == 1
    assert len(boot.operators[world.alpha.id]) == 4
    assert (boot.csrf, boot.build) == (browser.headers["X-CSRF-Token"], "test")
    assert "beta" not in raw.decode()


async def test_a_visitor_without_a_session_starts_nothing(site: World) -> None:
    page = WebSite(site.parts, Door(site.store, site.settings, Visits()))
    assert await page.boot(asked("a=b")) is None
    request = asked("a=b")
    assert page.nonce(request) == page.nonce(request)


async def test_a_head_has_no_body_and_an_unknown_method_its_answer(site: World) -> None:
    assert (await site.browser().head("/healthz")).content == b""
    answer = await site.browser().request("BREW", "/api/v1/me")
    assert answer.status_code == 405
    assert json.loads(answer.content)["code"] == "method_not_allowed"
