"""Putting messages together in a real browser: templates, choices, products, voices; or not being able to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from browser import Visit, launched, visiting
from fake_data import MINUTE
from fake_server import World, now_ms
from playwright.async_api import Page, expect

CONVERSATION = "/i/all/c/c_3"
MICROPHONE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


@pytest.fixture
async def visit(built: Path) -> AsyncIterator[Visit]:
    async with launched(*MICROPHONE) as browser, visiting(browser) as visit:
        await visit.open(CONVERSATION)
        yield visit
        assert visit.faults == []


def said(world: World) -> Any:
    """The last part that was sent."""
    return msgspec.json.decode(world.messages["c_3"][-1].parts)[0]


async def add(page: Page, name: str) -> None:
    await page.get_by_test_id("add").click()
    await page.get_by_role("menuitem", name=name, exact=True).click()
    await expect(page.get_by_role("dialog")).to_be_visible()


async def sent(page: Page) -> None:
    await page.get_by_test_id("send-built").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.get_by_test_id("message").last.get_by_test_id("message-status")).to_have_attribute(
        "data-status", "read", timeout=5000
    )


async def test_buttons_are_counted_as_they_are_typed_and_sent(visit: Visit) -> None:
    page = visit.page
    await add(page, "Buttons")
    await expect(page.get_by_test_id("send-built")).to_be_disabled()
    await page.get_by_label("Text").fill("Удобно завтра?")
    await page.get_by_label("Words").fill("Очень длинная надпись на кнопке")
    await expect(page.get_by_role("dialog")).to_contain_text("11 characters too many")
    await expect(page.get_by_test_id("send-built")).to_be_disabled()
    await page.get_by_label("Words").fill("Да")
    await page.get_by_test_id("add-option").click()
    await page.get_by_label("Words").nth(1).fill("Нет")
    await expect(page.get_by_test_id("preview")).to_contain_text("Нет")
    assert await visit.axe() == []
    await sent(page)
    assert (said(visit.world)["style"], [one["title"] for one in said(visit.world)["options"]]) == (
        "buttons",
        ["Да", "Нет"],
    )


async def test_a_list_wants_headings_once_there_are_two(visit: Visit) -> None:
    page = visit.page
    await add(page, "List")
    await page.get_by_label("Text").fill("Когда?")
    await page.get_by_label("Words on the button that opens the list").fill("Выбрать")
    await page.get_by_label("Words", exact=False).last.fill("Утром")
    await page.get_by_test_id("add-option").click()
    await page.get_by_label("Words", exact=False).last.fill("Вечером")
    await expect(page.get_by_test_id("send-built")).to_be_enabled()
    await page.get_by_label("Under the heading").last.fill("Завтра")
    await expect(page.get_by_test_id("send-built")).to_be_disabled()
    await page.get_by_label("Under the heading").first.fill("Сегодня")
    await sent(page)
    assert [one["section"] for one in said(visit.world)["options"]] == ["Сегодня", "Завтра"]


async def test_a_link_must_be_one(visit: Visit) -> None:
    page = visit.page
    await add(page, "Link as a button")
    await page.get_by_label("Text").fill("Посылка в пути")
    await page.get_by_label("Words").fill("Отследить")
    await page.get_by_label("Address").fill("javascript:alert(1)")
    await expect(page.get_by_test_id("send-built")).to_be_disabled()
    await page.get_by_label("Address").fill("https://example.org/t/1")
    await sent(page)
    assert said(visit.world)["options"][0]["url"] == "https://example.org/t/1"


async def test_a_place_is_pasted_as_a_map_gives_it(visit: Visit) -> None:
    page = visit.page
    await add(page, "Place")
    await page.get_by_label("Coordinates").fill("95, 30")
    await expect(page.get_by_test_id("send-built")).to_be_disabled()
    await page.get_by_label("Coordinates").fill("59.93428, 30.33510")
    await page.get_by_label("Name of the place").fill("Склад")
    await sent(page)
    place = said(visit.world)
    assert (place["latitude"], place["longitude"], place["name"]) == (59.93428, 30.3351, "Склад")


async def test_a_contact_card_is_sent(visit: Visit) -> None:
    page = visit.page
    await add(page, "Contact card")
    await page.get_by_label("Name").fill("Пётр Ильин")
    await page.get_by_label("Phone", exact=True).fill("+7 911 000-00-00")
    await sent(page)
    assert said(visit.world)["cards"][0]["phones"][0]["value"] == "+7 911 000-00-00"


async def test_products_are_picked_from_the_catalogue(visit: Visit) -> None:
    page = visit.page
    await add(page, "Products")
    await page.get_by_label("Find a product").fill("пле")
    await expect(page.get_by_test_id("product-option")).to_have_count(1)
    await page.get_by_test_id("product-option").check()
    await sent(page)
    assert (said(visit.world)["catalog"], said(visit.world)["products"]) == ("catalog-1", ["sku-4"])


async def test_several_products_want_a_heading_and_words(visit: Visit) -> None:
    page = visit.page
    await add(page, "Products")
    for n in range(2):
        await page.get_by_test_id("product-option").nth(n).check()
    await expect(page.get_by_test_id("send-built")).to_be_disabled()
    await page.get_by_label("Heading 1").fill("Тёплое")
    await page.get_by_label("Heading", exact=False).last.fill("Осень")
    await page.get_by_label("Text").fill("Посмотрите")
    await sent(page)
    assert said(visit.world)["sections"][0]["products"] == ["sku-1", "sku-2"]


async def test_cards_side_by_side_bring_their_pictures(visit: Visit) -> None:
    page = visit.page
    await add(page, "Cards side by side")
    await page.get_by_label("Text").fill("Новинки")
    for n in range(2):
        await (
            page.get_by_test_id("one-file")
            .nth(n)
            .set_input_files([{"name": f"{n}.png", "mimeType": "image/png", "buffer": b"\x89PNG"}])
        )
        await page.get_by_label("Button 1").nth(n).fill("Хочу")
    await sent(page)
    assert [card["media"]["ref"] for card in said(visit.world)["cards"]] == ["f_1", "f_2"]


async def test_a_template_is_found_filled_and_seen_before_it_goes(visit: Visit) -> None:
    page = visit.page
    await page.get_by_test_id("composer").focus()
    await page.keyboard.press("Control+/")
    await page.get_by_test_id("template-search").fill("delivery")
    await expect(page.get_by_test_id("template")).to_have_count(1)
    await page.get_by_test_id("template").click()
    for label, value in (
        ("Heading {{number}}", "77"),
        ("Text {{name}}", "Ольга"),
        ("Text {{day}}", "завтра"),
        ("Button “Track it”", "t-77"),
    ):
        await page.get_by_label(label).fill(value)
    await expect(page.get_by_test_id("template-preview")).to_contain_text("Ольга, your order comes завтра.")
    assert await visit.axe() == []
    await page.get_by_test_id("send-template").click()
    await expect(page.get_by_test_id("message").last).to_contain_text("Ольга, your order comes завтра.")
    assert said(visit.world)["parameters"] == {
        "header.number": "77",
        "body.name": "Ольга",
        "body.day": "завтра",
        "button.0": "t-77",
    }
    await page.keyboard.press("Control+/")
    await page.get_by_test_id("template").nth(2).click()
    await expect(page.get_by_label("Text {{name}}")).to_have_value("Ольга")


async def test_a_template_wants_its_files_too(visit: Visit) -> None:
    page = visit.page
    await page.get_by_test_id("composer").focus()
    await page.keyboard.press("Control+/")
    await page.get_by_test_id("template").filter(has_text="sale_cards").click()
    for n, value in enumerate(("Ольга", "30 %", "scarf")):
        await page.locator(f"#place-{n}").fill(value)
    await expect(page.get_by_test_id("send-template")).to_be_disabled()
    for n in range(2):
        await (
            page.get_by_test_id("one-file")
            .nth(n)
            .set_input_files([{"name": f"{n}.png", "mimeType": "image/png", "buffer": b"\x89PNG"}])
        )
    await page.get_by_test_id("send-template").click()
    await expect(page.get_by_test_id("message").last).to_contain_text("Скидка 30 %")
    assert said(visit.world)["header_media"]["ref"] == "f_1"
    assert said(visit.world)["cards"][0]["media"]["ref"] == "f_2"


async def test_a_voice_is_recorded_by_keys_heard_and_sent(visit: Visit) -> None:
    page = visit.page
    await page.get_by_test_id("composer").focus()
    await page.keyboard.press("Alt+v")
    await expect(page.get_by_test_id("voice")).to_have_attribute("data-state", "recording")
    await expect(page.get_by_test_id("voice-stop")).to_be_focused()
    await page.wait_for_timeout(1100)
    assert await visit.axe() == []
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("voice-send")).to_be_focused()
    assert await visit.axe() == []
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("message").last.locator("audio")).to_have_count(1)
    part = said(visit.world)
    assert (part["sort"], part["mime"]) == ("voice", "audio/webm")
    assert part["duration"] >= 1
    assert visit.world.uploads[part["ref"]][0].startswith(b"\x1a\x45\xdf\xa3"), "a WebM file"


async def test_a_recording_is_thrown_away_by_escape(visit: Visit) -> None:
    page = visit.page
    await page.get_by_test_id("record").click()
    await expect(page.get_by_test_id("voice")).to_have_attribute("data-state", "recording")
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("voice")).to_have_count(0)
    await expect(page.get_by_test_id("composer")).to_be_focused()
    assert visit.world.uploads == {}


async def test_a_held_button_records_until_it_is_let_go(visit: Visit) -> None:
    page = visit.page
    await page.get_by_test_id("record").hover()
    await page.mouse.down()
    await expect(page.get_by_test_id("voice")).to_have_attribute("data-state", "recording")
    await page.wait_for_timeout(600)
    await page.mouse.up()
    await expect(page.get_by_test_id("voice")).to_have_attribute("data-state", "ready")
    await page.get_by_test_id("voice-discard").click()
    assert visit.world.uploads == {}


async def test_without_leave_to_use_the_microphone_the_page_says_so(built: Path) -> None:
    async with launched("--deny-permission-prompts") as browser, visiting(browser) as visit:
        await visit.open(CONVERSATION)
        await visit.page.get_by_test_id("record").click()
        await expect(visit.page.get_by_test_id("voice").get_by_role("alert")).to_be_visible()
        assert await visit.axe() == []


async def test_a_window_that_closes_while_one_types_keeps_the_words(visit: Visit) -> None:
    page, world = visit.page, visit.world
    await page.get_by_test_id("composer").fill("Почти дописал")
    world.windows_closed.add("c_3")
    world.put("c_3", window_until=now_ms() - MINUTE)
    await expect(page.get_by_test_id("window-closed")).to_contain_text("24-hour window")
    await expect(page.get_by_test_id("kept-draft")).to_contain_text("Почти дописал")
    await expect(page.get_by_test_id("choose-template")).to_be_visible()
    world.windows_closed.discard("c_3")
    world.put("c_3", window_until=now_ms() + 600 * MINUTE)
    await expect(page.get_by_test_id("composer")).to_have_value("Почти дописал")


async def test_the_window_and_what_is_free_are_counted_down(visit: Visit) -> None:
    page, world = visit.page, visit.world
    for left, state in ((90, "closing"), (30, "ending"), (600, "open"), (-5, "closed")):
        world.put("c_3", window_until=now_ms() + left * MINUTE + 20_000)
        await expect(page.get_by_test_id("window")).to_have_attribute("data-state", state)
    await expect(page.get_by_test_id("free")).to_have_count(0)
    world.put("c_3", free_until=now_ms() + 70 * 60 * MINUTE + 20_000)
    await expect(page.get_by_test_id("free")).to_contain_text("70:00")


async def test_the_agent_that_answers_is_named(visit: Visit) -> None:
    visit.world.put("c_3", held_by="agent")
    await expect(visit.page.get_by_test_id("held-by-agent")).to_contain_text("Writing takes over")
