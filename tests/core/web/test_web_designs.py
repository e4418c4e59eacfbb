"""Templates over the API: our copy and its history, changes, comparing and copying, previews."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from designing_channel import WELCOME, DesigningChannel, TemplateHouse
from msgspec import to_builtins
from msgspec.structs import replace
from web_world import Client, World

import jackfield.channel as c
from jackfield.ids import new_id, show
from jackfield.inbox.facts import ChannelFacts
from jackfield.inbox.receive import receive


@pytest.fixture
async def house(world: World) -> TemplateHouse:
    """Alpha's and beta's channels design templates, each in an account of its own. This is alpha's."""
    DesigningChannel.houses.clear()
    DesigningChannel.account_of_line.clear()
    for client in (world.alpha, world.beta):
        world.lines.swap(client.channel, DesigningChannel)
    return DesigningChannel.houses.setdefault("line-alpha", TemplateHouse())


async def admin(world: World, client: Client) -> httpx.AsyncClient:
    return await world.api(client.people["admin"])


def where(client: Client, rest: str = "") -> str:
    return f"/api/v1/channels/{client.channel_id}/designs{rest}"


async def listed(api: httpx.AsyncClient, client: Client, **query: str) -> dict[str, dict[str, Any]]:
    answer = await api.get(where(client), params=query)
    assert answer.status_code == 200, answer.text
    return {one["id"]: one for one in answer.json()["templates"]}


async def news(api: httpx.AsyncClient, client: Client, template: str) -> list[tuple[str, str, str, str]]:
    answer = await api.get(where(client, f"/{template}/news"))
    assert answer.status_code == 200, answer.text
    return [(one["what"], one["was"], one["value"], one["reason"]) for one in answer.json()["items"]]


async def told(world: World, client: Client, **news: Any) -> None:
    """The provider tells of a template."""
    said: dict[str, Any] = {
        "at": datetime.now(UTC), "name": "welcome", "language": "en", "state": "", "account": client.line,
    }  # fmt: skip
    facts = ChannelFacts(workspace=client.workspace, channel=client.channel, kind="whole")
    event = c.TemplateState(**(said | news))
    await receive(world.store, world.parts.bus, facts, [event])


async def test_the_list_is_our_copy_and_asks_the_provider_seldom(world: World, house: TemplateHouse) -> None:
    record = house.add(quality="high")
    api = await world.api(world.alpha.people["operator"])
    await listed(api, world.alpha)
    found = await listed(api, world.alpha)
    assert found[record.id]["design"]["body"] == WELCOME.body
    assert (found[record.id]["standing"], found[record.id]["quality"]) == ("approved", "high")
    assert house.asked == ["designs"]
    await listed(api, world.alpha, fresh="true")
    assert house.asked == ["designs"] * 2


async def test_a_provider_that_is_away_leaves_the_copy_and_says_so(
    world: World, house: TemplateHouse
) -> None:
    api = await world.api(world.alpha.people["operator"])
    house.fails = [c.Unavailable("away")]
    assert (await api.get(where(world.alpha))).status_code == 503
    record = house.add()
    await listed(api, world.alpha)
    house.fails = [c.BadCredentials("expired")]
    answer = await api.get(where(world.alpha), params={"fresh": "true"})
    assert [one["id"] for one in answer.json()["templates"]] == [record.id]
    assert answer.json()["problem"] == "bad_credentials"


async def picked(api: httpx.AsyncClient, client: Client) -> list[str]:
    answer = await api.get("/api/v1/templates", params={"channel": client.channel_id})
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()["items"]]


