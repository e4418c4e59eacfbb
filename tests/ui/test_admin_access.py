"""axe on every settings page: light and dark, English and Russian, desk and phone; and a picture of each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from browser import EVERY, Scheme, launched, visiting
from fake_admin import Business
from fake_server import World
from playwright.async_api import Browser, expect

SECTIONS = (
    "templates",
    "templates/1001",
    "templates/1003",
    "templates/new",
    "profile",
    "shop",
    "links",
    "automation",
    "blocked",
    "figures",
    "deliveries",
    "log",
)
PAGES = (
    "/settings/channels",
    "/settings/channels?ws=w_2&state=off",
    "/settings/channels/ch_1",
    "/settings/channels/ch_3",
    "/settings/channels/new",
    "/settings/channels/nothing",
    *(f"/settings/channels/ch_1/{one}" for one in SECTIONS),
)


@pytest.fixture
async def browser(built: Path) -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


@pytest.mark.parametrize(("scheme", "locale", "width"), EVERY)
async def test_axe_finds_nothing_in_the_settings(
    browser: Browser, tmp_path: Path, scheme: Scheme, locale: str, width: int
) -> None:
    world = World()
    Business(world)
    world.locale = locale
    async with visiting(browser, width=width, scheme=scheme, world=world) as visit:
        found = dict[str, list[str]]()
        for path in PAGES:
            await visit.open(path)
            await expect(visit.page.locator("h1")).to_be_visible()
            await visit.page.wait_for_timeout(300)
            name = path.removeprefix("/settings/channels").strip("/?").replace("/", "-") or "channels"
            await visit.page.screenshot(path=tmp_path / f"{name}.png")
            wide = await visit.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            faults = await visit.axe() + ([f"{wide} px too wide"] if wide > 0 else [])
            found |= {path: faults} if faults else {}
        assert found == {}
        assert visit.faults == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_in_what_opens_there(browser: Browser, scheme: Scheme) -> None:
    world = World()
    business = Business(world)
    async with visiting(browser, scheme=scheme, world=world) as visit:
        page = visit.page
        await visit.open("/settings/channels/ch_1")
        await page.get_by_test_id("disconnect").click()
        assert await visit.axe() == [], "confirm"
        await visit.open("/settings/channels/ch_1/templates/1001")
        await page.get_by_test_id("copy-template").click()
        await page.get_by_test_id("copy-target").first.check()
        await page.get_by_test_id("compare").click()
        await expect(page.get_by_test_id("copy-outcome").first).to_be_visible()
        assert await visit.axe() == [], "compare"
        await visit.open("/settings/channels/new")
        await page.get_by_test_id("begin").click()
        await expect(page.get_by_test_id("ask-access_token")).to_be_visible()
        assert await visit.axe() == [], "form"
        await page.get_by_test_id("step-submit").click()
        assert await visit.axe() == [], "form with errors"
        business.login.shows = []
        assert visit.faults == []
