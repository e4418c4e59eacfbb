"""A linked phone on the page: linking it, its limits and its health, and what its chats say of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import msgspec
import pytest
from browser import Visit, launched, visiting
from fake_admin import Business
from fake_device import GROUP, KIND, LINE, Device, arrives
from fake_server import World, now_ms
from playwright.async_api import Browser, expect

from jackfield.channel import Ask, Done, Show
from jackfield.wire.views import CanSend

CHAT = "/i/all/c/c_1"
CHANNEL = f"/settings/channels/{LINE}"
NEW = f"/settings/channels/new?ws=w_1&kind={KIND}&flow=qr"


@pytest.fixture
def device() -> Device:
    return Device(Business(World()))


@pytest.fixture
async def browser(built: Path) -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


@pytest.fixture
async def visit(browser: Browser, device: Device) -> AsyncIterator[Visit]:
    async with visiting(browser, world=device.world) as visit:
        yield visit
        assert visit.faults == []


async def test_the_gauge_says_how_near_the_limits_are_and_a_pause_is_live(
    visit: Visit, device: Device
) -> None:
    page = visit.page
    await visit.open(f"{CHANNEL}/protection")
    await expect(page.get_by_test_id("used-minute")).to_contain_text("17 of 20")
    await expect(page.get_by_test_id("reasons").locator("li")).to_have_count(2)
    await page.get_by_test_id("pause-it").click()
    await page.get_by_test_id("confirm").click()
    await expect(page.get_by_test_id("protection")).to_have_attribute("data-level", "paused")
    await expect(page.get_by_test_id("pause")).to_contain_text("Since")
    await page.get_by_test_id("resume").click()
    await page.get_by_test_id("confirm").click()
    await expect(page.get_by_test_id("protection")).to_have_attribute("data-level", "calm")
    device.pause("restricted", until=now_ms() + 7_200_000)  # the network did it, and nobody pressed anything
    await expect(page.get_by_test_id("reasons")).to_contain_text("barred first messages")
    await expect(page.get_by_test_id("pause")).to_contain_text("The network says: until")


async def test_limits_are_set_within_their_ceilings(visit: Visit, device: Device) -> None:
    page = visit.page
    await visit.open(f"{CHANNEL}/protection")
    form, minute = page.get_by_test_id("limits"), page.get_by_test_id("limit-per_minute")
    await minute.fill("31")
    await form.get_by_test_id("save").click()
    await expect(minute).to_be_focused()
    await expect(form).to_contain_text("A whole number from 1 to 30.")
    await minute.fill("12")
    await form.locator("label", has=page.get_by_test_id("limit-quiet")).click()
    await page.get_by_test_id("limit-timezone").select_option("Europe/Moscow")
    await form.get_by_test_id("save").click()
    await expect(form.get_by_test_id("saved")).to_contain_text("Saved.")
    await expect(page.get_by_test_id("used-minute")).to_contain_text("17 of 12")
    changes = [body for method, _, body in device.business.calls if method == "PATCH"]
    quiet = {"quiet_from": "22:00", "quiet_until": "08:00", "timezone": "Europe/Moscow"}
    assert changes == [{"per_minute": 12, **quiet}]  # once, and nothing that was not touched


async def test_the_connection_says_how_it_is_and_trouble_names_the_step_that_helps(
    visit: Visit, device: Device
) -> None:
    page = visit.page
    await visit.open(CHANNEL)
    await expect(page.get_by_test_id("vital-round_trip")).to_have_text("184 ms")
    await expect(page.get_by_test_id("vital-memory")).to_contain_text("75 MB")
    await expect(page.get_by_test_id("vital-engine_age")).to_have_attribute("data-level", "warn")
    await expect(page.get_by_test_id("vital-engine_age")).to_contain_text("Update Jackfield")
    await expect(page.get_by_test_id("trouble")).to_have_count(0)
    device.pause("banned", until=now_ms() + 3_600_000, state="suspended", state_code="temp_banned")
    await expect(page.get_by_test_id("channel-state")).to_have_text("Banned for a while")
    await expect(page.get_by_test_id("until")).to_contain_text("The network says: until")
    await expect(page.get_by_test_id("restart")).to_be_disabled()  # not before it ends
    device.business.put(LINE, paused="", state="stopped", state_code="engine_outdated")
    await expect(page.get_by_test_id("trouble")).to_contain_text("pip install --upgrade")
    await page.get_by_test_id("restart").click()
    await expect(page.get_by_test_id("trouble")).to_contain_text("pip install")
    sent = [body for method, path, body in device.business.calls if (method, path[-4:]) == ("PATCH", LINE)]
    assert sent == [{"enabled": False}, {"enabled": True}]
    device.business.put(LINE, state="logged_out", state_code="logged_out")
    await page.get_by_test_id("again").click()
    await expect(page.locator("h1")).to_contain_text("again")


async def test_a_phone_is_linked_by_a_picture_that_is_renewed_in_its_place(
    visit: Visit, device: Device
) -> None:
    page = visit.page
    await visit.open(NEW)
    await page.get_by_test_id("begin").click()
    await expect(page.get_by_test_id("ways").get_by_role("link")).to_have_attribute(
        "href", "/settings/channels/new?ws=w_1&kind=whatsapp_api&flow=business"
    )
    await page.locator("label", has=page.get_by_test_id("ask-understood")).click()
    await page.get_by_test_id("step-submit").click()
    code = page.get_by_test_id("qr")
    await expect(page.get_by_test_id("taps").locator("li")).to_have_count(4)
    before = await code.locator("path").get_attribute("d")
    await code.evaluate("one => { one.dataset.mark = 'same' }")
    device.news.put_nowait(Show(step=f"{KIND}.scan", kind="qr", data="2@second,one,of,many", expires_in=20))
    await expect(page.get_by_test_id("seconds-left")).to_contain_text("0:")
    assert await code.locator("path").get_attribute("d") != before
    assert await code.get_attribute("data-mark") == "same"
    device.news.put_nowait(Done(name="Салон", external_id="79217770011", config={}))
    await expect(page.get_by_role("heading", name="Салон is connected")).to_be_focused()
    await expect(page.get_by_test_id("login")).to_contain_text("come over now")
    await page.get_by_test_id("to-channel").click()
    arrives(device.world, 40)
    await expect(page.get_by_test_id("backfill")).to_contain_text("40 %")
    device.business.put(LINE, state="connected")
    arrives(device.world, 100, done=True)
    await expect(page.get_by_test_id("backfill")).to_have_count(0)


async def test_eight_characters_can_be_typed_instead_and_a_passkey_is_explained(
    visit: Visit, device: Device
) -> None:
    page = visit.page
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await visit.open(NEW)
    await page.get_by_test_id("begin").click()
    await page.locator("label", has=page.get_by_test_id("ask-understood")).click()
    await page.get_by_test_id("step-submit").click()
    await page.get_by_test_id("step-instead").click()
    await page.get_by_test_id("ask-phone").fill("+7 921 777-00-11")
    await page.locator("label", has=page.get_by_test_id("ask-understood")).click()
    await page.get_by_test_id("step-submit").click()
    await expect(page.get_by_test_id("characters").locator(".group")).to_have_text(["ABCD", "1234"])
    await page.get_by_test_id("copy").click()
    assert await page.evaluate("navigator.clipboard.readText()") == "ABCD-1234"
    assert device.business.login.cancelled == 1  # what was begun first is over
    gate = {"": f"{KIND}.advice.needs_passkey"}
    device.news.put_nowait(Ask(step=f"{KIND}.notice", fields=(), errors=gate))
    await expect(page.get_by_test_id("login")).to_contain_text("WhatsApp wants a passkey")
    await expect(page.get_by_test_id("ways").last).to_contain_text("Connect the WhatsApp Business API")


async def test_a_chat_says_what_stands_in_the_way_and_who_may_help(visit: Visit, device: Device) -> None:
    page = visit.page
    await visit.open(CHAT)
    banner = page.get_by_test_id("channel-banner")
    await expect(page.get_by_test_id("composer")).to_be_visible()
    await expect(banner).to_have_count(0)
    device.pause("restricted", until=now_ms() + 7_200_000, state_code="restricted")
    await expect(banner).to_contain_text("New chats barred.")
    await expect(banner).to_contain_text("Until")
    await expect(page.get_by_test_id("composer")).to_be_visible()  # people who wrote are answered
    await page.get_by_test_id("banner-step").click()
    await expect(page.get_by_test_id("reasons")).to_contain_text("barred first messages")
    await page.go_back()
    device.business.put(LINE, paused="", state="logged_out", state_code="logged_out")
    await expect(banner).to_contain_text("Unlinked on the phone.")
    await page.get_by_test_id("banner-step").click()
    await expect(page.locator("h1")).to_contain_text("again")


async def test_an_operator_is_told_whom_to_ask(visit: Visit, device: Device) -> None:
    ws = device.world.workspaces
    ws[0] = msgspec.structs.replace(ws[0], role="operator")
    await visit.open(CHAT)
    device.business.put(LINE, state="suspended", state_code="banned")
    banner = visit.page.get_by_test_id("channel-banner")
    await expect(banner).to_contain_text("An admin of the client can change that.")
    await expect(banner.get_by_role("link")).to_have_count(0)


async def test_the_same_words_to_many_are_asked_about(visit: Visit, device: Device) -> None:
    page, world = visit.page, device.world
    world.said_often["c_1"] = 6
    await visit.open(CHAT)
    box, dialog = page.get_by_test_id("composer"), page.get_by_role("dialog")
    await box.fill("Скидка 20 % только сегодня")
    await page.keyboard.press("Enter")
    await expect(dialog).to_contain_text("in 6 other chats within an hour")
    await page.get_by_test_id("same-rewrite").click()
    await expect(box).to_have_value("Скидка 20 % только сегодня")
    await page.keyboard.press("Enter")
    await page.get_by_test_id("same-anyway").click()
    last = page.get_by_test_id("message").last
    await expect(last.get_by_test_id("message-status")).to_have_attribute("data-status", "read")
    assert [one.text for one in world.messages["c_1"]].count("Скидка 20 % только сегодня") == 1


async def test_who_did_not_write_is_written_to_by_decision_only(visit: Visit, device: Device) -> None:
    world = device.world
    world.refused["c_1"] = CanSend(ok=False, reason="reply_only", alternatives=("start", "note"))
    await visit.open(CHAT)
    shut = visit.page.get_by_test_id("window-closed")
    await expect(shut).to_contain_text("Here only people who wrote to us lately are answered.")
    chats = len(world.conversations)
    world.refused.clear()
    await visit.page.get_by_test_id("begin-chat").click()
    await expect(visit.page.get_by_test_id("composer")).to_be_visible()
    assert len(world.conversations) == chats + 1  # it was begun, and so it counts


async def test_in_a_group_one_sees_who_speaks(visit: Visit, device: Device) -> None:
    page = visit.page
    await visit.open(f"/i/all/c/{GROUP}")
    log = page.get_by_role("log")
    await expect(log.locator(".face")).to_have_count(4)  # the last of each one's run
    await expect(log.locator(".face img")).to_have_count(1)
    await expect(log.locator(".face").nth(2)).to_have_text("ОК")  # his picture has not come yet
    await expect(log).to_contain_text("A picture or film to be seen once")
    await expect(log).to_contain_text("Messages disappear after 7 days")
    await expect(page.get_by_test_id("view-raw")).to_have_count(0)
    await page.get_by_test_id("open-contact").click()
    members = page.get_by_test_id("members")
    await expect(members).to_contain_text("3 members")
    await expect(members.locator("li").first).to_contain_text("owner")
    await expect(members.locator("li").last).to_contain_text("+7 921 100-20-50")
    arrives(device.world, 12)
    await expect(page.get_by_test_id("arriving")).to_contain_text("the past is coming: 12 %")
    arrives(device.world, 100, done=True)
    await expect(page.get_by_test_id("arriving")).to_have_count(0)
    visit.faults.clear()  # the browser names the 404 of the picture


@pytest.mark.parametrize("given", [("light", "en", 390), ("dark", "ru", 1440)])
async def test_axe_finds_nothing(
    browser: Browser, device: Device, tmp_path: Path, given: tuple[Literal["light", "dark"], str, int]
) -> None:
    scheme, locale, width = given
    device.world.locale = locale
    async with visiting(browser, width=width, scheme=scheme, world=device.world) as visit:
        page, found = visit.page, dict[str, list[str]]()

        async def look(name: str) -> None:
            await page.screenshot(path=tmp_path / f"{name}.png")
            wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
            faults = await visit.axe() + ([f"{wide} px too wide"] if wide > 0 else [])
            found.update({name: faults} if faults else {})

        await visit.open(CHANNEL)
        await expect(page.get_by_test_id("vital-engine")).to_be_visible()
        await look("overview")
        await page.get_by_test_id("section-protection").click()
        await page.locator("label", has=page.get_by_test_id("limit-quiet")).click()
        await look("protection")
        await visit.open(NEW)
        await page.get_by_test_id("begin").click()
        await page.locator("label", has=page.get_by_test_id("ask-understood")).click()
        await look("notice")
        await page.get_by_test_id("step-submit").click()
        await expect(page.get_by_test_id("qr")).to_be_visible()
        await look("scan")
        await page.get_by_test_id("step-instead").click()
        await page.get_by_test_id("ask-phone").fill("+7 921 777-00-11")
        await page.locator("label", has=page.get_by_test_id("ask-understood")).click()
        await page.get_by_test_id("step-submit").click()
        await expect(page.get_by_test_id("characters")).to_be_visible()
        await look("type")
        device.business.put(LINE, paused="restricted", state_code="restricted")
        await visit.open(f"/i/all/c/{GROUP}")
        await expect(page.get_by_test_id("channel-banner")).to_be_visible()
        arrives(device.world, 62)
        await look("group")
        device.business.put(LINE, paused="", state="logged_out", state_code="logged_out")
        device.world.said_often["c_1"] = 6
        await visit.open(CHAT)
        await page.get_by_test_id("composer").fill("Скидка")
        await page.keyboard.press("Enter")
        await expect(page.get_by_test_id("same-anyway")).to_be_visible()
        await look("same-text")
        assert found == {}