async def test_a_paused_template_is_not_offered_and_its_history_says_why(
    world: World, house: TemplateHouse
) -> None:
    record = house.add()
    api = await admin(world, world.alpha)
    assert await picked(api, world.alpha) == ["welcome"]
    await told(world, world.alpha, id=record.id, state="paused", standing="paused", reason="complaints")
    assert await picked(api, world.alpha) == []
    found = (await listed(api, world.alpha))[record.id]
    assert (found["standing"], found["reason"]) == ("paused", "complaints")
    assert await news(api, world.alpha, record.id) == [
        ("standing", "approved", "paused", "complaints"),
        ("standing", "", "approved", ""),
    ]


async def notices(world: World, client: Client) -> int:
    rows = await world.store.fetch(
        "SELECT count(*) FROM stream WHERE workspace_id = $1 AND data LIKE '%\"template\"%'", client.workspace
    )
    return int(rows[0][0])


async def test_news_heard_twice_are_news_once(world: World, house: TemplateHouse) -> None:
    """Two numbers of one account are both told of it."""
    record = house.add()
    api = await admin(world, world.alpha)
    await listed(api, world.alpha)
    at = datetime.now(UTC)
    for _ in range(2):
        await told(world, world.alpha, id=record.id, state="paused", standing="paused", at=at)
        await told(world, world.alpha, id=record.id, state="locked", changed=True, at=at)
    assert [what for what, *_ in await news(api, world.alpha, record.id)] == [
        "design",
        "standing",
        "standing",
    ]
    assert await notices(world, world.alpha) == 2


async def test_old_news_do_not_turn_the_clock_back(world: World, house: TemplateHouse) -> None:
    record = house.add()
    api = await admin(world, world.alpha)
    await listed(api, world.alpha)
    await told(world, world.alpha, id=record.id, state="paused", standing="paused")
    late = datetime.now(UTC) - timedelta(hours=3)
    await told(world, world.alpha, id=record.id, state="rejected", standing="rejected", at=late)
    assert (await listed(api, world.alpha))[record.id]["standing"] == "paused"
    assert ("standing", "", "rejected", "") in await news(api, world.alpha, record.id)


async def test_what_is_told_while_a_list_is_read_is_newer_than_the_list(
    world: World, house: TemplateHouse
) -> None:
    record = house.add()
    api = await admin(world, world.alpha)
    await listed(api, world.alpha)
    await told(world, world.alpha, id=record.id, state="disabled", standing="disabled")
    found = await listed(api, world.alpha, fresh="true")  # the list still says approved
    assert found[record.id]["standing"] == "disabled"


async def test_quality_and_category_are_followed(world: World, house: TemplateHouse) -> None:
    record = house.add(quality="high")
    api = await admin(world, world.alpha)
    await listed(api, world.alpha)
    await told(world, world.alpha, id=record.id, quality="low")
    await told(world, world.alpha, id=record.id, category="utility", next_category="marketing")
    found = (await listed(api, world.alpha))[record.id]
    assert (found["quality"], found["next_category"]) == ("low", "marketing")
    assert [line[:3] for line in (await news(api, world.alpha, record.id))[:2]] == [
        ("next_category", "", "marketing"),
        ("quality", "high", "low"),
    ]


async def test_a_template_nobody_knew_is_kept_until_it_is_read(world: World, house: TemplateHouse) -> None:
    api = await admin(world, world.alpha)
    await listed(api, world.alpha)
    record = house.add(replace(WELCOME, name="new_one"), "rejected", reason="spam")
    await told(
        world, world.alpha, id=record.id, name="new_one", state="rejected", standing="rejected", reason="spam"
    )
    found = (await listed(api, world.alpha))[record.id]
    assert (found["design"]["name"], found["reason"], found["design"]["body"]) == ("new_one", "spam", "")
    assert (await listed(api, world.alpha, fresh="true"))[record.id]["design"]["body"] == WELCOME.body


async def test_a_template_that_is_listed_no_more_is_gone(world: World, house: TemplateHouse) -> None:
    record = house.add()
    api = await admin(world, world.alpha)
    await listed(api, world.alpha)
    del house.records[record.id]
    assert await listed(api, world.alpha, fresh="true") == {}
    assert (await news(api, world.alpha, record.id))[0][:3] == ("standing", "approved", "deleted")


