"""pywa, a client written by others against the real service, works against the simulator."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from waba_pywa import PNG, Detour, pywa, templates, types

from jackfield_whatsapp_api.simulator import Customer, Number, Refuse, Simulator

errors: Any = importlib.import_module("pywa.errors")


@pytest.fixture
def wa(sim: Simulator, shop: Number) -> Iterator[Any]:
    with httpx.Client(transport=Detour(sim.url)) as session:
        token = sim.token_of(shop)
        yield pywa.WhatsApp(phone_id=shop.id, token=token, waba_id=shop.account, session=session)


async def test_text_reply_reaction_and_buttons(sim: Simulator, shop: Number, ann: Customer, wa: Any) -> None:
    asked = sim.user_says(shop.id, ann.phone, "Open today?")
    sent = await asyncio.to_thread(wa.send_message, ann.phone, "Yes", reply_to_message_id=asked.id)
    assert sim.messages[sent.id].content["body"] == "Yes"
    assert sim.messages[sent.id].reply_to == asked.id
    await asyncio.to_thread(wa.send_reaction, ann.phone, "👍", asked.id)
    assert asked.reactions == {"business": "👍"}
    buttons = [types.Button("Yes", callback_data="y"), types.Button("No", callback_data="n")]
    offered = await asyncio.to_thread(wa.send_message, ann.phone, "Shall we?", buttons=buttons)
    sim.user_presses(shop.id, ann.phone, offered.id, "y")
    rows = [types.SectionRow("Roses", "r")]
    choice = types.SectionList("Choose", [types.Section("Flowers", rows)])
    listed = await asyncio.to_thread(wa.send_message, ann.phone, "Which?", buttons=choice)
    sim.user_presses(shop.id, ann.phone, listed.id, "r")
    await asyncio.to_thread(wa.send_location, ann.phone, 59.93, 30.33, name="Shop")
    card = types.Contact(name=types.Contact.Name("Ann Bee", "Ann"))
    await asyncio.to_thread(wa.send_contact, ann.phone, card)
    await sim.settled()
    assert sim.messages[sent.id].status == "delivered"


async def test_by_bsuid(sim: Simulator, shop: Number, wa: Any) -> None:
    eve = sim.add_customer("+1 555 010 0177", "Eve", username="eve", hidden=True)
    sim.user_says(shop.id, eve.phone, "Hello")
    sent = await asyncio.to_thread(wa.send_message, sim.bsuid(shop, eve), "Hi")
    assert sim.messages[sent.id].user == eve.phone


async def test_templates_are_created_listed_and_sent(
    sim: Simulator, shop: Number, ann: Customer, wa: Any
) -> None:
    sim.add_template(shop, "ready", "en", "Order {{1}} is ready")
    footer = {"type": "FOOTER", "text": "Corner Shop"}
    sim.add_template(shop, "closed", "ru", "Сегодня закрыто", components=[footer])
    found = await asyncio.to_thread(wa.get_templates)
    assert [one.name for one in found] == ["ready", "closed"]
    assert found.message_template_count == 2
    paged = await asyncio.to_thread(wa.get_templates, pagination=types.Pagination(limit=1))
    assert paged.has_next
    rest = types.Pagination(limit=1, after=paged.after)  # TemplatesResult.next() of pywa 4.5 raises
    following = await asyncio.to_thread(wa.get_templates, pagination=rest)
    assert [one.name for one in following] == ["closed"]
    params = [templates.BodyText.params("17")]
    sent = await asyncio.to_thread(
        wa.send_template, ann.phone, "ready", templates.TemplateLanguage.ENGLISH, params
    )
    assert sim.messages[sent.id].shown["body"] == "Order 17 is ready"
    assert sent.status == "accepted"


async def test_media_goes_up_out_and_down(sim: Simulator, shop: Number, ann: Customer, wa: Any) -> None:
    sim.user_says(shop.id, ann.phone, "A photo, please")
    media = await asyncio.to_thread(wa.upload_media, PNG, "image/png", "a.png")
    sent = await asyncio.to_thread(wa.send_image, ann.phone, media, caption="Here")
    assert sim.messages[sent.id].content["id"] == media.id
    address = await asyncio.to_thread(wa.get_media_url, media.id)
    assert await asyncio.to_thread(wa.get_media_bytes, address.url) == PNG
    await asyncio.to_thread(wa.delete_media, media.id)
    with pytest.raises(errors.WhatsAppError, match="does not exist"):
        await asyncio.to_thread(wa.get_media_url, media.id)


async def test_mark_as_read_and_typing(sim: Simulator, shop: Number, ann: Customer, wa: Any) -> None:
    asked = sim.user_says(shop.id, ann.phone, "Hello")
    assert await asyncio.to_thread(wa.mark_message_as_read, asked.id)
    assert asked.status == "read"
    assert await asyncio.to_thread(wa.indicate_typing, asked.id)


async def test_number_profile_and_blocked_users(sim: Simulator, shop: Number, ann: Customer, wa: Any) -> None:
    number = await asyncio.to_thread(wa.get_business_phone_number)
    assert (number.id, number.verified_name) == (shop.id, "Corner Shop")
    assert [one.id for one in await asyncio.to_thread(wa.get_business_phone_numbers)] == [shop.id]
    await asyncio.to_thread(wa.update_business_profile, about="We mend")
    assert (await asyncio.to_thread(wa.get_business_profile)).about == "We mend"
    sim.user_says(shop.id, ann.phone, "spam")
    blocked = await asyncio.to_thread(wa.block_users, [ann.phone])
    assert [one.wa_id for one in blocked.added_users] == [ann.phone]
    assert shop.blocked == {ann.phone}


async def test_errors_become_pywas_own(sim: Simulator, shop: Number, ann: Customer, wa: Any) -> None:
    with pytest.raises(errors.ReEngagementMessage):
        await asyncio.to_thread(wa.send_message, ann.phone, "too late")
    sim.user_says(shop.id, ann.phone, "Hello")
    sim.script(Refuse(code=131056))
    with pytest.raises(errors.TooManyMessages):
        await asyncio.to_thread(wa.send_message, ann.phone, "too fast")
