"""A client connects his own account by a link; the link does this once, and nothing else."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from asking import ask, nothing
from web_world import URL, Client, World
from whole_channel import WholeLogin

import jackfield.channel as c
from jackfield import ids
from jackfield.host import LoginSession
from jackfield.store.tables import Invitation, Membership, Operator
from jackfield.web.api.routes import endpoints
from jackfield.web.auth.keys import digest, new_key
from jackfield.web.auth.limits import InvitationLimits
from jackfield.web.invitations.tokens import new_token
from jackfield.web.problems import LinkUsed

FORM = {"line": "1", "app_secret": "client's own"}
KIND = {"kind": "whole"}


async def invite(world: World, client: Client, **more: Any) -> tuple[str, dict[str, Any]]:
    """A link's path, and the invitation as its maker sees it."""
    api = await world.api(client.people["admin"])
    body = {"workspace": client.id, **KIND, **more}
    answer = await api.post("/api/v1/channels/invitations", json=body)
    assert answer.status_code == 200, answer.text
    made = answer.json()
    assert made["url"].startswith(f"{URL}/link/")
    return made["url"].removeprefix(URL), made["invitation"]


async def listed(world: World, client: Client) -> list[dict[str, Any]]:
    api = await world.api(client.people["admin"])
    found = (await api.get("/api/v1/channels/invitations", params={"workspace": client.id})).json()
    return list(found["items"])


async def begin(browser: httpx.AsyncClient, link: str) -> httpx.Response:
    return await browser.post(f"{link}/logins", json={"flow": "form"})


async def begun(browser: httpx.AsyncClient, link: str) -> str:
    """The path of an attempt that waits for the other side."""
    answer = await begin(browser, link)
    assert answer.status_code == 200, answer.text
    login = f"{link}/logins/{answer.json()['id']}"
    shown = await browser.post(f"{login}/submit", json={"values": FORM})
    assert shown.json()["step"]["kind"] == "code", shown.text
    return login


async def until(world: World, sql: str) -> None:
    """Until this finds something."""
    for _ in range(3000):
        if await world.store.fetch(sql):
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"it did not come to: {sql}")


def under_way(world: World) -> list[LoginSession]:
    return [login for login in world.parts.host.logins() if not login.ended]


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """The other side does its part when this is set."""
    over = asyncio.Event()

    async def wait(_login: WholeLogin) -> c.Step:
        await over.wait()
        return c.Done(name="Whole", external_id="line-1", config={"line": "1", "app_secret": "s" * 8})

    monkeypatch.setattr(WholeLogin, "wait", wait)
    return over


async def test_a_client_connects_his_account_once(world: World) -> None:
    link, made = await invite(world, world.alpha)
    assert (made["stage"], made["channel"], made["flow"]) == ("open", None, None)
    browser = world.browser()
    login = await begun(browser, link)
    done = (await browser.post(f"{login}/wait", json={"seen": 2})).json()
    assert done["step"] == {"type": "done", "name": "Whole", "external_id": "line-1", "config": {}}

    (invitation,) = await listed(world, world.alpha)
    assert invitation["stage"] == "used"
    api = await world.api(world.alpha.people["admin"])
    channel = (await api.get(f"/api/v1/channels/{invitation['channel']}")).json()
    assert (channel["ws"], channel["name"]) == (world.alpha.id, "Whole")
    states = (await api.get(f"/api/v1/channels/{invitation['channel']}/states")).json()["items"]
    assert [state["code"] for state in states] == ["linked_by_client"]
    (noted,) = await world.store.fetch(
        "SELECT operator_id, workspace_id, data FROM audit WHERE what = 'channel.connected'"
    )
    assert noted[:2] == (world.alpha.people["admin"], world.alpha.workspace)
    assert made["id"] in noted[2]

    assert (
        await browser.post(f"{login}/wait", json={"seen": 3})
    ).json() == done  # the page may ask once more
    assert (await begin(browser, link)).status_code == 410


async def test_the_channel_is_there_though_the_client_never_came_back_to_the_page(
    site: World, waits: asyncio.Event
) -> None:
    link, _ = await invite(site, site.alpha)
    await begun(site.browser(), link)
    waits.set()
    await until(site, "SELECT id FROM invitation WHERE used_at IS NOT NULL")


