"""Media and resumable uploads: two steps down, five minutes, the right token."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from jackfield_whatsapp_api.simulator import Customer, Number, Simulator

Json = dict[str, Any]
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


async def upload(api: aiohttp.ClientSession, shop: Number, data: bytes, mime: str) -> tuple[int, Json]:
    form = aiohttp.FormData({"messaging_product": "whatsapp", "type": mime})
    form.add_field("file", io.BytesIO(data), filename="file.bin", content_type=mime)
    async with api.post(f"{shop.id}/media", data=form) as answer:
        return answer.status, await answer.json()


async def test_what_goes_up_comes_down_in_two_steps(api: aiohttp.ClientSession, shop: Number) -> None:
    status, found = await upload(api, shop, PNG, "image/png")
    assert (status, found["id"].isdecimal()) == (200, True)
    async with api.get(found["id"]) as answer:
        node = await answer.json()
    assert (node["mime_type"], node["file_size"], node["messaging_product"]) == ("image/png", 72, "whatsapp")
    async with api.get(node["url"]) as answer:
        assert (answer.status, await answer.read()) == (200, PNG)
    async with api.delete(found["id"]) as answer:
        assert await answer.json() == {"success": True}
    async with api.get(found["id"]) as answer:
        assert (answer.status, (await answer.json())["error"]["error_subcode"]) == (400, 33)


async def test_an_address_needs_the_token_and_runs_out_after_five_minutes(
    sim: Simulator, api: aiohttp.ClientSession, shop: Number
) -> None:
    _, found = await upload(api, shop, PNG, "image/png")
    async with api.get(found["id"]) as answer:
        url = (await answer.json())["url"]
    async with aiohttp.ClientSession() as stranger, stranger.get(url) as answer:
        assert answer.status == 401
    async with api.get(url.replace("hash=", "hash=0")) as answer:
        assert answer.status == 404
    sim.forward(timedelta(minutes=5, seconds=1))
    async with api.get(url) as answer:
        assert answer.status == 404
    async with api.get(found["id"]) as answer:
        assert answer.status == 200
    sim.forward(timedelta(days=30))
    async with api.get(found["id"]) as answer:
        assert answer.status == 400


async def test_received_media_lasts_seven_days_and_belongs_to_its_number(
    sim: Simulator, api: aiohttp.ClientSession, shop: Number, ann: Customer, inbox: list[Json]
) -> None:
    picture = sim.user_has(shop.id, PNG, "image/png")
    sim.user_writes(shop.id, ann.phone, "image", {"id": picture.id, "caption": "look"})
    await sim.settled()
    node = inbox[0]["entry"][0]["changes"][0]["value"]["messages"][0]["image"]
    assert (node["id"], node["mime_type"], node["caption"]) == (picture.id, "image/png", "look")
    async with api.get(node["url"]) as answer:
        assert await answer.read() == PNG
    async with api.get(f"{picture.id}?phone_number_id={shop.id}") as answer:
        assert answer.status == 200
    async with api.get(f"{picture.id}?phone_number_id=1") as answer:
        assert answer.status == 400
    sim.forward(timedelta(days=7, seconds=1))
    async with api.get(picture.id) as answer:
        assert answer.status == 400


@pytest.mark.parametrize(
    ("data", "mime", "code"),
    [
        (PNG, "image/gif", 100),
        (b"x", "application/x-sh", 100),
        (b"", "image/png", 131053),
        (b"x" * (5 * 1024 * 1024 + 1), "image/jpeg", 131053),
        (b"x" * (500 * 1024 + 1), "image/webp", 131053),
    ],
)
async def test_a_file_the_provider_does_not_take(
    api: aiohttp.ClientSession, shop: Number, data: bytes, mime: str, code: int
) -> None:
    status, found = await upload(api, shop, data, mime)
    assert (status, found["error"]["code"]) == (400, code)


async def test_an_upload_without_a_form_is_refused(api: aiohttp.ClientSession, shop: Number) -> None:
    async with api.post(f"{shop.id}/media", json={"messaging_product": "whatsapp"}) as answer:
        assert answer.status == 400
    headers = {"Content-Type": "multipart/form-data"}
    async with api.post(f"{shop.id}/media", data=b"junk", headers=headers) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (400, 100)


async def test_a_file_is_sent_only_as_what_it_is(
    sim: Simulator, api: aiohttp.ClientSession, shop: Number, ann: Customer
) -> None:
    sim.user_says(shop.id, ann.phone, "Hello")
    _, found = await upload(api, shop, PNG, "image/png")
    for kind, status in (("image", 200), ("document", 200), ("video", 400), ("audio", 400)):
        body = {"messaging_product": "whatsapp", "to": ann.phone, "type": kind, kind: {"id": found["id"]}}
        async with api.post(f"{shop.id}/messages", json=body) as answer:
            assert answer.status == status, kind


async def test_a_resumable_upload_goes_on_where_it_broke_off(
    sim: Simulator, api: aiohttp.ClientSession
) -> None:
    begin = f"{sim.settings.app_id}/uploads?file_name=a.png&file_length={len(PNG)}&file_type=image/png"
    async with api.post(begin) as answer:
        session = (await answer.json())["id"]
    url = f"{sim.url}/v23.0/{session}"
    async with api.post(url, data=PNG[:30], headers={"file_offset": "0"}) as answer:
        assert "h" not in await answer.json()
    async with api.post(url, data=PNG[30:], headers={"file_offset": "0"}) as answer:
        assert answer.status == 400
    async with api.get(url) as answer:
        assert (await answer.json())["file_offset"] == 30
    async with api.post(url, data=PNG[30:], headers={"file_offset": "30"}) as answer:
        assert (await answer.json())["h"].startswith("4::")
