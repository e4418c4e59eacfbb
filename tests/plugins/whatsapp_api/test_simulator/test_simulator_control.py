"""The control API and the phone page's doors: what they do, and whom they let in."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from jackfield_whatsapp_api.simulator import Customer, Number, Simulator

Json = dict[str, Any]


@pytest.fixture
def page_headers(sim: Simulator) -> dict[str, str]:
    return {"Origin": sim.url, "Sec-Fetch-Site": "same-origin"}


async def act(sim: Simulator, path: str, body: Json, status: int = 200) -> Json:
    async with (
        aiohttp.ClientSession() as client,
        client.post(f"{sim.url}/control/{path}", json=body) as answer,
    ):
        assert answer.status == status, await answer.text()
        found: Json = await answer.json()
        return found


async def test_a_customer_can_be_played_over_http(
    sim: Simulator, shop: Number, inbox: list[Json], api: aiohttp.ClientSession
) -> None:
    made = await act(sim, "customers", {"phone": "+7 999 123-45-67", "name": "Аня"})
    assert (made["phone"], made["country"]) == ("79991234567", "RU")
    where = {"number": shop.id, "user": made["phone"]}
    said = await act(sim, "messages", {**where, "content": {"body": "Привет"}})
    buttons = [{"type": "reply", "reply": {"id": "y", "title": "Yes"}}]
    interactive = {"type": "button", "body": {"text": "Ok?"}, "action": {"buttons": buttons}}
    body: Json = {"messaging_product": "whatsapp", "to": "79991234567", "type": "interactive"}
    async with api.post(f"{shop.id}/messages", json=body | {"interactive": interactive}) as answer:
        offered = (await answer.json())["messages"][0]["id"]
    await sim.settled()
    await act(sim, "typing", where)
    assert await act(sim, "read", where) == {"read": 1}
    await act(sim, "press", {**where, "message": offered, "choice": "y"})
    await act(sim, "reactions", {**where, "message": offered, "emoji": "👍"})
    await act(sim, "edit", {**where, "message": said["id"], "body": "Здравствуйте"})
    await act(sim, "revoke", {**where, "message": said["id"]})
    await act(sim, "calls", {**where, "seconds": 5})
    await sim.settled()
    kinds = [
        item.get("type") or item.get("event") or item.get("status")
        for one in inbox
        for value in [one["entry"][0]["changes"][0]["value"]]
        for name in ("messages", "statuses", "calls")
        for item in value.get(name, [])
    ]
    told = ["text", "sent", "delivered", "read", "interactive", "reaction", "edit", "revoke", "terminate"]
    assert kinds == told
    async with aiohttp.ClientSession() as client:
        async with client.get(f"{sim.url}/control/state") as answer:
            state = await answer.json()
        async with client.get(f"{sim.url}/control/chats/{shop.id}/{made['phone']}") as answer:
            chat = (await answer.json())["messages"]
    assert [one["name"] for one in state["customers"]] == ["Аня"]
    assert [(one["by"], one["revoked"]) for one in chat] == [
        ("customer", True),
        ("business", False),
        ("customer", False),
    ]
    assert chat[1]["reactions"] == {"customer": "👍"}


async def test_a_photo_goes_up_and_out(
    sim: Simulator, shop: Number, ann: Customer, inbox: list[Json]
) -> None:
    form = aiohttp.FormData({"number": shop.id})
    form.add_field("file", b"\xff\xd8photo", filename="me.jpg", content_type="image/jpeg")
    async with aiohttp.ClientSession() as client:
        async with client.post(f"{sim.url}/control/media", data=form) as answer:
            media = await answer.json()
        async with client.get(f"{sim.url}/control/media/{media['id']}") as answer:
            assert (answer.content_type, await answer.read()) == ("image/jpeg", b"\xff\xd8photo")
    where = {"number": shop.id, "user": ann.phone}
    await act(sim, "messages", {**where, "type": "image", "content": {"id": media["id"], "caption": "Me"}})
    await sim.settled()
    assert inbox[0]["entry"][0]["changes"][0]["value"]["messages"][0]["image"]["caption"] == "Me"


async def test_a_file_that_could_run_in_the_page_is_only_downloaded(sim: Simulator, shop: Number) -> None:
    bad = sim.user_has(shop.id, b"<svg/>", "image/svg+xml")
    html = sim.user_has(shop.id, b"<script>", "text/html")
    async with aiohttp.ClientSession() as client:
        for media in (bad, html):
            async with client.get(f"{sim.url}/control/media/{media.id}") as answer:
                assert answer.content_type == "application/octet-stream"
                assert answer.headers["Content-Disposition"] == "attachment"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("messages", {"number": "1", "user": "2", "content": {"body": "x"}}),
        ("messages", {"number": "1"}),
        ("messages", {"surprise": 1}),
        ("customers", {"phone": "12", "name": "Short"}),
        ("webhooks", {"field": "x", "value": {}}),
        ("webhooks", {"field": "x", "value": {}, "number": "1"}),
        ("templates", {"template": "1", "status": "APPROVED"}),
        ("script", {"type": "earthquake"}),
        ("script", {"type": "refuse", "code": 1, "times": -1}),
        ("clock", {"at": "2026-01-01T00:00:00"}),
        ("online", {"user": "1", "online": False}),
    ],
)
async def test_a_wrong_wish_is_a_422_that_says_why(sim: Simulator, path: str, body: Json) -> None:
    assert (await act(sim, path, body, 422))["error"]


async def test_the_provider_can_be_scripted_and_the_clock_set_over_http(
    sim: Simulator, shop: Number, ann: Customer, api: aiohttp.ClientSession
) -> None:
    sim.user_says(shop.id, ann.phone, "Hello")
    await act(sim, "script", {"type": "refuse", "code": 131056})
    body = {"messaging_product": "whatsapp", "to": ann.phone, "type": "text", "text": {"body": "Hi"}}
    async with api.post(f"{shop.id}/messages", json=body) as answer:
        assert (await answer.json())["error"]["code"] == 131056
    await act(sim, "clock", {"forward": 25 * 3600})
    async with api.post(f"{shop.id}/messages", json=body) as answer:
        assert (await answer.json())["error"]["code"] == 131047
    found = await act(sim, "clock", {"at": "2030-01-01T00:00:00Z"})
    assert found["now"].startswith("2030-01-01T00:00:00")


async def test_the_page_hears_of_new_messages(sim: Simulator, shop: Number, ann: Customer) -> None:
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"{sim.url}/control/events") as answer,
        asyncio.timeout(5),
    ):
        assert answer.content_type == "text/event-stream"
        assert (await answer.content.readline()) == b": hello\n"
        await answer.content.readline()
        sim.user_says(shop.id, ann.phone, "Hello")
        event = json.loads((await answer.content.readline()).removeprefix(b"data: "))
    assert (event["event"], event["message"]["content"]) == ("message", {"body": "Hello"})


async def test_the_simulator_ends_while_a_page_still_listens() -> None:
    async with aiohttp.ClientSession() as client:
        async with Simulator.start() as other:
            answer = await client.get(f"{other.url}/control/events")
            await answer.content.readline()
        async with asyncio.timeout(5):
            assert await answer.content.read() == b"\n"
        with pytest.raises(aiohttp.ClientConnectorError):
            await client.get(f"{other.url}/control/state")


@pytest.mark.parametrize("path", ["/phone", "/control/state", "/control/events"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    ],
)
async def test_other_sites_are_kept_out(sim: Simulator, path: str, headers: dict[str, str]) -> None:
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"{sim.url}{path}", headers=headers) as answer,
    ):
        assert answer.status == 403


async def test_the_page_is_served_under_a_strict_policy(sim: Simulator, page_headers: dict[str, str]) -> None:
    async with aiohttp.ClientSession(headers=page_headers) as client:
        for path in ("/phone", "/phone/phone.css", "/phone/phone.js", "/phone/en.json", "/phone/ru.json"):
            async with client.get(f"{sim.url}{path}") as answer:
                assert answer.status == 200, path
                policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