async def test_an_attempt_that_was_left_can_be_begun_again(site: World, waits: asyncio.Event) -> None:
    link, _ = await invite(site, site.alpha)
    browser = site.browser()
    first = await begun(browser, link)
    second = await begun(browser, link)
    ended = await browser.post(f"{first}/wait", json={"seen": 2})
    assert (ended.status_code, ended.json()["code"]) == (409, "login_ended")
    assert len(under_way(site)) == 1
    waits.set()
    assert (await browser.post(f"{second}/wait", json={"seen": 2})).json()["step"]["type"] == "done"


async def test_going_on_by_hand_does_not_wait_for_the_other_side(site: World, waits: asyncio.Event) -> None:
    del waits
    link, _ = await invite(site, site.alpha)
    browser = site.browser()
    login = await begun(browser, link)
    again = (await browser.post(f"{login}/submit", json={"values": {}})).json()
    assert again["step"]["errors"] == {"app_secret": "missing"}
    assert (await browser.delete(login)).status_code == 204
    assert under_way(site) == []


async def test_whatever_is_wrong_with_a_link_is_answered_alike(world: World) -> None:
    box = world.store.box
    links = {name: (await invite(world, world.alpha))[0] for name in ("used", "expired", "revoked", "cut")}
    links["never made, though signed"] = f"/link/{new_token(box)}"
    links["guessed"] = f"/link/{'A' * 65}"
    links["signed by somebody else"] = links["cut"][:-22] + "B" * 22
    links["cut"] = links["cut"][:-1]
    unsigned = new_key() + new_key()[:22]
    links["put into the database by who has not our key"] = f"/link/{unsigned}"
    links["short"] = "/link/x"
    rows = await world.store.fetch("SELECT id FROM invitation ORDER BY id")
    used, expired, revoked = (row[0] for row in rows[:3])
    await Invitation.filter(id=rows[3][0]).update(token=digest(unsigned))
    await Invitation.filter(id=used).update(used_at=1)
    await Invitation.filter(id=expired).update(expires_at=1)
    api = await world.api(world.alpha.people["owner"])
    assert (await api.delete(f"/api/v1/channels/invitations/{ids.show('iv', revoked)}")).status_code == 204
    admin = Membership.filter(operator_id=world.alpha.people["admin"])
    assert [one["stage"] for one in await listed(world, world.alpha)][-3:] == ["revoked", "expired", "used"]
    browser = world.browser()
    answers = {name: await begin(browser, link) for name, link in links.items()}
    left, _ = await invite(world, world.alpha)
    await admin.update(role="operator")
    answers["made by who is no admin any more"] = await begin(browser, left)
    await admin.update(role="admin")
    await Operator.filter(id=world.alpha.people["admin"]).update(disabled=True)
    answers["made by who was shut out"] = await begin(browser, left)
    assert {name: (answer.status_code, answer.text) for name, answer in answers.items()} == dict.fromkeys(
        answers, (410, answers["short"].text)
    )
    await Operator.filter(id=world.alpha.people["admin"]).update(disabled=False)
    assert (await begin(browser, left)).status_code == 200


