"""The phones in the browser, by their API: what one thumb does is seen on the other phone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from mock_whatsapp import MockWhatsApp
from mock_whatsapp.phone_page.app import build
from mock_whatsapp.phone_page.handsets import Handsets

SHOP, MAYA = "447700900210", "447700900311"
WITHIN = 20.0  # seconds, on a busy machine


class Room(NamedTuple):
    """Two phones on a table, and who picks them up."""

    http: httpx.AsyncClient
    handsets: Handsets
    codes: list[str]
    shop: str
    maya: str

    async def does(self, number: str, act: str, **said: Any) -> httpx.Response:
        chat = self.shop if number == MAYA else self.maya
        return await self.http.post(f"/api/phones/{number}/{act}", json={"chat": chat, **said})

    async def bubbles(self, number: str) -> list[dict[str, Any]]:
        state = (await self.http.get("/api/state")).json()
        phone = next(one for one in state["phones"] if one["number"] == number)
        return [dict(said) for said in phone["chats"][0]["messages"]]

    async def until(self, number: str, true: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        seen = 0
        async with asyncio.timeout(WITHIN):
            while not true(shown := await self.bubbles(number)):
                seen = await self.handsets.change(seen)
        return shown

    async def hear(self, number: str, count: int = 1) -> dict[str, Any]:
        """The last of so many bubbles."""
        return (await self.until(number, lambda shown: len(shown) == count))[-1]


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with MockWhatsApp(tmp_path).running() as mock:
        codes = list[str]()
        handsets = Handsets(mock, lambda: codes)
        shop = handsets.add(mock.add(SHOP, "210000000000001", "Nora", business="Rentals"), owner=True)
        maya = handsets.add(mock.add(MAYA, "210000000000011", "Maya"))
        to_maya, to_shop = shop.chat(maya.account).id, maya.chat(shop.account).id
        async with handsets.running():
            app = httpx.ASGITransport(build(handsets))
            async with httpx.AsyncClient(transport=app, base_url="http://127.0.0.1:1") as http:
                yield Room(http, handsets, codes, to_shop, to_maya)


async def test_words_arrive_and_their_ticks_rise(room: Room) -> None:
    await room.does(MAYA, "write", kind="text", text="Is it open today?")
    heard = await room.hear(SHOP)
    assert (heard["text"], heard["mine"], heard["by"]) == ("Is it open today?", False, "Maya")
    await room.until(MAYA, lambda shown: shown[0]["ticks"] == "delivered")
    await room.does(SHOP, "read")
    await room.until(MAYA, lambda shown: shown[0]["ticks"] == "read")


async def test_an_answer_shows_what_it_answers(room: Room) -> None:
    await room.does(MAYA, "write", kind="text", text="Until when?")
    asked = await room.hear(SHOP)
    await room.does(SHOP, "write", kind="text", text="Until six.", reply_to=asked["id"])
    assert (await room.hear(MAYA, 2))["reply_to"] == {"by": "Maya", "text": "Until when?"}


async def test_words_are_changed_taken_back_and_reacted_to(room: Room) -> None:
    await room.does(MAYA, "write", kind="text", text="Monday")
    said = (await room.hear(SHOP))["id"]
    await room.does(MAYA, "edit", message=said, text="Tuesday")
    await room.until(SHOP, lambda shown: shown[0]["text"] == "Tuesday" and shown[0]["edited"])
    await room.does(SHOP, "react", message=said, emoji="👍")
    await room.until(MAYA, lambda shown: shown[0]["reactions"] == [{"emoji": "👍", "by": "Nora"}])
    await room.does(SHOP, "react", message=said, emoji="")
    await room.until(MAYA, lambda shown: shown[0]["reactions"] == [])
    await room.does(MAYA, "delete", message=said)
    await room.until(SHOP, lambda shown: shown[0]["kind"] == "deleted" and shown[0]["text"] == "")


async def test_nobody_changes_the_words_of_another(room: Room) -> None:
    await room.does(MAYA, "write", kind="text", text="Mine")
    said = (await room.hear(SHOP))["id"]
    for act in ("edit", "delete"):
        answer = await room.does(SHOP, act, message=said, text="Yours")
        assert (answer.status_code, answer.json()) == (409, {"error": "failed"})
    assert (await room.bubbles(MAYA))[0]["text"] == "Mine"


@pytest.mark.parametrize(
    ("kind", "mime", "shown"),
    [
        ("image", "image/jpeg", "image/jpeg"),
        ("voice", "audio/ogg", "audio/ogg"),
        ("document", "text/html", "application/octet-stream"),
    ],
)
async def test_a_file_arrives_whole_and_is_served_safely(
    room: Room, kind: str, mime: str, shown: str
) -> None:
    given = {"chat": room.shop, "kind": kind, "caption": "look"}
    answer = await room.http.post(
        f"/api/phones/{MAYA}/file", data=given, files={"file": ("a", b"bytes", mime)}
    )
    assert answer.status_code == 200
    heard = await room.hear(SHOP)
    assert heard["kind"] == kind
    file = await room.http.get(heard["file"])
    assert (file.content, file.headers["content-type"]) == (b"bytes", shown)
    assert ("attachment" in file.headers.get("content-disposition", "")) is (shown != mime)


@pytest.mark.parametrize("kind", ["location", "contact", "call"])
async def test_other_kinds_arrive_as_what_they_are(room: Room, kind: str) -> None:
    await room.does(MAYA, "write", kind=kind, text="The bridge")
    assert (await room.hear(SHOP))["kind"] == kind


async def test_who_types_is_seen(room: Room) -> None:
    await room.does(MAYA, "typing", on=True)
    chat = room.handsets.phones[SHOP].chats[room.maya]
    assert chat.typing == "Maya"
    await room.does(MAYA, "typing", on=False)
    assert not chat.typing


@pytest.mark.parametrize(
    ("said", "error"),
    [({}, "nothing_to_scan"), ({"text": "no code"}, "wrong_code"), ({"code": "ABCD1234"}, "wrong_code")],
)
async def test_a_code_that_nobody_shows_links_nothing(room: Room, said: dict[str, str], error: str) -> None:
    answer = await room.http.post(f"/api/phones/{SHOP}/link", json=said)
    assert (answer.status_code, answer.json()) == (409, {"error": error})


@pytest.mark.parametrize(
    ("path", "said", "status"),
    [
        (f"/api/phones/{MAYA}/write", {"chat": "nobody", "kind": "text", "text": "x"}, 409),
        (f"/api/phones/{MAYA}/write", {"kind": "text"}, 400),
        (f"/api/phones/{MAYA}/dance", {}, 400),
        ("/api/phones/0/write", {}, 400),
        ("/api/fault", {"fault": "fire"}, 400),
        ("/api/fault", [], 400),
    ],
)
async def test_what_makes_no_sense_is_refused(room: Room, path: str, said: Any, status: int) -> None:
    answer = await room.http.post(path, json=said)
    assert answer.status_code == status
    assert answer.json()["error"]


async def test_the_page_of_another_site_does_nothing_here(room: Room) -> None:
    answer = await room.http.post(
        f"/api/phones/{SHOP}/unlink", json={}, headers={"Origin": "https://elsewhere.example"}
    )
    assert answer.status_code == 403
    rebound = await room.http.get("/api/state", headers={"Host": "elsewhere.example"})
    assert rebound.status_code == 400


async def test_a_fault_is_shown_until_it_is_mended(room: Room) -> None:
    await room.http.post("/api/fault", json={"fault": "cut"})
    assert (await room.http.get("/api/state")).json()["fault"] == "cut"
    assert room.handsets.mock.refusals
    await room.http.post("/api/fault", json={"fault": ""})
    assert not room.handsets.mock.refusals
