"""The pages as a browser gets them: shell, sign-in, words, static files."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import msgspec
import pytest
from fake_server import FakeSite, World
from starlette.applications import Starlette
from starlette.requests import Request

from jackfield.web.invitations.page import FlowView, LinkView
from jackfield_ui.dist import Shelf
from jackfield_ui.pages import inline, routes

MANIFEST = {
    "inbox/main.ts": {
        "file": "assets/inbox-1.js",
        "css": ["assets/inbox-1.css"],
        "isEntry": True,
        "imports": ["_shared.js"],
    },
    "link/main.ts": {"file": "assets/link-1.js", "isEntry": True, "imports": ["_shared.js"]},
    "inbox/page.css": {"file": "assets/page-1.css"},
    "_shared.js": {"file": "assets/shared-1.js", "css": ["assets/shared-1.css"], "imports": ["_deeper.js"]},
    "_deeper.js": {"file": "assets/deeper-1.js"},
}


class Site(FakeSite):
    def nonce(self, request: Request) -> str:
        return "the-nonce"


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "manifest.json").write_text(json.dumps(MANIFEST))
    (tmp_path / "sprite.svg").write_text('<svg class="sprite"></svg>')
    script = b"let here = 1\n" * 100
    (tmp_path / "assets" / "inbox-1.js").write_bytes(script)
    (tmp_path / "assets" / "inbox-1.js.gz").write_bytes(gzip.compress(script))
    return tmp_path


@pytest.fixture
def world() -> World:
    return World()


def browser(world: World, dist: Path) -> httpx.AsyncClient:
    app = Starlette(routes=list(routes(Site(world), Shelf(dist))))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1")


@pytest.fixture
async def client(world: World, dist: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(world, dist) as client:
        yield client


@pytest.mark.parametrize(
    "path", ["/", "/i/all", "/i/w_1/c/c_1?m=m_2", "/settings", "/settings/channels/ch_1"]
)
async def test_the_shell_brings_all_the_page_needs(
    client: httpx.AsyncClient, world: World, path: str
) -> None:
    page = await client.get(path)
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    boot = re.search(r'<script type="application/json" id="boot" nonce="the-nonce">(.*?)</script>', page.text)
    assert boot is not None
    assert json.loads(boot[1])["operator"]["id"] == world.operators[0].id
    assert '<script type="module" src="/static/assets/inbox-1.js" nonce="the-nonce">' in page.text
    assert '<link rel="modulepreload" href="/static/assets/shared-1.js">' in page.text
    assert '<svg class="sprite">' in page.text


async def test_the_shell_speaks_the_operators_language_and_wears_his_theme(
    client: httpx.AsyncClient, world: World
) -> None:
    world.locale, world.theme = "ru", "dark"
    assert '<html lang="ru" data-theme="dark">' in (await client.get("/")).text


async def test_nothing_in_the_boot_can_end_its_element(client: httpx.AsyncClient, world: World) -> None:
    row = world.conversations["c_0"]
    world.conversations["c_0"] = msgspec.structs.replace(row, name="</script><img src=x onerror=alert(1)>&")
    page = (await client.get("/")).text
    assert "</script><img" not in page
    assert json.loads(inline(b'{"a":"</script>&"}')) == {"a": "</script>&"}


async def test_a_page_has_no_inline_style_or_handler(client: httpx.AsyncClient) -> None:
    page = re.sub(r"<script[^>]*application/json.*?</script>", "", (await client.get("/")).text, flags=re.S)
    assert not re.search(r"\s(style|on\w+)=", page)


async def test_a_stranger_is_sent_to_sign_in_and_back(client: httpx.AsyncClient, world: World) -> None:
    world.signed_in = False
    answer = await client.get("/i/mine/c/c_1?m=m_2")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/login?next=%2Fi%2Fmine%2Fc%2Fc_1%3Fm%3Dm_2",
    )


async def test_sign_in_is_a_form_that_needs_no_script(client: httpx.AsyncClient, world: World) -> None:
    world.signed_in = False
    page = (
        await client.get('/login?next=/i/all"><b>&error=whatever', headers={"accept-language": "ru"})
    ).text
    assert '<form class="card" method="post" action="/login">' in page
    assert 'name="next" value="/i/all&#34;&gt;&lt;b&gt;"' in page
    assert 'role="alert"' in page
    assert "Войти не удалось" in page
    assert "<script" not in page


async def test_who_is_signed_in_need_not_sign_in(client: httpx.AsyncClient) -> None:
    assert (await client.get("/login")).headers["location"] == "/"


async def test_the_state_can_be_read_again(client: httpx.AsyncClient, world: World) -> None:
    assert (await client.get("/boot.json")).json()["streams"]["w_1"] == {"epoch": "e1", "seq": 100}
    world.signed_in = False
    answer = await client.get("/boot.json")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorised")


async def test_words_are_served_by_language(client: httpx.AsyncClient) -> None:
    assert (await client.get("/locales/ru.json")).json()["ui.close"] == "Закрыть"
    assert (await client.get("/locales/xx.json")).status_code == 404


async def test_hashed_files_are_kept_for_ever_and_packed_where_that_is_taken(
    client: httpx.AsyncClient,
) -> None:
    plain = await client.get("/static/assets/inbox-1.js", headers={"accept-encoding": "identity"})
    packed = await client.get("/static/assets/inbox-1.js", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.text == plain.text
    assert packed.headers["content-type"].startswith(("text/javascript", "application/javascript"))
    assert "immutable" in packed.headers["cache-control"]
    assert packed.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "path",
    [
        "/static/../pages.py",
        "/static/%2e%2e/pages.py",
        "/static/nothing.js",
        "/static/assets",
        "/static/assets/inbox-1.js.gz",
    ],
)
async def test_only_files_of_the_build_are_served(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_a_page_that_was_not_built_says_so(world: World, tmp_path: Path) -> None:
    async with browser(world, tmp_path) as client:
        page = await client.get("/")
    assert page.status_code == 503
    assert "pip install ." in page.text


async def test_a_new_build_is_seen_without_a_restart(client: httpx.AsyncClient, dist: Path) -> None:
    assert "inbox-1.js" in (await client.get("/")).text
    (dist / "manifest.json").write_text(json.dumps(MANIFEST).replace("inbox-1.js", "inbox-22.js"))
    assert "inbox-22.js" in (await client.get("/")).text


async def test_small_files_are_there(client: httpx.AsyncClient) -> None:
    assert (await client.get("/icon.svg")).headers["content-type"] == "image/svg+xml"
    assert (await client.get("/manifest.webmanifest")).json()["name"] == "Jackfield"


async def test_a_link_opens_its_page_and_tells_nobody(client: httpx.AsyncClient, world: World) -> None:
    flows = {"qr": FlowView(words="whatsapp_business.login.qr", screen="other")}
    world.links["good"] = LinkView(
        workspace="Flowers </script>",
        kind="whatsapp_business",
        channel="",
        flows=flows,
        expires_at=1,
        now=0,
        walk=None,
    )
    page = await client.get("/link/good", headers={"accept-language": "ru"})
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in page.headers
    assert '<html lang="ru"' in page.text
    assert '<script type="module" src="/static/assets/link-1.js" nonce="the-nonce">' in page.text
    assert '<link rel="modulepreload" href="/static/assets/deeper-1.js">' in page.text
    assert '<link rel="stylesheet" href="/static/assets/shared-1.css">' in page.text
    told = re.search(r'<script type="application/json" id="link" nonce="the-nonce">(.*?)</script>', page.text)
    words = re.search(
        r'<script type="application/json" id="words" nonce="the-nonce">(.*?)</script>', page.text
    )
    assert told is not None
    assert words is not None
    assert json.loads(told[1])["workspace"] == "Flowers </script>"
    assert {"link.title", "whatsapp_business.notice.help"} <= json.loads(words[1]).keys()
    assert "operator" not in told[1]


@pytest.mark.parametrize(
    ("path", "title"), [("/link/x", "does not work"), ("/link/x?lang=ru", "не работает")]
)
async def test_a_link_nobody_can_use_opens_a_plain_page(
    client: httpx.AsyncClient, path: str, title: str
) -> None:
    page = await client.get(path)
    assert page.status_code == 410
    assert page.headers["referrer-policy"] == "no-referrer"
    assert title in page.text
    assert "<script" not in page.text
