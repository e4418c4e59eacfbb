"""The person beside the conversation: who he is, what he wants, and whether he may write."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from browser import EVERY, Scheme, Visit, launched, visiting
from fake_server import World
from playwright.async_api import Browser, expect

GALLERY = "/i/all/c/c_1"


@pytest.fixture
async def browser(built: Path) -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


@pytest.fixture
async def visit(browser: Browser) -> AsyncIterator[Visit]:
    async with visiting(browser) as visit:
        await visit.open(GALLERY)
        yield visit
        assert visit.faults == []


async def test_a_key_shows_the_person_and_hides_him(visit: Visit) -> None:
    panel = visit.page.get_by_test_id("contact-panel")
    await visit.page.locator("main").focus()
    await visit.page.keyboard.press("i")
    for words in (
        "+7 999 001-45-67",
        "RU.134912…741918",
        "@ivan.petrov",
        "Wants no marketing",
        "Санкт-Петербург",
    ):
        await expect(panel).to_contain_text(words)
    await expect(panel).to_contain_text("Осенняя распродажа")
    await expect(panel.get_by_test_id("shared").get_by_role("button")).to_have_count(3)
    await visit.page.reload()
    await expect(panel).to_be_visible()
    await panel.get_by_role("button", name="Close the contact").focus()
    await visit.page.keyboard.press("Escape")
    await expect(panel).to_have_count(0)


async def test_other_conversations_lead_there(visit: Visit) -> None:
    visit.world.put("c_9", contact="p_1")
    await visit.page.get_by_test_id("open-contact").click()
    await visit.page.get_by_test_id("elsewhere").get_by_role("link").click()
    await expect(visit.page).to_have_url(f"{visit.url}/i/all/c/c_9")


async def test_a_person_is_blocked_and_let_in_again(visit: Visit) -> None:
    page = visit.page
    await page.get_by_test_id("more").click()
    await page.get_by_role("menuitem", name="Block").click()
    await expect(page.get_by_test_id("blocked")).to_be_visible()
    await expect(page.get_by_test_id("window-closed")).to_have_attribute("data-reason", "blocked")
    assert await visit.axe() == []
    await page.get_by_test_id("unblock").click()
    await expect(page.get_by_test_id("composer")).to_be_visible()
    await expect(page.get_by_test_id("blocked")).to_have_count(0)
    assert visit.world.blocked == set()


async def test_what_has_no_room_in_the_header_is_in_its_menu(browser: Browser) -> None:
    async with visiting(browser, width=390) as visit:
        await visit.open(GALLERY)
        await visit.page.get_by_test_id("more").click()
        await visit.page.get_by_role("menuitem", name="Labels").click()
        await expect(visit.page.get_by_role("menuitemcheckbox", name="Возврат")).to_be_visible()
        assert visit.faults == []


async def test_where_there_is_no_room_it_lies_over_the_chat(browser: Browser) -> None:
    async with visiting(browser, width=1000) as visit:
        await visit.open(GALLERY)
        page = visit.page
        await page.get_by_test_id("more").click()
        await page.get_by_role("menuitem", name="Show the contact").click()
        panel = page.get_by_test_id("contact-panel")
        await expect(panel.get_by_role("button", name="Close the contact")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(panel).to_have_count(0)
        assert visit.faults == []


@pytest.mark.parametrize(("scheme", "locale", "width"), EVERY)
async def test_axe_finds_nothing_beside_the_chat(
    browser: Browser, scheme: Scheme, locale: str, width: int, tmp_path: Path
) -> None:
    world = World()
    world.locale = locale
    async with visiting(browser, scheme=scheme, world=world, width=width) as visit:
        await visit.open(GALLERY)
        await visit.page.locator("main").focus()
        await visit.page.keyboard.press("i")
        await expect(visit.page.get_by_test_id("contact-panel")).to_contain_text("ivan.petrov")
        await visit.page.screenshot(path=tmp_path / f"contact-{scheme}-{locale}-{width}.png")
        assert await visit.axe() == []
        assert visit.faults == []


@pytest.mark.parametrize(("scheme", "locale", "width"), [("light", "ru", 390), ("dark", "en", 1440)])
async def test_axe_finds_nothing_in_what_is_put_together(
    browser: Browser, scheme: Scheme, locale: str, width: int, tmp_path: Path
) -> None:
    world = World()
    world.locale = locale
    async with visiting(browser, scheme=scheme, world=world, width=width) as visit:
        await visit.open(GALLERY)
        await visit.page.get_by_test_id("add").click()
        assert await visit.axe() == []
        for number in range(await visit.page.get_by_role("menuitem").count()):
            if number:
                await visit.page.get_by_test_id("add").click()
            await visit.page.get_by_role("menuitem").nth(number).click()
            await expect(visit.page.get_by_role("dialog")).to_be_visible()
            await visit.page.wait_for_timeout(200)
            await visit.page.screenshot(path=tmp_path / f"dialog-{scheme}-{locale}-{width}-{number}.png")
            assert await visit.axe() == [], number
            await visit.page.keyboard.press("Escape")
            await expect(visit.page.get_by_role("dialog")).to_have_count(0)
        assert visit.faults == []
