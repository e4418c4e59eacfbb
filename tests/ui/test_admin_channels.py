"""The list of all channels, one channel, and connecting one, in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from browser import Visit, launched, visiting
from fake_admin import Business
from fake_server import World
from playwright.async_api import expect

from jackfield.channel import Show

LIST = "/settings/channels"
CHANNEL = "/settings/channels/ch_1"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def business(world: World) -> Business:
    return Business(world)


@pytest.fixture
async def visit(built: Path, world: World, business: Business) -> AsyncIterator[Visit]:
    async with launched() as browser, visiting(browser, world=world) as visit:
        yield visit
        assert visit.faults == []


async def rows(visit: Visit) -> list[str | None]:
    found = await visit.page.get_by_test_id("channel-row").all()
    return [await one.get_attribute("data-id") for one in found]


async def test_what_needs_a_person_comes_first(visit: Visit) -> None:
    await visit.open(LIST)
    await expect(visit.page.get_by_test_id("channels-summary")).to_have_text("5 channels · 1 needs attention")
    assert await rows(visit) == ["ch_3", "ch_2", "ch_1", "ch_5", "ch_4"]
    first = visit.page.get_by_test_id("channel-row").first
    await expect(first).to_contain_text("Access refused")
    await expect(first).to_contain_text("Connect it again")
    await expect(visit.page.locator('[data-id="ch_5"]')).to_contain_text("870 of 1,000")
    await expect(visit.page.locator('[data-id="ch_1"]')).to_contain_text("$24.66")


async def test_states_move_by_themselves(visit: Visit, business: Business) -> None:
    await visit.open(LIST)
    business.put("ch_3", state="connected", state_code="", state_text="")
    await expect(visit.page.get_by_test_id("channels-summary")).to_have_text("5 channels", timeout=2000)
    business.put("ch_1", state="suspended")
    await expect(visit.page.get_by_test_id("channel-row").first).to_have_attribute("data-id", "ch_1")


async def test_filters_are_in_the_address(visit: Visit) -> None:
    await visit.open(LIST)
    await visit.page.get_by_test_id("filter-client").select_option("w_1")
    await visit.page.get_by_test_id("filter-state").select_option("off")
    await expect(visit.page.get_by_test_id("channel-row")).to_have_count(1)
    assert visit.page.url.endswith("/settings/channels?ws=w_1&state=off")
    await visit.page.reload()
    await expect(visit.page.get_by_test_id("channel-row")).to_have_count(1)
    await visit.page.go_back()
    await expect(visit.page.get_by_test_id("channel-row")).to_have_count(4)


async def test_the_inbox_leads_there_and_back(visit: Visit) -> None:
    await visit.open("/i/all/c/c_3")
    await visit.page.get_by_test_id("open-settings").click()
    await expect(visit.page.locator("h1")).to_have_text("Channels")
    await visit.page.get_by_test_id("to-inbox").click()
    await expect(visit.page.get_by_test_id("chat-row").first).to_be_visible()
    await visit.page.keyboard.press("Control+,")
    await expect(visit.page.locator("h1")).to_have_text("Channels")


async def test_an_operator_sees_no_more_than_he_may(visit: Visit) -> None:
    await visit.open("/settings/channels/ch_2")
    await expect(visit.page.get_by_test_id("standing")).to_be_visible()
    await expect(visit.page.get_by_test_id("disconnect")).to_have_count(0)
    await expect(visit.page.get_by_test_id("section-log")).to_have_count(0)
    await visit.page.get_by_test_id("section-profile").click()
    await expect(visit.page.get_by_test_id("profile-about")).to_be_disabled()
    await expect(visit.page.get_by_test_id("save")).to_have_count(0)


async def test_a_channel_is_disconnected_by_its_name(visit: Visit, business: Business) -> None:
    await visit.open("/settings/channels/ch_4")
    await visit.page.get_by_test_id("disconnect").click()
    await expect(visit.page.get_by_test_id("confirm")).to_be_disabled()
    await visit.page.get_by_test_id("confirm-name").fill("Старый")
    await expect(visit.page.get_by_test_id("confirm")).to_be_disabled()
    await visit.page.get_by_test_id("confirm-name").fill("Старый номер")
    await visit.page.get_by_test_id("confirm").click()
    await expect(visit.page.locator("h1")).to_have_text("Channels")
    await expect(visit.page.get_by_test_id("channel-row")).to_have_count(4)
    assert "ch_4" not in [one.id for one in business.world.channels]


async def test_a_channel_is_renamed_switched_off_and_its_messages_let_go(
    visit: Visit, business: Business
) -> None:
    page = visit.page
    await visit.open(CHANNEL)
    await page.get_by_test_id("channel-name").fill("Главный номер")
    await page.get_by_test_id("save").click()
    await expect(page.get_by_test_id("saved")).to_contain_text("Saved.")
    await expect(page.locator("h1")).to_have_text("Главный номер")
    await page.get_by_test_id("release").click()
    await expect(page.get_by_test_id("released")).to_have_text("3 messages may leave now.")
    await page.get_by_test_id("switch-off").click()
    await page.get_by_test_id("confirm").click()
    await expect(page.get_by_test_id("channel-state")).to_have_attribute("data-state", "off")
    await page.get_by_test_id("switch-on").click()
    await expect(page.get_by_test_id("channel-state")).to_have_attribute("data-state", "connected")
    assert ("PATCH", "/api/v1/channels/ch_1", {"enabled": False}) in business.calls


async def test_the_history_of_the_phone_is_asked_for_once_and_its_way_is_shown(
    visit: Visit, business: Business
) -> None:
    await visit.open(CHANNEL)
    await visit.page.get_by_test_id("bring-history").click()
    await visit.page.get_by_test_id("confirm").click()
    await expect(visit.page.get_by_test_id("history")).to_contain_text("40 %")
    assert business.history_asked


async def test_the_log_can_show_errors_only(visit: Visit) -> None:
    await visit.open(f"{CHANNEL}/log")
    await expect(visit.page.get_by_test_id("log-entry")).to_have_count(10)
    await visit.page.get_by_text("Errors only").click()
    await expect(visit.page.get_by_test_id("log-entry")).to_have_count(3)
    await visit.page.get_by_test_id("more").click()
    await expect(visit.page.get_by_test_id("log-entry")).to_have_count(5)


async def test_what_could_not_be_read_is_read_again(visit: Visit, business: Business) -> None:
    await visit.open(f"{CHANNEL}/deliveries")
    await expect(visit.page.get_by_test_id("delivery")).to_have_count(2)
    await visit.page.get_by_test_id("replay").first.click()
    await expect(visit.page.get_by_test_id("delivery").first).to_contain_text("read again")
    assert sum(1 for one in business.deliveries if one["state"] == "failed") == 1


async def test_a_number_is_connected_step_by_step(visit: Visit, business: Business) -> None:
    page = visit.page
    await visit.open(LIST)
    await page.get_by_test_id("connect-channel").click()
    await page.get_by_test_id("flow-business").check()
    await page.get_by_test_id("begin").click()

    token = page.get_by_test_id("ask-access_token")
    await expect(token).to_have_attribute("type", "password")
    await expect(page.locator("h2")).to_be_focused()  # the step is read from its beginning
    await page.get_by_test_id("step-submit").click()
    await expect(token).to_be_focused()  # the first that is missing
    await expect(token).to_have_attribute("aria-invalid", "true")
    await token.fill("wrong")
    await page.get_by_test_id("ask-number").select_option("1")
    await page.get_by_test_id("step-submit").click()
    await expect(page.get_by_text("The token lacks both permissions")).to_be_visible()  # drawn anew from here
    await expect(page.locator(f"#{await token.get_attribute('id')}-error")).to_contain_text("permissions")
    about = await token.get_attribute("aria-describedby")
    assert about is not None
    assert f"{await token.get_attribute('id')}-error" in about.split()
    await expect(token).to_have_value("")  # what is secret is never shown again

    await token.fill("EAAG-secret")
    await page.get_by_test_id("ask-number").select_option("1")
    await page.get_by_test_id("step-submit").click()
    await expect(page.get_by_test_id("show-waiting")).to_contain_text("/hooks/ch_9")
    await expect(page.get_by_test_id("waiting")).to_contain_text("Waiting for the provider's call")
    await expect(page.locator("h2")).to_be_focused()
    assert business.login.values["bring_past"] == "1"
    business.login.called.set()  # the provider has called
    await expect(page.get_by_role("heading", name="+7 999 222-33-44 is connected")).to_be_focused()
    await page.get_by_test_id("to-channel").click()
    await expect(page.get_by_test_id("channel-state")).to_have_attribute("data-state", "connected")
    assert business.login.cancelled == 0


@pytest.mark.parametrize("kind", ["qr", "code", "link", "text"])
async def test_whatever_a_login_shows_can_be_used(visit: Visit, business: Business, kind: str) -> None:
    business.login.shows = [
        Show(step="plain.show", kind=kind, data="https://example.org/7", expires_in=90)  # type: ignore[arg-type]  # one of them
    ]
    page = visit.page
    await visit.open("/settings/channels/new")
    await page.get_by_test_id("begin").click()
    await page.get_by_test_id("ask-access_token").fill("EAAG")
    await page.get_by_test_id("ask-number").select_option("2")
    await page.get_by_test_id("step-submit").click()
    shown = page.get_by_test_id(f"show-{kind}")
    if kind == "qr":
        await expect(shown.get_by_role("img")).to_have_attribute("aria-label", "Scan this code")
        assert await shown.locator("path").count() == 1
    else:
        await expect(shown).to_contain_text("https://example.org/7")
    await expect(page.get_by_test_id("seconds-left")).to_contain_text("1:")
    assert await visit.axe() == []
    await page.get_by_test_id("step-cancel").click()
    await expect(page.get_by_test_id("begin")).to_be_visible()
    assert business.login.cancelled == 1


async def test_a_login_is_not_left_by_accident(visit: Visit, business: Business) -> None:
    page = visit.page
    await visit.open(LIST)
    await page.get_by_test_id("connect-channel").click()
    await page.get_by_test_id("begin").click()
    await expect(page.get_by_test_id("ask-access_token")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_role("dialog")).to_contain_text("Leave without saving?")
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("ask-access_token")).to_be_visible()
    assert page.url.endswith("/settings/channels/new")
    await page.get_by_test_id("to-inbox").click()
    await page.get_by_test_id("confirm").click()
    await expect(page.get_by_test_id("chat-row").first).to_be_visible()
    assert business.login.cancelled == 1


async def test_a_channel_whose_key_died_is_connected_again(visit: Visit, business: Business) -> None:
    page = visit.page
    await visit.open("/settings/channels/ch_3")
    await expect(page.get_by_test_id("trouble")).to_contain_text("Connect it again with a new one")
    await expect(page.get_by_test_id("trouble")).to_contain_text("session has expired")
    await page.get_by_test_id("again").click()
    await expect(page.locator("h1")).to_contain_text("again")
    await page.get_by_test_id("begin").click()
    await page.get_by_test_id("ask-access_token").fill("EAAG")
    await page.get_by_test_id("ask-number").select_option("1")
    await page.get_by_test_id("step-submit").click()
    await page.get_by_test_id("step-skip").click()
    await expect(page.locator("h2")).to_contain_text("is connected")
    assert business.login.again == "ch_3"
    assert next(one for one in business.world.channels if one.id == "ch_3").state == "connected"


async def test_a_login_that_ended_can_be_begun_again(visit: Visit, business: Business) -> None:
    ended = {"status": 409, "code": "login_ended", "title": "Connecting has ended. Please begin again."}
    page = visit.page
    await visit.open("/settings/channels/new")
    await page.get_by_test_id("begin").click()
    await page.get_by_test_id("ask-access_token").fill("EAAG")
    await page.get_by_test_id("ask-number").select_option("1")
    business.refuses["POST /submit"] = ended
    await page.get_by_test_id("step-submit").click()
    await expect(page.get_by_test_id("login-problem")).to_contain_text("begin again")
    await page.get_by_role("button", name="Begin again").click()
    await expect(page.get_by_test_id("begin")).to_be_visible()
    visit.faults.clear()  # the browser names the 409
