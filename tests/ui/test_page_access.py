"""axe on every screen: light and dark, English and Russian, desk and phone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from browser import EVERY, Scheme, launched, visiting
from fake_server import World
from playwright.async_api import Browser, expect


@pytest.fixture
async def browser(built: Path) -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


@pytest.mark.parametrize(("scheme", "locale", "width"), EVERY)
async def test_axe_finds_nothing(browser: Browser, scheme: Scheme, locale: str, width: int) -> None:
    world = World()
    world.locale = locale
    world.windows_closed.add("c_4")
    async with visiting(browser, width=width, scheme=scheme, world=world) as visit:
        found = dict[str, list[str]]()
        for path in ("/", "/i/all/c/c_0", "/i/all/c/c_1", "/i/all/c/c_4", "/i/w_1?s=closed"):
            await visit.open(path)
            await visit.page.wait_for_timeout(300)
            found |= {path: faults} if (faults := await visit.axe()) else {}
        assert found == {}
        assert visit.faults == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_in_what_opens(browser: Browser, scheme: Scheme) -> None:
    async with visiting(browser, scheme=scheme) as visit:
        await visit.open("/i/all/c/c_1")
        page = visit.page
        await page.get_by_test_id("assign").click()
        assert await visit.axe() == [], "menu"
        await page.keyboard.press("Escape")
        await page.get_by_test_id("view-raw").first.click()
        assert await visit.axe() == [], "raw"
        await page.keyboard.press("Escape")
        await page.get_by_test_id("note-mode").click()
        assert await visit.axe() == [], "note"
        await page.keyboard.press("Escape")
        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog")).to_be_visible()
        assert await visit.axe() == [], "help"


@pytest.mark.parametrize(("scheme", "locale", "width"), EVERY)
async def test_axe_finds_nothing_in_what_finds(
    browser: Browser, scheme: Scheme, locale: str, width: int
) -> None:
    world = World()
    world.locale = locale
    async with visiting(browser, width=width, scheme=scheme, world=world) as visit:
        page, keyboard = visit.page, visit.page.keyboard
        await visit.open("/")
        await page.get_by_test_id("search").click()
        assert await visit.axe() == [], "operators"
        await keyboard.type("заказ")
        await expect(page.get_by_test_id("found-hit").first).to_be_visible()
        assert await visit.axe() == [], "messages"
        await page.get_by_test_id("search").fill("мария has:photo ")
        await page.wait_for_timeout(400)
        assert await visit.axe() == [], "chips, and nothing found"
        await page.get_by_test_id("search").fill("мария")
        await page.wait_for_timeout(400)
        await keyboard.press("Escape")
        await visit.open("/i/all/c/c_0")
        await page.get_by_test_id("open-find").click()
        await keyboard.type("доставку")
        await expect(page.get_by_test_id("find-bar").get_by_role("status")).to_contain_text("30")
        await page.wait_for_timeout(1600)  # the message stops shining
        assert await visit.axe() == [], "in a chat"
        await keyboard.press("Control+k")
        await expect(page.get_by_test_id("palette-option").first).to_be_visible()
        assert await visit.axe() == [], "palette"
        await keyboard.press("Escape")
        await keyboard.press("Escape")
        await keyboard.press("c")
        await expect(page.get_by_role("dialog")).to_be_visible()
        assert await visit.axe() == [], "a new chat"
        assert visit.faults == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
async def test_axe_finds_nothing_at_the_door(browser: Browser, scheme: Scheme, width: int) -> None:
    world = World()
    world.signed_in = False
    async with visiting(browser, scheme=scheme, width=width, world=world) as visit:
        await visit.page.goto(f"{visit.url}/login?error=invalid")
        assert await visit.axe() == []
        assert visit.faults == []
