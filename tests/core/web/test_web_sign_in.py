"""Signing in and out: passwords, links, sessions, tokens, and what a page of another site cannot do."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from tortoise.exceptions import OperationalError
from web_world import PASSWORD, URL, World, make_token

from jackfield.errors import TooMany
from jackfield.ids import show
from jackfield.store.tables import ApiToken, Operator, Session, SignInLink
from jackfield.web.auth.cookies import cookie_name
from jackfield.web.auth.door import IDLE, LIFE
from jackfield.web.auth.limits import Limit
from jackfield.web.auth.routes import inside
from jackfield.web.auth.sessions import make_link
from jackfield.web.clock import now_ms

ANNA = "owner@alpha.example"


async def test_a_password_opens_a_session(world: World) -> None:
    browser = await world.signed_in(ANNA)
    me = (await browser.get("/api/v1/me")).json()
    assert me["operator"]["email"] == ANNA
    assert [ws["name"] for ws in me["workspaces"]] == ["alpha.example"]
    assert me["csrf"] == browser.headers["X-CSRF-Token"]


async def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(site: World) -> None:
    answer = await site.browser().post("/login", json={"email": ANNA, "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert answer.headers["cache-control"] == "no-store"


async def test_a_form_signs_in_without_any_script(site: World) -> None:
    form = {"email": ANNA, "password": PASSWORD, "next": "/i/all"}
    answer = await site.browser(Origin=URL).post("/login", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/i/all")
    assert cookie_name(site.settings) in answer.cookies


async def test_a_wrong_password_in_a_form_leads_back_with_a_word_for_it(site: World) -> None:
    answer = await site.browser().post("/login", data={"email": ANNA, "password": "wrong"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?error=wrong_credentials&next=%2F"


@pytest.mark.parametrize(
    ("email", "password"),
    [(ANNA, "wrong password"), ("nobody@alpha.example", PASSWORD), (ANNA, ""), ("", ""), (ANNA, "x" * 9000)],
)
async def test_what_was_wrong_is_not_said(site: World, email: str, password: str) -> None:
    answer = await site.browser().post("/login", json={"email": email, "password": password})
    assert answer.status_code == 401
    assert answer.json()["code"] == "wrong_credentials"
    assert "set-cookie" not in answer.headers


async def test_a_disabled_operator_comes_in_by_no_way(site: World) -> None:
    session = await site.signed_in(ANNA)
    token = await site.api(site.alpha.people["owner"])
    link = await make_link(site.alpha.people["owner"])
    await Operator.filter(email=ANNA).update(disabled=True)
    assert (await session.get("/api/v1/me")).status_code == 401
    assert (await token.get("/api/v1/me")).status_code == 401
    assert (await site.browser().get(link)).status_code == 410
    answer = await site.browser().post("/login", json={"email": ANNA, "password": PASSWORD})
    assert answer.status_code == 401


async def test_guessing_at_an_account_is_stopped_from_wherever_it_comes(site: World) -> None:
    browser = site.browser()
    for _ in range(8):
        answer = await browser.post("/login", json={"email": ANNA, "password": "guess"})
        assert answer.status_code == 401
    answer = await browser.post("/login", json={"email": ANNA.upper(), "password": PASSWORD})
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 900
    other = await browser.post("/login", json={"email": "admin@alpha.example", "password": PASSWORD})
    assert other.status_code == 200


async def test_one_address_cannot_try_many_accounts(site: World) -> None:
    browser = site.browser()
    answers = [
        await browser.post("/login", json={"email": f"{n}@alpha.example", "password": "guess"})
        for n in range(31)
    ]
    assert [answer.status_code for answer in answers] == [401] * 30 + [429]


def test_tries_count_for_a_while_and_then_no_more() -> None:
    now = 0.0
    limit = Limit(2, 10, clock=lambda: now)
    limit.take("a")
    now = 4
    limit.take("a")
    with pytest.raises(TooMany) as refused:
        limit.take("a")
    assert refused.value.data["after"] == pytest.approx(6)
    limit.take("b")
    now = 10
    limit.take("a")


def test_the_memory_of_tries_is_bounded() -> None:
    limit = Limit(1, 10, keys=3, clock=lambda: 0.0)
    for key in "abcd":
        limit.take(key)
    limit.take("a")  # forgotten: the oldest
    with pytest.raises(TooMany):
        limit.take("d")


async def test_signing_in_makes_a_new_key_and_ends_the_old_session(site: World) -> None:
    browser = await site.signed_in(ANNA)
    name = cookie_name(site.settings)
    old = browser.cookies[name]
    answer = await browser.post("/login", json={"email": ANNA, "password": PASSWORD})
    assert answer.cookies[name] != old
    assert await Session.all().count() == 1
    stale = site.browser(Cookie=f"{name}={old}")
    assert (await stale.get("/api/v1/me")).status_code == 401


async def test_a_planted_cookie_is_not_taken_over(site: World) -> None:
    name = cookie_name(site.settings)
    browser = site.browser(Cookie=f"{name}=planted")
    answer = await browser.post("/login", json={"email": ANNA, "password": PASSWORD})
    assert answer.cookies[name] != "planted"


async def test_signing_out_ends_the_session_itself(world: World) -> None:
    browser = await world.signed_in(ANNA)
    name = cookie_name(world.settings)
    key = browser.cookies[name]
    assert (await browser.post("/logout")).status_code == 204
    assert name not in browser.cookies
    assert (await world.browser(Cookie=f"{name}={key}").get("/api/v1/me")).status_code == 401


@pytest.mark.parametrize(
    "change",
    [{"seen_at": -IDLE - 1}, {"expires_at": -1, "created_at": -LIFE}],
    ids=["not seen for long", "old"],
)
async def test_a_session_ends_by_itself(site: World, change: dict[str, int]) -> None:
    browser = await site.signed_in(ANNA)
    await Session.all().update(**{name: now_ms() + ms for name, ms in change.items()})
    assert (await browser.get("/api/v1/me")).status_code == 401


async def test_a_link_signs_in_once(world: World) -> None:
    link = await make_link(world.alpha.people["owner"])
    first, second = world.browser(), world.browser()
    answer = await first.get(link)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert (await first.get("/api/v1/me")).status_code == 200
    again = await second.get(link)
    assert (again.status_code, again.json()["code"]) == (410, "link_used")
    assert (await second.get("/api/v1/me")).status_code == 401


async def test_of_two_simultaneous_visits_to_a_link_one_gets_in(world: World) -> None:
    link = await make_link(world.alpha.people["owner"])
    answers = await asyncio.gather(*(world.browser().get(link) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [303, 410, 410, 410, 410, 410]


async def test_a_link_gets_too_old(site: World) -> None:
    link = await make_link(site.alpha.people["owner"])
    await SignInLink.all().update(expires_at=now_ms() - 1)
    assert (await site.browser().get(link)).status_code == 410


async def test_a_look_ahead_does_not_use_a_link_up(site: World) -> None:
    link = await make_link(site.alpha.people["owner"])
    browser = site.browser()
    await browser.head(link)
    await browser.get(link, headers={"Sec-Purpose": "prefetch;prerender"})
    assert (await browser.get(link)).status_code == 303


FOREIGN = {"Origin": "https://evil.example"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"X-CSRF-Token": "another"},
        {"X-CSRF-Token": ""},
    ],
)
async def test_a_change_with_a_cookie_needs_our_page_and_its_key(
    site: World, headers: dict[str, str]
) -> None:
    browser = await site.signed_in(ANNA)
    answer = await browser.patch("/api/v1/me", json={"theme": "dark"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")
    assert (await browser.patch("/api/v1/me", json={"theme": "dark"})).status_code == 204


async def test_a_change_with_a_cookie_and_no_origin_is_refused(site: World) -> None:
    browser = await site.signed_in(ANNA)
    del browser.headers["Origin"]
    assert (await browser.patch("/api/v1/me", json={"theme": "dark"})).status_code == 403


async def test_another_site_signs_nobody_in(site: World) -> None:
    browser = site.browser(**FOREIGN)
    answer = await browser.post("/login", json={"email": ANNA, "password": PASSWORD})
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


async def test_a_token_needs_no_origin(site: World) -> None:
    api = await site.api(site.alpha.people["owner"])
    answer = await api.post(
        "/api/v1/labels", json={"workspace": site.alpha.id, "name": "a", "color": "#112233"}
    )
    assert answer.status_code == 200


async def test_a_token_is_shown_once_kept_as_a_hash_and_stops_at_once(world: World) -> None:
    browser = await world.signed_in(ANNA)
    made = (await browser.post("/api/v1/tokens", json={"name": "robot"})).json()
    assert made["key"].startswith("jf_")
    robot = world.browser(Authorization=f"Bearer {made['key']}")
    assert (await robot.get("/api/v1/me")).status_code == 200
    await world.parts.visits.flush()
    listed = (await browser.get("/api/v1/tokens")).json()["items"]
    assert [token["id"] for token in listed] == [made["token"]["id"]]
    assert listed[0]["used_at"] is not None
    assert made["key"] not in str(await world.store.fetch("SELECT token, name FROM api_token"))
    assert (await browser.delete(f"/api/v1/tokens/{made['token']['id']}")).status_code == 204
    assert (await robot.get("/api/v1/me")).status_code == 401


async def test_a_token_reaches_no_further_than_it_was_made_for(world: World) -> None:
    owner = world.alpha.people["owner"]
    for path in ("/api/v1/conversations", "/api/v1/channels"):
        narrow = await world.api(owner, workspace_id=world.beta.workspace)
        assert (await narrow.get(path)).json()["items"] == []
    viewer = await world.api(owner, role="viewer")
    body = {"workspace": world.alpha.id, "name": "a", "color": "#112233"}
    assert (await viewer.post("/api/v1/labels", json=body)).status_code == 403
    answer = await viewer.post("/api/v1/workspaces", json={"name": "new"})
    assert answer.status_code == 403  # a narrowed token is nobody's of the agency


async def test_a_token_makes_no_token(site: World) -> None:
    api = await site.api(site.alpha.people["owner"])
    assert (await api.post("/api/v1/tokens", json={"name": "more"})).status_code == 403


async def test_an_old_token_is_no_token(site: World) -> None:
    key = await make_token(site.alpha.people["owner"], expires_at=now_ms() - 1)
    assert (await site.browser(Authorization=f"Bearer {key}").get("/api/v1/me")).status_code == 401


@pytest.mark.parametrize("header", ["Bearer", "Bearer jf_nothing", "Basic YTpi", "Bearer  ", "jf_nothing"])
async def test_what_is_no_token_opens_nothing(site: World, header: str) -> None:
    answer = await site.browser(Authorization=header).get("/api/v1/me")
    assert (answer.status_code, answer.headers["www-authenticate"][:6]) == (401, "Bearer")


async def test_a_new_password_ends_the_other_sessions(world: World) -> None:
    here, there = await world.signed_in(ANNA), await world.signed_in(ANNA)
    new = {"current": PASSWORD, "password": "another long password"}
    wrong = await here.put("/api/v1/me/password", json={**new, "current": "wrong"})
    assert wrong.status_code == 401
    short = await here.put("/api/v1/me/password", json={**new, "password": "short"})
    assert (short.status_code, list(short.json()["data"]["fields"])) == (422, ["password"])
    assert (await here.put("/api/v1/me/password", json=new)).status_code == 204
    assert (await here.get("/api/v1/me")).status_code == 200
    assert (await there.get("/api/v1/me")).status_code == 401
    again = await world.browser().post("/login", json={"email": ANNA, "password": new["password"]})
    assert again.status_code == 200


async def test_an_invitation_leads_in_and_a_role_counts_at_once(world: World) -> None:
    owner = await world.signed_in(ANNA)
    where = f"/api/v1/workspaces/{world.alpha.id}/operators"
    made = (
        await owner.post(where, json={"email": "New@Example.org", "name": "New", "role": "viewer"})
    ).json()
    guest = world.browser(Origin=URL)
    await guest.get(made["link"].removeprefix(URL))
    me = (await guest.get("/api/v1/me")).json()
    assert (me["operator"]["email"], me["workspaces"][0]["role"]) == ("new@example.org", "viewer")
    guest.headers["X-CSRF-Token"] = me["csrf"]
    label = {"workspace": world.alpha.id, "name": "a", "color": "#112233"}
    assert (await guest.post("/api/v1/labels", json=label)).status_code == 403
    person = f"{where}/{made['operator']['id']}"
    assert (await owner.patch(person, json={"role": "admin"})).status_code == 204
    assert (await guest.post("/api/v1/labels", json=label)).status_code == 200
    assert (await owner.delete(person)).status_code == 204
    assert (await guest.get("/api/v1/me")).json()["workspaces"] == []


async def test_open_websockets_are_told_to_look_at_their_rights_again(site: World) -> None:
    told: list[bytes] = []
    site.parts.bus.subscribe("operator.*", told.append)
    person = site.alpha.people["viewer"]
    where = f"/api/v1/workspaces/{site.alpha.id}/operators/{show('o', person)}"
    owner = await site.signed_in(ANNA)
    await owner.patch(where, json={"role": "operator"})
    await owner.delete(where)
    await owner.post("/logout")
    mine = site.alpha.people["owner"]
    assert told == [b'{"operator":%d}' % number for number in (person, person, mine)]


async def test_a_workspace_keeps_an_owner(world: World) -> None:
    owner = await world.signed_in(ANNA)
    me = f"/api/v1/workspaces/{world.alpha.id}/operators/{show('o', world.alpha.people['owner'])}"
    for answer in (await owner.patch(me, json={"role": "viewer"}), await owner.delete(me)):
        assert (answer.status_code, answer.json()["code"]) == (409, "last_owner")


async def test_only_an_owner_makes_and_unmakes_owners(site: World) -> None:
    admin = await site.api(site.alpha.people["admin"])
    where = f"/api/v1/workspaces/{site.alpha.id}/operators"
    new = {"email": "x@example.org", "name": "X", "role": "owner"}
    owner = show("o", site.alpha.people["owner"])
    assert (await admin.post(where, json=new)).status_code == 403
    assert (await admin.patch(f"{where}/{owner}", json={"role": "viewer"})).status_code == 403
    assert (await admin.delete(f"{where}/{owner}")).status_code == 403


async def test_a_new_name_is_told_to_every_workspace(world: World) -> None:
    browser = await world.signed_in(ANNA)
    assert (await browser.patch("/api/v1/me", json={"name": "Anna", "locale": "ru"})).status_code == 204
    rows = await world.store.fetch(
        "SELECT data FROM stream WHERE workspace_id = $1 ORDER BY seq DESC LIMIT 1", world.alpha.workspace
    )
    assert '"e":"user.patch"' in rows[0][0]
    assert '"name":"Anna"' in rows[0][0]


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil", "evil", "", "/a\nb"])
def test_a_form_leads_nowhere_else(path: str) -> None:
    assert inside(path) == "/"


async def test_a_sign_in_that_is_no_sign_in_is_refused(site: World) -> None:
    cases: list[tuple[httpx.Response, int]] = [
        (
            await site.browser().post("/login", content=b"{", headers={"content-type": "application/json"}),
            400,
        ),
        (await site.browser().post("/login", content=b"x", headers={"content-type": "text/plain"}), 415),
        (await site.browser().post("/login", data={"email": "x" * 20_000}), 413),
        (await site.browser().put("/login"), 405),
    ]
    assert [answer.status_code for answer, _ in cases] == [status for _, status in cases]


async def test_a_visit_is_noted_beside_the_request_and_a_database_that_is_busy_delays_nobody(
    site: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: while a database was locked for writing, noting a token's use answered a read with 503."""

    def busy(*_: object, **__: object) -> None:
        raise OperationalError("database is locked")

    api = await site.api(site.alpha.people["owner"])
    monkeypatch.setattr(ApiToken, "filter", busy)
    assert (await api.get("/api/v1/me")).status_code == 200
    await site.parts.visits.flush()  # fails, and is nobody's trouble
    monkeypatch.undo()
    assert (await api.get("/api/v1/me")).status_code == 200
    await site.parts.visits.flush()
    assert (await ApiToken.all().values_list("used_at", flat=True))[0] is not None