async def test_made_edited_and_deleted(world: World, house: TemplateHouse) -> None:
    api = await admin(world, world.alpha)
    await listed(api, world.alpha)
    made = (await api.post(where(world.alpha), json=to_builtins(WELCOME))).json()
    assert (made["standing"], made["design"]["name"]) == ("pending", "welcome")
    await told(world, world.alpha, id=made["id"], state="approved", standing="approved")
    edited = replace(WELCOME, footer="Another")
    answer = await api.patch(where(world.alpha, f"/{made['id']}"), json=to_builtins(edited))
    assert answer.status_code == 200, answer.text
    found = (await listed(api, world.alpha))[made["id"]]
    assert (found["standing"], found["design"]["footer"]) == ("pending", "Another")
    answer = await api.delete(where(world.alpha, f"/{made['id']}"), params={"every_language": "true"})
    assert answer.status_code == 204, answer.text
    assert (await listed(api, world.alpha))[made["id"]]["standing"] == "pending_deletion"
    assert [line[2] for line in await news(api, world.alpha, made["id"]) if line[0] == "standing"] == [
        "pending_deletion", "pending", "approved", "pending",
    ]  # fmt: skip


async def test_a_wrong_design_names_its_field_and_the_limit(world: World, house: TemplateHouse) -> None:
    api = await admin(world, world.alpha)
    wrong = to_builtins(replace(WELCOME, body="x" * 61))
    answer = await api.post(where(world.alpha), json=wrong)
    assert answer.status_code == 422
    assert set(answer.json()["data"]["fields"]) == {"body"}
    assert answer.json()["data"]["limit"] == 60
    assert answer.json()["data"]["words"] == "whole.too_long"
    assert house.records == {}


async def test_a_paused_template_is_asked_for_again(world: World, house: TemplateHouse) -> None:
    record = house.add(standing="paused")
    api = await admin(world, world.alpha)
    await listed(api, world.alpha)
    answer = await api.post(where(world.alpha, f"/{record.id}/unpause"))
    assert answer.status_code == 200, answer.text
    assert house.records[record.id].standing == "approved"


async def test_a_comparison_says_each_field_that_differs(world: World, house: TemplateHouse) -> None:
    record = house.add()
    theirs = DesigningChannel.houses.setdefault("line-beta", TemplateHouse())
    api = await both(world)
    ask = where(world.alpha, f"/{record.id}/compare")
    await listed(api, world.alpha)

    async def outcome() -> dict[str, Any]:
        answer = await api.post(ask, json={"to": [world.beta.channel_id]})
        assert answer.status_code == 200, answer.text
        (item,) = answer.json()["items"]
        return item  # type: ignore[no-any-return]  # JSON

    assert (await outcome())["outcome"] == "missing"
    other = replace(WELCOME, footer="", buttons=WELCOME.buttons[:1], examples={})
    theirs.add(other, "paused")
    await listed(api, world.beta, fresh="true")
    found = await outcome()
    assert (found["outcome"], found["template"]["standing"]) == ("differs", "paused")
    assert [(one["field"], one["ours"], one["theirs"]) for one in found["differences"]] == [
        ("footer", "Corner Shop", ""),
        ("buttons.1.form", "url", ""),
        ("buttons.1.title", "Track", ""),
        ("buttons.1.value", "https://example.org/{{1}}", ""),
    ]
    for one in theirs.records.values():
        theirs.becomes(one, design=WELCOME)
    await listed(api, world.beta, fresh="true")
    assert (await outcome())["outcome"] == "same"


async def both(world: World) -> httpx.AsyncClient:
    """Somebody who is an admin of both clients."""
    from jackfield.web.works import SetRole

    who = world.alpha.people["admin"]
    await world.store.writer.do(SetRole(workspace=world.beta.workspace, operator=who, role="admin"))
    return await world.api(who)