async def test_a_link_is_the_key_to_nothing_else(site: World) -> None:
    """Not as a bearer token, not as a cookie, and for no attempt but its own."""
    link, _ = await invite(site, site.alpha)
    token = link.rpartition("/")[2]
    bearer = site.browser(Authorization=f"Bearer {token}")
    cookie = site.browser(Origin=URL, Cookie=f"jackfield-8000={token}")
    for endpoint in endpoints():
        for browser in (bearer, cookie):
            answer = await ask(browser, endpoint, nothing())
            assert answer.status_code == 401, endpoint.path
    other, _ = await invite(site, site.beta)
    theirs = (await begin(site.browser(), other)).json()["id"]
    mine = site.browser()
    for answer in (
        await mine.post(f"{link}/logins/{theirs}/submit", json={"values": FORM}),
        await mine.post(f"{link}/logins/{theirs}/wait", json={"seen": 0}),
        await mine.delete(f"{link}/logins/{theirs}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "login_ended")
    admin = await site.api(site.alpha.people["admin"])
    own = (await begin(mine, link)).json()["id"]
    taken = await admin.post(f"/api/v1/channels/logins/{own}/submit", json={"values": FORM})
    assert taken.status_code == 404  # nor does its maker walk for the client


async def test_a_link_is_kept_only_as_what_cannot_be_turned_back(site: World) -> None:
    link, _ = await invite(site, site.alpha)
    token = link.rpartition("/")[2]
    assert len(token) == 65
    rows = await site.store.fetch("SELECT * FROM invitation")
    assert token not in str(rows)
    assert token[:43] not in str(rows)
    assert token not in str(await site.store.fetch("SELECT * FROM audit"))


async def test_guessing_is_stopped_and_so_are_attempts_without_end(site: World) -> None:
    link, _ = await invite(site, site.alpha)
    browser = site.browser()
    tries = [await begin(browser, link) for _ in range(21)]
    assert [answer.status_code for answer in tries] == [200] * 20 + [429]
    assert len(under_way(site)) == 1
    guesses = [await begin(browser, f"/link/{'A' * 65}") for _ in range(31)]
    assert [answer.status_code for answer in guesses] == [410] * 30 + [429]
    assert int(guesses[-1].headers["retry-after"]) > 0
    assert (await begin(browser, link)).status_code == 429  # right or wrong, nothing is told to who guesses


def test_wrong_links_are_counted_for_an_address_and_forgotten_in_time() -> None:
    now = 0.0
    limits = InvitationLimits(clock=lambda: now)
    for _ in range(30):
        limits.wrong.take("1.2.3.4")
    limits.wrong.check("5.6.7.8")
    now = 301.0
    limits.wrong.check("1.2.3.4")


async def test_a_link_that_is_taken_back_ends_the_attempt(site: World, waits: asyncio.Event) -> None:
    link, made = await invite(site, site.alpha)
    browser = site.browser()
    login = await begun(browser, link)
    api = await site.api(site.alpha.people["owner"])
    assert (await api.delete(f"/api/v1/channels/invitations/{made['id']}")).status_code == 204
    waits.set()
    assert under_way(site) == []
    assert (await browser.post(f"{login}/wait", json={"seen": 2})).status_code == 410
    assert [one["stage"] for one in await listed(site, site.alpha)] == ["revoked"]


async def test_a_link_taken_back_elsewhere_stores_nothing(site: World, waits: asyncio.Event) -> None:
    """Another process does not know of the attempt: the transaction at its end does."""
    link, _ = await invite(site, site.alpha)
    await begun(site.browser(), link)
    await Invitation.all().update(revoked_at=1)
    before = await site.store.fetch("SELECT id FROM channel")
    waits.set()
    (walk,) = site.parts.walks.values()
    with pytest.raises(LinkUsed):
        await walk.wait(2)
    assert await site.store.fetch("SELECT id FROM channel") == before


async def test_an_attempt_in_another_process_says_so(site: World, waits: asyncio.Event) -> None:
    del waits
    link, _ = await invite(site, site.alpha)
    browser = site.browser()
    login = await begun(browser, link)
    site.parts.walks.clear()
    answer = await browser.post(f"{login}/wait", json={"seen": 2})
    assert (answer.status_code, answer.json()["code"]) == (409, "login_elsewhere")


async def test_a_channel_is_renewed_with_its_own_account_only(world: World) -> None:
    link, _ = await invite(world, world.alpha, again=world.alpha.channel_id)
    browser = world.browser()
    login = await begun(browser, link)
    answer = await browser.post(f"{login}/wait", json={"seen": 2})
    assert (answer.status_code, answer.json()["code"]) == (409, "other_account")
    assert [one["stage"] for one in await listed(world, world.alpha)] == ["open"]


@pytest.mark.parametrize(
    ("more", "field"),
    [({"hours": 169}, "hours"), ({"hours": 0}, "hours"), ({"flow": "x"}, "flow"), ({"kind": "x"}, "kind")],
)
async def test_an_invitation_asks_for_what_there_is(site: World, more: dict[str, Any], field: str) -> None:
    api = await site.api(site.alpha.people["admin"])
    body = {"workspace": site.alpha.id, **KIND, **more}
    answer = await api.post("/api/v1/channels/invitations", json=body)
    assert (answer.status_code, list(answer.json()["data"]["fields"])) == (422, [field])


async def test_no_other_site_walks_and_nothing_is_kept_or_told_on(site: World) -> None:
    link, _ = await invite(site, site.alpha)
    foreign = site.browser(Origin="https://elsewhere.example")
    assert (await begin(foreign, link)).json()["code"] == "cross_site"
    answer = await begin(site.browser(Origin=URL), link)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in answer.headers
