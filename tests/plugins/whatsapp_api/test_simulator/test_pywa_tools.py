"""pywa, a client written by others, uses what a number has beside its messages."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from waba_pywa import PNG, Detour, pywa, types

from jackfield_whatsapp_api.simulator import Customer, Number, Simulator

errors: Any = importlib.import_module("pywa.errors")
others: Any = importlib.import_module("pywa.types.others")


@pytest.fixture
def wa(sim: Simulator, shop: Number) -> Iterator[Any]:
    with httpx.Client(transport=Detour(sim.url)) as session:
        token = sim.token_of(shop)
        yield pywa.WhatsApp(
            phone_id=shop.id, token=token, waba_id=shop.account, session=session, app_id=sim.settings.app_id
        )


async def test_the_profile_with_its_picture(wa: Any) -> None:
    await asyncio.to_thread(
        wa.update_business_profile,
        about="We mend",
        email="shop@example.org",
        websites=["https://a.example"],
        industry=others.Industry.RETAIL,
        profile_picture=PNG,
    )
    found = await asyncio.to_thread(wa.get_business_profile)
    assert (found.about, found.email, found.industry) == (
        "We mend",
        "shop@example.org",
        others.Industry.RETAIL,
    )
    assert found.profile_picture_url.startswith("https://pps.whatsapp.net/")


async def test_the_username(wa: Any) -> None:
    ideas = await asyncio.to_thread(wa.get_reserved_usernames)
    assert "corner_shop" in ideas
    assert (await asyncio.to_thread(wa.set_username, "roses")).status == "reserved"
    assert (await asyncio.to_thread(wa.get_current_username)).username == "roses"
    assert (await asyncio.to_thread(wa.delete_username)).success


async def test_the_shop(wa: Any) -> None:
    await asyncio.to_thread(wa.update_commerce_settings, is_catalog_visible=True, is_cart_enabled=False)
    found = await asyncio.to_thread(wa.get_commerce_settings)
    assert (found.is_catalog_visible, found.is_cart_enabled) == (True, False)


async def test_links_and_the_pictures_of_their_codes(sim: Simulator, wa: Any) -> None:
    made = await asyncio.to_thread(wa.create_qr_code, "Hello", "SVG")
    async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport()) as browser:
        picture = await browser.get(made.qr_image_url)
        assert picture.headers["content-type"] == "image/svg+xml"
        assert (await browser.get(f"{sim.url}/qr/{made.code}.gif")).status_code == 404
    await asyncio.to_thread(wa.update_qr_code, made.code, "Hello again")
    (listed,) = await asyncio.to_thread(wa.get_qr_codes, image_type="PNG")
    assert (listed.code, listed.prefilled_message) == (made.code, "Hello again")
    assert listed.qr_image_url.endswith(".png")
    assert (await asyncio.to_thread(wa.get_qr_code, made.code)).deep_link_url == made.deep_link_url
    assert (await asyncio.to_thread(wa.delete_qr_code, made.code)).success


async def test_what_the_app_offers(wa: Any) -> None:
    command = types.Command(name="hours", description="When we are open")
    await asyncio.to_thread(
        wa.update_conversational_automation, ice_breakers=["Are you open?"], commands=[command]
    )
    number = await asyncio.to_thread(wa.get_business_phone_number)
    offers = number.conversational_automation
    assert [*offers.ice_breakers] == ["Are you open?"]
    assert [one.name for one in offers.commands] == ["hours"]


async def test_who_cannot_be_blocked_is_an_error_and_the_others_are_blocked(
    sim: Simulator, shop: Number, ann: Customer, wa: Any
) -> None:
    sim.user_says(shop.id, ann.phone, "Hello")
    with pytest.raises(errors.BulkBlockingFailed):
        await asyncio.to_thread(wa.block_users, [ann.phone, "15550000000"])
    assert shop.blocked == {ann.phone}
    listed = await asyncio.to_thread(wa.get_blocked_users)
    assert [one.wa_id for one in listed] == [ann.phone]
    await asyncio.to_thread(wa.unblock_users, [ann.phone])
    assert not shop.blocked