async def test_a_copy_is_made_or_edited_in_each_account_with_its_file(
    world: World, house: TemplateHouse
) -> None:
    record = house.add(replace(WELCOME, header=c.TemplateHeader(form="image")))
    theirs = DesigningChannel.houses.setdefault("line-beta", TemplateHouse())
    api = await both(world)
    await listed(api, world.alpha)
    ask = where(world.alpha, f"/{record.id}/copy")
    targets = {"to": [world.beta.channel_id, world.alpha.channel_id]}

    async def outcomes() -> list[str]:
        answer = await api.post(ask, json=targets)
        assert answer.status_code == 200, answer.text
        return [one["outcome"] for one in answer.json()["items"]]

    assert await outcomes() == ["created", "same"]
    (copy,) = theirs.records.values()
    assert (copy.design.header.form, copy.standing) == ("image", "pending")
    rows = await world.store.fetch("SELECT workspace_id, mime FROM file WHERE name LIKE 'welcome%'")
    assert rows == [(world.beta.workspace, "image/png")]
    assert await outcomes() == ["same", "same"]
    theirs.becomes(copy, design=replace(copy.design, footer="old"), standing="rejected")
    await listed(api, world.beta, fresh="true")
    assert await outcomes() == ["edited", "same"]


async def test_one_account_that_refuses_keeps_no_other_from_its_copy(
    world: World, house: TemplateHouse
) -> None:
    record = house.add()
    theirs = DesigningChannel.houses.setdefault("line-beta", TemplateHouse())
    api = await both(world)
    await listed(api, world.alpha)
    await listed(api, world.beta)
    theirs.fails = [c.Rejected("the account is full", remote_code="2388019")]
    answer = await api.post(
        where(world.alpha, f"/{record.id}/copy"), json={"to": [world.beta.channel_id, world.beta.channel_id]}
    )
    first, second = answer.json()["items"]
    assert (first["outcome"], second["outcome"]) == ("failed", "created")
    assert first["problem"]["detail"] == "the account is full"


async def test_a_copy_to_somebody_elses_channel_is_to_nobodys(world: World, house: TemplateHouse) -> None:
    record = house.add()
    api = await admin(world, world.alpha)
    await listed(api, world.alpha)
    for verb in ("copy", "compare"):
        answers = [
            await api.post(where(world.alpha, f"/{record.id}/{verb}"), json={"to": [target]})
            for target in (world.beta.channel_id, show("ch", new_id()))
        ]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].json() == answers[1].json()
    assert DesigningChannel.houses.get("line-beta", TemplateHouse()).asked == []


async def test_a_template_of_another_account_is_none_of_this_channels(
    world: World, house: TemplateHouse
) -> None:
    record = DesigningChannel.houses.setdefault("line-beta", TemplateHouse()).add()
    await listed(await admin(world, world.beta), world.beta)
    api = await admin(world, world.alpha)
    for method, path in (
        ("GET", "/news"), ("PATCH", ""), ("DELETE", ""), ("POST", "/unpause"), ("POST", "/copy"),
    ):  # fmt: skip
        body = {"PATCH": to_builtins(WELCOME)}.get(method, {"to": [world.alpha.channel_id]})
        options = {"json": body} if method == "PATCH" or path == "/copy" else {}
        answer = await api.request(method, where(world.alpha, f"/{record.id}{path}"), **options)
        assert answer.status_code == 404, (method, path, answer.text)


async def test_operators_read_and_admins_change(world: World, house: TemplateHouse) -> None:
    record = house.add()
    operator = await world.api(world.alpha.people["operator"])
    viewer = await world.api(world.alpha.people["viewer"])
    await listed(operator, world.alpha)
    assert (await viewer.get(where(world.alpha))).status_code == 403
    assert (await operator.post(where(world.alpha), json=to_builtins(WELCOME))).status_code == 403
    assert (await operator.delete(where(world.alpha, f"/{record.id}"))).status_code == 403
    preview: dict[str, Any] = {"design": to_builtins(WELCOME), "values": {}}
    assert (await operator.post(where(world.alpha, "/preview"), json=preview)).status_code == 200


