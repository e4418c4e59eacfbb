"""A business account over REST: what it has, who may change it, what a provider's refusal comes to."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest
from web_world import TodaysChannel, World

import jackfield.channel as c
from jackfield.app.abilities import abilities_of
from jackfield.app.standing import SetAbilities
from jackfield.inbox.facts import ChannelFacts
from jackfield.inbox.receive import receive
from jackfield.store.rows import ChannelRow, ChannelStateRow, ContactRow, StreamRow
from jackfield.store.tables import Audit
from jackfield.web.works import ChangeChannel

ALL = (
    "profile", "catalogue", "links", "blocks", "automation", "figures", "templates", "history", "starts",
    "health",
)  # fmt: skip


def line(world: World) -> TodaysChannel:
    found = world.lines.channel(world.alpha.channel)
    assert isinstance(found, TodaysChannel)
    return found


def at(world: World, rest: str) -> str:
    return f"/api/v1/channels/{world.alpha.channel_id}{rest}"


async def admin(world: World) -> httpx.AsyncClient:
    return await world.api(world.alpha.people["admin"])


async def operator(world: World) -> httpx.AsyncClient:
    return await world.api(world.alpha.people["operator"])


async def audited() -> list[str]:
    return [row.what for row in await Audit.all().order_by("id")]


async def said(world: World, *events: c.AnyEvent) -> None:
    facts = ChannelFacts(workspace=world.alpha.workspace, channel=world.alpha.channel, kind="whole")
    await receive(world.store, world.parts.bus, facts, events)


# -- what it can do -----------------------------------------------------------------------------------


async def test_a_channel_says_what_it_has_whoever_has_it_open(world: World) -> None:
    channel = line(world)
    assert abilities_of(channel) == ALL
    work = SetAbilities(
        workspace=world.alpha.workspace,
        channel=world.alpha.channel,
        abilities=json.dumps(abilities_of(channel)),
    )
    await world.store.writer.do(work)
    world.lines.lines.clear()
    shown = (await (await operator(world)).get(at(world, ""))).json()
    assert tuple(shown["abilities"]) == ALL
    (last,) = await world.store.rows(
        StreamRow, "WHERE workspace_id = $1 ORDER BY seq DESC LIMIT 1", world.alpha.workspace
    )
    assert json.loads(last.data)["channel"]["abilities"] == list(ALL)


# -- card, shop, links, automation --------------------------------------------------------------------


async def test_the_profile_is_read_by_operators_and_changed_by_admins(world: World) -> None:
    reader, writer = await operator(world), await admin(world)
    read = (await reader.get(at(world, "/profile"))).json()
    assert (read["profile"]["about"], read["rules"]["about"]) == ("Open", 139)
    assert (await reader.patch(at(world, "/profile"), json={"about": "x"})).status_code == 403
    changed = await writer.patch(at(world, "/profile"), json={"about": "Closed", "websites": []})
    assert (changed.json()["about"], changed.json()["websites"]) == ("Closed", [])
    assert (await audited())[-1] == "profile.changed"


async def test_the_shop_is_shown_and_its_products_come_in_pages(world: World) -> None:
    api = await admin(world)
    assert (await api.put(at(world, "/shop"), json={"cart": True, "visible": True})).json()["cart"]
    first = (await api.get(at(world, "/catalogue"))).json()
    rest = (await api.get(at(world, "/catalogue"), params={"after": first["after"]})).json()
    assert [item["name"] for item in (*first["items"], *rest["items"])] == ["Tea", "Teapot", "Cup"]
    found = (await api.get(at(world, "/catalogue"), params={"query": "cup"})).json()["items"]
    assert [item["id"] for item in found] == ["sku2"]


async def test_a_link_keeps_its_code_when_its_text_changes(world: World) -> None:
    api = await admin(world)
    made = (await api.post(at(world, "/links"), json={"text": "Hi"})).json()
    changed = (await api.patch(at(world, f"/links/{made['id']}"), json={"text": "Hello"})).json()
    assert (changed["id"], changed["text"]) == (made["id"], "Hello")
    assert (await api.delete(at(world, f"/links/{made['id']}"))).status_code == 204
    left = (await api.get(at(world, "/links"))).json()["items"]
    assert [link["id"] for link in left] == ["L1"]
    assert (await api.post(at(world, "/links"), json={"text": ""})).status_code == 422


@pytest.mark.parametrize(("form", "mime"), [("svg", "image/svg+xml"), ("png", "image/png")])
async def test_a_code_is_a_picture_in_which_nothing_runs(world: World, form: str, mime: str) -> None:
    answer = await (await operator(world)).get(at(world, "/links/L1/picture"), params={"form": form})
    assert (answer.status_code, answer.headers["content-type"]) == (200, mime)
    assert "sandbox" in answer.headers["content-security-policy"]
    assert "script-src" not in answer.headers["content-security-policy"]
    assert answer.headers["content-disposition"] == f'attachment; filename="L1.{form}"'
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_what_is_no_picture_is_not_passed_on_as_one(world: World) -> None:
    answer = await (await operator(world)).get(at(world, "/links/evil/picture"))
    assert (answer.status_code, answer.json()["code"]) == (422, "not_a_picture")


async def test_automation_is_saved_whole(world: World) -> None:
    api = await admin(world)
    body = {"welcome": True, "commands": [{"name": "menu", "description": "What there is"}]}
    assert (await api.put(at(world, "/automation"), json=body)).status_code == 200
    now = (await api.get(at(world, "/automation"))).json()
    assert (now["automation"]["prompts"], now["automation"]["commands"]) == ([], body["commands"])
    assert now["rules"]["prompts"] == 4


async def test_the_past_of_a_phone_is_asked_for_by_an_admin(world: World) -> None:
    assert (await (await operator(world)).post(at(world, "/history"))).status_code == 403
    assert (await (await admin(world)).post(at(world, "/history"))).status_code == 204


# -- refusals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (c.BadCredentials("token", remote_code="190"), 409, "bad_credentials"),
        (c.Suspended("policy"), 409, "suspended"),
        (c.Rejected("bad"), 409, "rejected"),
        (c.Rejected("bad", field="about"), 422, "rejected"),
        (c.RateLimited("slow", after=7), 429, "rate_limited"),
        (c.Unavailable("later", after=9), 503, "unavailable"),
        (c.OutcomeUnknown("cut"), 503, "unavailable"),
        (c.NotSupported("no"), 409, "no_ability"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
async def test_a_provider_s_refusal_is_a_problem_with_words(
    world: World, error: c.ChannelError, status: int, code: str
) -> None:
    line(world).refuses = error
    answer = await (await operator(world)).get(at(world, "/profile"))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    if error.after:
        assert answer.headers["retry-after"] == str(int(error.after))


async def test_a_channel_that_has_no_such_thing_says_so_and_one_that_is_away_too(world: World) -> None:
    api = await operator(world)
    found = world.lines.lines[world.alpha.channel]
    world.lines.lines[world.alpha.channel] = msgspec.structs.replace(found, channel=Nothing())
    answer = await api.get(at(world, "/profile"))
    assert (answer.status_code, answer.json()["code"]) == (409, "no_ability")
    world.lines.lines.clear()
    assert (await api.get(at(world, "/profile"))).status_code == 503


class Nothing:
    """A channel and no more."""

    async def run(self) -> None: ...
    async def send(self, *_: Any, **__: Any) -> c.MessageId:
        raise c.NotSupported

    def capabilities(self, about: c.Facts) -> c.Capabilities:
        return c.Capabilities(text_max=1)

    def pace(self) -> c.Pace:
        return c.Pace(per_second=1)


# -- blocking -----------------------------------------------------------------------------------------


async def test_a_blocked_person_is_written_to_no_more_until_he_is_unblocked(world: World) -> None:
    conv = await world.conversation(world.alpha)
    api = await operator(world)
    path = f"/api/v1/conversations/{conv}"
    assert (await api.post(f"{path}/block")).status_code == 204
    (person,) = line(world).refused
    assert person == c.Address(kind="whole", value="ada")
    can = (await api.get(f"{path}/can_send")).json()
    assert (can["ok"], can["reason"], can["alternatives"]) == (False, "blocked", ["unblock", "note"])
    refused = await api.post(f"{path}/messages", json={"parts": [{"type": "text", "body": "hi"}]})
    assert (refused.status_code, refused.json()["code"]) == (409, "blocked")
    (listed,) = (await api.get(at(world, "/blocked"))).json()["items"]
    contact = (await api.get(path)).json()["contact"]
    assert (listed["contact"], listed["address"]["value"]) == (contact, "ada")
    assert (await api.delete(f"{path}/block")).status_code == 204
    assert (await api.get(f"{path}/can_send")).json()["ok"]
    assert (await audited())[-2:] == ["person.blocked", "person.unblocked"]


async def test_an_address_of_the_list_is_unblocked_and_its_contact_knows(world: World) -> None:
    conv = await world.conversation(world.alpha)
    api = await operator(world)
    await api.post(f"/api/v1/conversations/{conv}/block")
    ada = {"kind": "whole", "value": "ada"}
    gone = await api.request("DELETE", at(world, "/blocked"), json=ada)
    assert gone.status_code == 204
    assert (await api.get(f"/api/v1/conversations/{conv}/can_send")).json()["ok"]
    again = await api.request("DELETE", at(world, "/blocked"), json=ada)
    assert (again.status_code, again.json()["code"]) == (409, "not_unblocked")


async def test_a_provider_that_does_not_block_leaves_the_contact_as_he_is(world: World) -> None:
    conv = await world.conversation(world.alpha)
    line(world).refuses = c.Rejected("only who wrote in 24 hours")
    api = await operator(world)
    assert (await api.post(f"/api/v1/conversations/{conv}/block")).status_code == 409
    assert [json.loads(row.attributes) for row in await world.store.rows(ContactRow, "")] == [{}]


async def test_nobody_blocks_by_writing_an_attribute(world: World) -> None:
    conv = await world.conversation(world.alpha)
    api = await operator(world)
    contact = (await api.get(f"/api/v1/conversations/{conv}")).json()["contact"]
    body = {"attributes": {f"blocked.{world.alpha.channel_id}": "x"}}
    answer = await api.patch(f"/api/v1/contacts/{contact}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "reserved")


# -- standing, states, figures ------------------------------------------------------------------------

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def test_what_the_provider_says_is_kept_with_its_history(world: World) -> None:
    red = c.LimitChange(at=NOON, about="quality", value="RED", severity="critical", text="complaints")
    green = c.LimitChange(at=NOON + timedelta(hours=1), about="quality", value="GREEN")
    late = c.LimitChange(at=NOON + timedelta(minutes=1), about="quality", value="YELLOW")
    await said(world, red)
    await said(world, red, green)
    await said(world, late, green)
    api = await operator(world)
    standing = (await api.get(at(world, "/standing"))).json()
    assert [one["value"] for one in standing["current"]] == ["GREEN"]
    assert [one["value"] for one in standing["history"]] == ["YELLOW", "GREEN", "RED"]
    assert (standing["use"], standing["per_second"]) == (None, 10)
    assert (await api.get(at(world, ""))).json()["said"]["quality"]["value"] == "GREEN"
    page = (await api.get(at(world, "/standing"), params={"limit": 2})).json()
    rest = (await api.get(at(world, "/standing"), params={"after": page["next"]})).json()
    assert [one["value"] for one in rest["history"]] == ["RED"]


async def test_how_a_channel_was_is_kept(world: World) -> None:
    for enabled in (False, True):
        work = ChangeChannel(workspace=world.alpha.workspace, channel=world.alpha.channel, enabled=enabled)
        await world.store.writer.do(work)
    renamed = ChangeChannel(workspace=world.alpha.workspace, channel=world.alpha.channel, name="x")
    await world.store.writer.do(renamed)
    states = (await (await operator(world)).get(at(world, "/states"))).json()["items"]
    assert [one["state"] for one in states] == ["connecting", "stopped", "connecting"]
    assert await world.store.rows(ChannelStateRow, "WHERE channel_id = $1", world.beta.channel) != []


async def test_operators_see_how_a_connection_is(world: World) -> None:
    shown = (await (await operator(world)).get(at(world, "/health"))).json()["items"]
    assert [(one["name"], one["value"], one["unit"], one["level"]) for one in shown] == [
        ("round_trip", 12.5, "ms", "good"),
        ("engine", "whole 1", "", "good"),
    ]
    viewer = await world.api(world.alpha.people["viewer"])
    assert (await viewer.get(at(world, "/health"))).status_code == 403


async def test_figures_are_asked_for_kept_once_and_added_up(world: World) -> None:
    api = await admin(world)
    for _ in range(2):
        assert (await api.post(at(world, "/figures/pull"), params={"days": 3})).json() == {"figures": 2}
    since, until = line(world).asked[0]
    assert until - since == timedelta(days=3)
    shown = (await api.get(at(world, "/figures"), params={"report": "pricing"})).json()
    assert sorted(one["by"]["category"] for one in shown["figures"]) == ["marketing", "utility"]
    assert [total["values"] for total in shown["totals"]] == [{"volume": 3, "cost": 0.5}] * 2
    assert shown["pulled_at"] > 0
    assert (await api.get(at(world, "/figures"), params={"report": "templates"})).json()["figures"] == []
    far = {"since": 0, "until": 1_772_366_400_000}
    assert (await api.get(at(world, "/figures"), params=far)).json()["code"] == "span"
    (row,) = await world.store.rows(ChannelRow, "WHERE id = $1", world.alpha.channel)
    assert row.counted_at > 0
