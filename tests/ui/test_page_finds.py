"""Finding things in a real browser: the search over the list, the one in a chat, the palette, a new chat."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from browser import Visit, launched, visiting
from playwright.async_api import Locator, Page, expect

from jackfield.channel import Text

CONVERSATION = "/i/all/c/c_3"


@pytest.fixture
async def visit(built: Path) -> AsyncIterator[Visit]:
    async with launched() as browser, visiting(browser) as visit:
        yield visit
        assert visit.faults == []


def found(page: Page, kind: str) -> Locator:
    return page.get_by_test_id(f"found-{kind}")


async def look_for(visit: Visit, text: str) -> None:
    await visit.page.get_by_test_id("search").click()
    await visit.page.keyboard.type(text)


async def test_a_message_is_found_and_opened_at_its_place(visit: Visit) -> None:
    visit.world.inbound("c_40", Text(body="Нужен шарф цвета индиго"))
    for n in range(80):
        visit.world.inbound("c_40", Text(body=f"и ещё {n}"))
    await visit.open()
    page, keyboard = visit.page, visit.page.keyboard
    await keyboard.press("/")
    await expect(page.get_by_test_id("search")).to_be_focused()
    await keyboard.type("индиго")
    hit = found(page, "hit")
    await expect(hit).to_have_count(1)
    await expect(hit.locator("mark")).to_have_text("индиго")
    await expect(hit).to_have_attribute("aria-selected", "true")
    await keyboard.press("Enter")
    message = page.locator('[data-testid="message"]').filter(has_text="индиго")
    await expect(message).to_be_in_viewport()
    assert "m=m_c_40_9" in page.url
    assert await page.evaluate("[...CSS.highlights.get('found')].map(one => one.toString())") == ["индиго"]
    await expect(page.get_by_test_id("search")).to_have_value("индиго")


async def test_escape_gives_back_the_list_and_the_focus(visit: Visit) -> None:
    await visit.open(CONVERSATION)
    page = visit.page
    await page.get_by_test_id("composer").press("Escape")
    await page.locator("nav.chats .scroll").evaluate("box => { box.scrollTop = 1440 }")
    await page.locator('[data-testid="message"]').last.focus()
    await page.keyboard.press("/")
    await page.keyboard.type("заказ")
    await expect(found(page, "hit").first).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("search-results")).to_have_count(0)
    await expect(page.get_by_test_id("search")).to_have_value("")
    await expect(page.locator('[data-testid="message"]').last).to_be_focused()
    assert await page.locator("nav.chats .scroll").evaluate("box => box.scrollTop") == 1440


async def test_chats_and_people_are_found_by_name_and_number(visit: Visit) -> None:
    await visit.open()
    await look_for(visit, "sofia")
    page = visit.page
    chat = found(page, "chat").first
    await expect(chat.locator("mark")).to_have_text("Sofia")
    await expect(page.get_by_role("group", name="Chats")).to_be_visible()
    await expect(page.get_by_role("group", name="People")).to_be_visible()  # those further down the list
    await page.get_by_test_id("search").fill("999 004")
    await expect(found(page, "chat").first).to_contain_text("Дмитрий Орлов")
    await page.keyboard.press("Enter")
    await expect(page.locator("main h2")).to_have_text("Дмитрий Орлов")


async def test_the_wrong_layout_is_understood(visit: Visit) -> None:
    await visit.open()
    await look_for(visit, "ljcnfdre")
    await expect(found(visit.page, "hit").first.locator("mark")).to_have_text("доставку")
    await expect(visit.page.get_by_test_id("search-results")).to_contain_text("found for “доставку”")


async def test_an_older_answer_does_not_come_over_a_newer_one(visit: Visit) -> None:
    visit.world.inbound("c_9", Text(body="только шафран"))
    visit.world.search_takes["шафран"] = 0
    visit.world.search_takes["ша"] = 0.9
    await visit.open()
    await look_for(visit, "ша")
    await visit.page.wait_for_timeout(350)
    await visit.page.keyboard.type("фран")
    await expect(found(visit.page, "hit")).to_have_count(1)
    await visit.page.wait_for_timeout(900)
    await expect(found(visit.page, "hit").locator("mark")).to_have_text("шафран")
    asked = [one["q"] for one in visit.world.searches]
    assert (asked[0], asked[-1]) == ("ша", "шафран")  # a slow machine may ask in between as well


async def test_more_comes_by_scrolling(visit: Visit) -> None:
    await visit.open()
    await look_for(visit, "заказ")
    hits = found(visit.page, "hit")
    await expect(hits).to_have_count(30)
    await visit.page.locator(".results .scroll").evaluate("box => { box.scrollTop = box.scrollHeight }")
    await expect(hits).to_have_count(60)
    await expect(visit.page.locator(".results [role=status]")).to_contain_text("and there are more")


async def test_arrows_choose_and_the_chosen_line_is_named_and_in_sight(visit: Visit) -> None:
    await visit.open()
    await look_for(visit, "заказ")
    page = visit.page
    await expect(found(page, "hit")).to_have_count(30)
    for _ in range(20):
        await page.keyboard.press("ArrowDown")
    chosen = page.locator('[role="option"][aria-selected="true"]')
    await expect(chosen).to_be_in_viewport()
    active = await page.get_by_test_id("search").get_attribute("aria-activedescendant")
    assert await chosen.get_attribute("id") == active


async def test_operators_become_chips_in_both_languages(visit: Visit) -> None:
    await visit.open()
    page, world = visit.page, visit.world
    await look_for(visit, "from:us до:2030-01-15 заказ")
    chips = page.get_by_test_id("search-chip")
    await expect(chips).to_have_count(2)
    await expect(page.get_by_test_id("search")).to_have_value("заказ")
    await expect(found(page, "hit")).to_have_count(2)
    assert world.searches[-1].keys() >= {"from", "before"}
    assert (world.searches[-1]["from"], world.searches[-1]["q"]) == ("out", "заказ")
    await chips.filter(has_text="us").click()
    await expect(found(page, "hit")).to_have_count(30)
    await page.keyboard.press("Home")
    await page.keyboard.press("Backspace")
    await expect(chips).to_have_count(0)
    await page.wait_for_timeout(300)
    assert world.searches[-1].keys() == {"q", "limit"}


async def test_values_of_an_operator_are_offered(visit: Visit) -> None:
    await visit.open()
    page = visit.page
    await look_for(visit, "вот has:ph")
    await expect(found(page, "value")).to_have_text(["photo"])
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("search-chip")).to_contain_text("photo")
    await expect(found(page, "hit")).to_have_count(1)
    await page.get_by_test_id("search").fill("")
    await expect(found(page, "operator").first).to_be_visible()
    await expect(found(page, "operator").filter(has_text="has:")).to_have_count(0)
    await found(page, "operator").filter(has_text="before:").click()
    await expect(found(page, "value").first).to_have_text("Today")


async def test_in_the_folder_of_a_client_his_chats_are_searched(visit: Visit) -> None:
    await visit.open("/i/w_2")
    await look_for(visit, "заказ")
    page = visit.page
    await expect(found(page, "hit").first).to_be_visible()
    assert visit.world.searches[-1]["workspace"] == "w_2"
    await page.get_by_test_id("search-chip").click()
    await expect(found(page, "hit").filter(has_text="Северный свет").first).to_be_visible()
    assert "workspace" not in visit.world.searches[-1]


async def test_nothing_found_is_said(visit: Visit) -> None:
    await visit.open()
    await look_for(visit, "крокодил")
    await expect(visit.page.locator(".nothing")).to_contain_text("Nothing found for “крокодил”")
    await expect(visit.page.locator(".results [role=status]")).to_contain_text("Nothing found")


async def test_a_failure_is_said_and_can_be_tried_again(visit: Visit) -> None:
    visit.world.search_fails = True
    await visit.open()
    await look_for(visit, "заказ")
    results = visit.page.get_by_test_id("search-results")
    await expect(results).to_contain_text("The store is away.")
    asked = len(visit.world.searches)
    await visit.page.wait_for_timeout(500)
    assert len(visit.world.searches) == asked  # nobody hammers a server that is in trouble
    visit.world.search_fails = False
    await results.get_by_role("button", name="Try again").click()
    await expect(found(visit.page, "hit").first).to_be_visible()
    visit.faults = [one for one in visit.faults if "503" not in one]


async def test_without_a_connection_loaded_chats_are_found_and_the_rest_when_it_is_back(visit: Visit) -> None:
    await visit.open()
    await visit.page.route("**/api/v1/**", lambda route: route.abort())
    visit.world.cut()
    await look_for(visit, "sofia")
    await expect(found(visit.page, "chat").first).to_contain_text("Sofia Marino")
    await expect(visit.page.get_by_test_id("search-results")).to_contain_text("No connection")
    await visit.page.unroute("**/api/v1/**")
    visit.world.inbound("c_9", Text(body="Sofia was here"))
    visit.world.mend()
    await expect(found(visit.page, "hit")).to_contain_text("Sofia was here", timeout=25_000)
    visit.faults.clear()


async def test_a_find_in_the_open_chat_is_shown_again_and_again(visit: Visit) -> None:
    await visit.open("/i/all/c/c_0")
    page = visit.page
    await look_for(visit, "размеру")
    far = page.locator('[data-testid="found-hit"][data-id^="m_c_0_"]').nth(3)
    target = await far.get_attribute("data-id") or ""
    for _ in range(2):
        await far.click()
        await expect(page.locator(f'[data-testid="message"][data-id="{target}"]')).to_be_in_viewport()
        await page.locator('[role="log"]').evaluate("box => { box.scrollTop += 4000 }")
        await expect(page.locator(f'[data-testid="message"][data-id="{target}"]')).not_to_be_in_viewport()


async def test_somebody_new_is_written_to(visit: Visit) -> None:
    await visit.open()
    page = visit.page
    await look_for(visit, "зинаида")
    await found(page, "person").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_label("Phone number")).to_have_value("+7 911 777-88-99")
    await dialog.get_by_label("Phone number").fill("000 00 00")
    await dialog.get_by_test_id("start").click()
    await expect(dialog.get_by_role("alert")).to_have_text("This is no phone number.")
    await dialog.get_by_label("Phone number").fill("+7 911 777-88-99")
    await dialog.get_by_test_id("start").click()
    await expect(dialog).to_have_count(0)
    await expect(page.locator("main h2")).to_have_text("Зинаида Новикова")
    await expect(page.get_by_test_id("composer")).to_be_visible()


async def test_in_a_chat_one_goes_from_find_to_find(visit: Visit) -> None:
    await visit.open("/i/all/c/c_0")
    page, keyboard = visit.page, visit.page.keyboard
    await page.get_by_test_id("composer").press("Control+f")
    await expect(page.get_by_test_id("find")).to_be_focused()
    await keyboard.type("размеру")
    bar = page.get_by_test_id("find-bar")
    await expect(bar).to_contain_text("1 of 30+")
    assert visit.world.searches[-1]["conversation"] == "c_0"
    message = page.locator('[data-testid="message"]')
    shown = message.filter(has_text="не подошёл по размеру")
    for n in range(2, 12):
        await keyboard.press("Enter")
        await expect(bar).to_contain_text(f"{n} of 30+")
    await expect(shown.first).to_be_attached()
    assert any(
        box and 100 < box["y"] < 850 for box in [await one.bounding_box() for one in await shown.all()]
    )
    for n in range(12, 32):
        await keyboard.press("Enter")
        await expect(bar).to_contain_text(f"{n} of")
    await keyboard.press("Shift+Enter")
    await expect(bar).to_contain_text("30 of 43")
    await keyboard.press("Escape")
    await expect(bar).to_have_count(0)
    assert await page.evaluate("CSS.highlights.size") == 0


async def test_in_a_chat_nothing_found_is_said(visit: Visit) -> None:
    await visit.open(CONVERSATION)
    await visit.page.get_by_test_id("open-find").click()
    await visit.page.keyboard.type("крокодил")
    await expect(visit.page.get_by_test_id("find-bar").get_by_role("status")).to_have_text("Nothing found")
    await expect(visit.page.get_by_role("button", name="Older find")).to_be_disabled()


async def test_the_palette_opens_chats_folders_and_commands(visit: Visit) -> None:
    await visit.open(CONVERSATION)
    page, keyboard = visit.page, visit.page.keyboard
    options = page.get_by_test_id("palette-option")

    async def choose(typed: str) -> None:
        await keyboard.press("Control+k")
        await expect(page.get_by_test_id("palette").get_by_role("combobox")).to_be_focused()
        await keyboard.type(typed)
        await expect(options.first).to_be_visible()
        await keyboard.press("Enter")
        await expect(page.get_by_test_id("palette")).to_have_count(0)

    await choose("орлов")
    await expect(page.locator("main h2")).to_have_text("Дмитрий Орлов")
    await choose("jkmuf")  # "ольга" with the wrong layout
    await expect(page.locator("main h2")).to_have_text("Ольга Ким")
    await choose(">dark")
    assert await page.get_attribute("html", "data-theme") == "dark"
    await choose("acme")
    await expect(page.get_by_test_id("folder-w_2")).to_have_attribute("aria-current", "page")
    await choose(">keyboard")
    await expect(page.get_by_role("dialog")).to_contain_text("Next unread chat")
    await keyboard.press("Escape")
    await choose(">Язык")
    await expect(page.get_by_test_id("status-open")).to_have_text("Открытые")
    await choose(">новый чат")
    await expect(page.get_by_role("dialog")).to_contain_text("Номер телефона")


async def test_the_palette_labels_assigns_and_finds_people(visit: Visit) -> None:
    await visit.open("/i/all/c/c_2")
    page, keyboard, world = visit.page, visit.page.keyboard, visit.world
    await page.get_by_test_id("composer").press("Control+k")
    await expect(page.get_by_test_id("palette").get_by_role("combobox")).to_be_focused()
    await keyboard.type("#возв")
    await expect(page.get_by_test_id("palette-option")).to_have_count(1)
    await keyboard.press("Enter")
    await expect(page.locator("header .labels")).to_contain_text("Возврат")
    assert "l_2" in world.conversations["c_2"].labels
    await expect(page.get_by_test_id("composer")).to_be_focused()
    await page.keyboard.press("Control+k")
    await expect(page.get_by_test_id("palette").get_by_role("combobox")).to_be_focused()
    await keyboard.type(">assign to me")
    await keyboard.press("Enter")
    await expect(page.get_by_test_id("assign")).to_have_attribute("aria-label", "Assigned to Анна")
    await keyboard.press("Control+k")
    await expect(page.get_by_test_id("palette").get_by_role("combobox")).to_be_focused()
    await keyboard.type('"зинаида')  # @ on a Russian keyboard
    await expect(page.get_by_test_id("palette-option")).to_have_text(re.compile("Зинаида Новикова"))
    await keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_contain_text("New chat")


async def test_the_palette_gives_the_focus_back(visit: Visit) -> None:
    await visit.open(CONVERSATION)
    await expect(visit.page.get_by_test_id("composer")).to_be_focused()
    await visit.page.keyboard.press("Control+p")
    await expect(visit.page.get_by_test_id("palette").get_by_role("combobox")).to_be_focused()
    await visit.page.keyboard.type("qqqq")
    await expect(visit.page.get_by_test_id("palette")).to_contain_text("Nothing found")
    await visit.page.keyboard.press("Escape")
    await expect(visit.page.get_by_test_id("composer")).to_be_focused()


async def test_a_part_that_cannot_be_fetched_is_said(visit: Visit) -> None:
    await visit.page.route("**/static/assets/Palette-*.js", lambda route: route.abort())
    await visit.open(CONVERSATION)
    await visit.page.keyboard.press("Control+k")
    await expect(visit.page.get_by_role("alert")).to_contain_text("could not be fetched")
    visit.faults = [one for one in visit.faults if "ERR_FAILED" not in one]


async def test_on_a_phone_one_comes_back_to_what_was_found(built: Path) -> None:
    async with launched() as browser, visiting(browser, width=390, height=844) as visit:
        await visit.open()
        await look_for(visit, "заказ")
        page = visit.page
        await found(page, "hit").nth(2).click()
        await expect(page.get_by_test_id("composer")).to_be_visible()
        await expect(page.locator("nav.chats")).to_be_hidden()
        await page.get_by_role("button", name="Back to the chats").click()
        await expect(found(page, "hit").nth(2)).to_be_visible()
        await expect(found(page, "hit").nth(2)).to_have_attribute("aria-selected", "true")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert visit.faults == []