async def send(world: World, api: httpx.AsyncClient, **part: Any) -> httpx.Response:
    conversation = await world.conversation(world.alpha)
    said = {"type": "template", "name": "welcome", "language": "en", **part}
    return await api.post(f"/api/v1/conversations/{conversation}/messages", json={"parts": [said]})


VALUES = {"body.1": "Ann", "body.2": "17", "button.1": "abc"}


async def test_the_preview_is_what_is_stored_when_it_is_sent(world: World, house: TemplateHouse) -> None:
    house.add()
    api = await admin(world, world.alpha)
    await listed(api, world.alpha)
    body = {"design": to_builtins(WELCOME), "values": VALUES}
    preview = (await api.post(where(world.alpha, "/preview"), json=body)).json()
    assert preview["body"] == "Hello Ann, your order 17 is here"
    answer = await send(world, api, body="whatever the page says", parameters=VALUES)
    assert answer.status_code == 200, answer.text
    (message,) = answer.json()["messages"]
    stored = (await api.get(f"/api/v1/messages/{message}")).json()
    assert stored["parts"] == [preview]
    assert stored["parts"][0]["buttons"][1]["url"] == "https://example.org/abc"


async def test_a_template_that_is_known_as_stopped_is_not_sent(world: World, house: TemplateHouse) -> None:
    record = house.add()
    api = await admin(world, world.alpha)
    await listed(api, world.alpha)
    for standing, code in (
        ("paused", "template_paused"), ("rejected", "template_rejected"), ("disabled", "template_disabled"),
        ("pending", "template_pending"), ("pending_deletion", "template_gone"),
    ):  # fmt: skip
        await told(world, world.alpha, id=record.id, state=standing, standing=standing)
        answer = await send(world, api, parameters=VALUES)
        assert (answer.status_code, answer.json()["code"]) == (409, code)
    await told(world, world.alpha, id=record.id, state="approved", standing="approved")
    assert (await send(world, api, parameters=VALUES)).status_code == 200


async def test_a_place_without_its_value_is_named(world: World, house: TemplateHouse) -> None:
    house.add()
    api = await admin(world, world.alpha)
    await listed(api, world.alpha)
    answer = await send(world, api, parameters={**VALUES, "body.2": " "})
    assert (answer.status_code, answer.json()["data"]["field"]) == (422, "parameters.body.2")


async def test_a_template_we_do_not_know_goes_out_as_it_is_said(world: World, house: TemplateHouse) -> None:
    api = await admin(world, world.alpha)
    answer = await send(world, api, body="Dear {{1}}", parameters={"body.1": "Ann"})
    assert answer.status_code == 200, answer.text
    (message,) = answer.json()["messages"]
    assert (await api.get(f"/api/v1/messages/{message}")).json()["parts"][0]["body"] == "Dear Ann"


async def test_a_person_who_wants_no_marketing_gets_none_under_another_name(
    world: World, house: TemplateHouse
) -> None:
    """The category is the provider's, not what the sender calls it."""
    house.add(replace(WELCOME, category="marketing"))
    api = await admin(world, world.alpha)
    await listed(api, world.alpha)
    conversation = await world.conversation(world.alpha)
    contact = (await api.get(f"/api/v1/conversations/{conversation}")).json()["contact"]
    await api.patch(f"/api/v1/contacts/{contact}", json={"attributes": {"consent.marketing": "stop"}})
    answer = await send(world, api, category="utility", parameters=VALUES)
    assert (answer.status_code, answer.json()["code"]) == (409, "marketing_opted_out")
