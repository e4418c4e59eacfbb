"""Guessing, from any side, is stopped; a token shows no more than it reaches."""

from __future__ import annotations

import pytest
from web_world import PASSWORD, World

from jackfield.errors import TooMany
from jackfield.ids import show
from jackfield.store.tables import Operator
from jackfield.web.auth.limits import SignInLimits, network_of
from jackfield.web.auth.passwords import Passwords

ANNA = "owner@alpha.example"


async def test_a_stolen_session_does_not_guess_the_password_either(site: World) -> None:
    """Knowing it, the thief would stay after the session has ended."""
    thief = await site.signed_in(ANNA)
    guess = {"current": "a guess", "password": "another long password"}
    answers = [(await thief.put("/api/v1/me/password", json=guess)).status_code for _ in range(9)]
    assert answers == [401] * 8 + [429]
    right = await thief.put("/api/v1/me/password", json={**guess, "current": PASSWORD})
    assert (right.status_code, right.json()["code"]) == (429, "too_many")


async def test_tries_count_together_wherever_they_are_made(site: World) -> None:
    inside, outside = await site.signed_in(ANNA), site.browser()
    for _ in range(4):
        await inside.put("/api/v1/me/password", json={"current": "x", "password": "another long password"})
        await outside.post("/login", json={"email": ANNA, "password": "guess"})
    assert (await outside.post("/login", json={"email": ANNA, "password": PASSWORD})).status_code == 429


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_addresses_count_as_whoever_has_them(address: str, network: str) -> None:
    assert network_of(address) == network


def test_a_new_address_of_the_same_house_is_no_new_chance() -> None:
    limits = SignInLimits(lambda: 0.0)
    for n in range(30):
        limits.take(f"2001:db8::{n:x}", f"{n}@alpha.example")
    with pytest.raises(TooMany):
        limits.take("2001:db8::ffff:1", "another@alpha.example")
    limits.take("2001:db8:0:1::1", "another@alpha.example")


async def test_links_cannot_be_guessed_from_one_address(site: World) -> None:
    browser = site.browser()
    answers = [(await browser.get(f"/signin/{n}")).status_code for n in range(31)]
    assert answers == [410] * 30 + [429]


async def test_a_token_for_one_client_shows_no_token_for_another(site: World) -> None:
    owner = site.alpha.people["owner"]
    person = await site.signed_in(ANNA)
    for name in ("all", "secret project"):
        await person.post("/api/v1/tokens", json={"name": name, "workspace": site.alpha.id})
    narrow = await site.api(owner, workspace_id=site.beta.workspace)
    assert [token["name"] for token in (await narrow.get("/api/v1/tokens")).json()["items"]] == ["test"]
    assert len((await person.get("/api/v1/tokens")).json()["items"]) == 3


async def test_who_is_not_known_costs_as_much_as_who_is(site: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the time it takes nobody learns who works here: one password is hashed, whoever is named."""
    await Operator.filter(email="viewer@alpha.example").update(disabled=True)
    await Operator.filter(email="admin@alpha.example").update(password="")
    checked: list[str] = []
    verify = Passwords._verify  # pyright: ignore[reportPrivateUsage]

    def counting(self: Passwords, stored: str, password: str) -> bool:
        checked.append(stored)
        return verify(self, stored, password)

    monkeypatch.setattr(Passwords, "_verify", counting)
    people = (ANNA, "viewer@alpha.example", "admin@alpha.example", "nobody@example.org")
    for email in people:
        answer = await site.browser().post("/login", json={"email": email, "password": "a guess"})
        assert answer.status_code == 401
    parameters = {stored.rpartition("$")[0].rpartition("$")[0] for stored in checked}
    assert (len(checked), len(parameters)) == (len(people), 1)


async def test_what_changes_rights_is_in_the_audit_table(site: World) -> None:
    owner = await site.signed_in(ANNA)
    token = (await owner.post("/api/v1/tokens", json={"name": "robot"})).json()["token"]["id"]
    assert (await owner.delete(f"/api/v1/tokens/{token}")).status_code == 204
    person = show("o", site.alpha.people["operator"])
    role = await owner.patch(
        f"/api/v1/workspaces/{site.alpha.id}/operators/{person}", json={"role": "viewer"}
    )
    assert role.status_code == 204
    said = await owner.patch(f"/api/v1/channels/{site.alpha.channel_id}", json={"name": "b"})
    assert said.status_code == 200, said.text
    noted = await site.store.fetch("SELECT what, operator_id FROM audit WHERE at > 0 ORDER BY id")
    done = ("sign_in.password", "token.made", "token.revoked", "member.role", "channel.changed")
    assert noted == [(what, site.alpha.people["owner"]) for what in done]
