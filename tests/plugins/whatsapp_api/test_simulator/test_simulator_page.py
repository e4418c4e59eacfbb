"""The phone page in a real Chromium: what the customer does there reaches the business, and the other way."""

from __future__ import annotations

from typing import Any

import aiohttp
from playwright.async_api import FilePayload, Page, expect

from jackfield_whatsapp_api.simulator import Customer, Number, Simulator

Json = dict[str, Any]


async def send(api: aiohttp.ClientSession, shop: Number, user: Customer, body: Json) -> str:
    request = {"messaging_product": "whatsapp", "to": user.phone} | body
    async with api.post(f"{shop.id}/messages", json=request) as answer:
        assert answer.status == 200, await answer.text()
        return str((await answer.json())["messages"][0]["id"])


async def test_a_conversation_played_on_the_page(
    *, sim: Simulator, shop: Number, ann: Customer, api: aiohttp.ClientSession, page: Page, inbox: list[Json]
) -> None:
    sim.add_customer("+1 555 010 0100", "Somebody Else")
    await page.goto(sim.phone_page(shop, ann))
    await expect(page.get_by_test_id("phone-customer")).to_have_value(ann.phone)
    await page.get_by_test_id("phone-input").fill("<b>Hello</b> 👋")
    await page.get_by_test_id("phone-send").click()
    messages = page.get_by_test_id("phone-messages")
    await expect(messages).to_contain_text("<b>Hello</b> 👋")
    await expect(page.get_by_test_id("phone-input")).to_have_value("")

    buttons = [{"type": "reply", "reply": {"id": one, "title": one}} for one in ("Yes", "No")]
    interactive = {"type": "button", "body": {"text": "Shall we?"}, "action": {"buttons": buttons}}
    offered = await send(api, shop, ann, {"type": "interactive", "interactive": interactive})
    await page.get_by_role("button", name="Yes").click()
    await expect(messages.locator("[data-by=customer]")).to_have_count(2)
    rows = [{"id": "r", "title": "Roses", "description": "Red"}]
    action = {"button": "Choose", "sections": [{"title": "All", "rows": rows}]}
    listed = {"type": "list", "body": {"text": "Which?"}, "action": action}
    await send(api, shop, ann, {"type": "interactive", "interactive": listed})
    await messages.get_by_role("button", name="Choose").click()
    await page.get_by_test_id("phone-chooser").get_by_role("button", name="Roses").click()
    await expect(messages.locator("[data-by=customer]")).to_have_count(3)

    row = messages.locator(f"[data-id='{offered}']")
    await row.hover()
    await row.get_by_test_id("phone-more").click()
    await page.get_by_role("button", name="React with ❤️").click()
    await expect(row).to_contain_text("❤️")
    await row.hover()
    await row.get_by_test_id("phone-more").click()
    await page.get_by_test_id("phone-reply").click()
    photo = FilePayload(name="me.png", mimeType="image/png", buffer=b"\x89PNG\r\n\x1a\n")
    await page.get_by_test_id("phone-file").set_input_files(photo)
    await expect(messages.locator("img")).to_have_count(1)
    await sim.settled()
    assert sim.messages[offered].status == "read"
    told = [one["entry"][0]["changes"][0]["value"].get("messages", [{}])[0] for one in inbox]
    kinds = [one["type"] for one in told if one]
    assert kinds == ["text", "interactive", "interactive", "reaction", "image"]
    (image,) = [one for one in told if one.get("type") == "image"]
    assert image["context"]["id"] == offered


async def test_the_page_shows_typing_follows_the_picker_and_survives_a_refusal(
    sim: Simulator, shop: Number, ann: Customer, api: aiohttp.ClientSession, page: Page
) -> None:
    bob = sim.add_customer("+1 555 010 0198", "Bob")
    asked = sim.user_says(shop.id, ann.phone, "Open today?")
    await page.goto(sim.phone_page(shop, ann))
    messages = page.get_by_test_id("phone-messages")
    await expect(messages).to_contain_text("Open today?")
    read = {"messaging_product": "whatsapp", "status": "read", "message_id": asked.id}
    async with api.post(f"{shop.id}/messages", json=read | {"typing_indicator": {"type": "text"}}):
        await expect(page.get_by_test_id("phone-presence")).to_have_text("typing…")
    await send(api, shop, ann, {"type": "text", "text": {"body": "Yes, until six"}})
    await expect(messages).to_contain_text("Yes, until six")
    await expect(page.get_by_test_id("phone-presence")).to_have_text("online")
    await page.get_by_test_id("phone-customer").select_option(bob.phone)
    await expect(messages).to_contain_text("Nothing has been said yet")
    assert f"user={bob.phone}" in page.url
    sim.user_says(shop.id, bob.phone, "I am here too")
    await expect(messages).to_contain_text("I am here too")
    await page.goto(f"{sim.phone_page(shop, ann)}&lang=ru")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Телефон клиента")
