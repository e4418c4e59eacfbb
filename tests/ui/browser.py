"""A real Chromium on the fake server, with all that goes wrong in it written down."""

from __future__ import annotations

import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

from fake_server import World, serving
from playwright.async_api import Browser, Page, async_playwright

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
Scheme = Literal["light", "dark"]
EVERY: list[tuple[Scheme, str, int]] = [  # every one with every other, two at a time
    ("light", "en", 1440),
    ("light", "ru", 390),
    ("dark", "ru", 1440),
    ("dark", "en", 390),
]


def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    assert found, "Chromium is needed: apt-get install chromium"
    return found


@asynccontextmanager
async def launched(*options: str) -> AsyncGenerator[Browser]:
    async with async_playwright() as playwright:
        args = ["--no-sandbox", *options]
        browser = await playwright.chromium.launch(executable_path=chromium(), args=args)
        try:
            yield browser
        finally:
            await browser.close()


class Visit:
    """One page, the world behind it, and its faults: console errors, exceptions, policy violations."""

    def __init__(self, page: Page, world: World, url: str) -> None:
        self.page, self.world, self.url = page, world, url
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on(
            "console",
            lambda said: self.faults.append(said.text) if said.type in ("error", "warning") else None,
        )

    async def open(self, path: str = "/") -> None:
        await self.page.goto(self.url + path)
        await self.page.wait_for_selector(
            '[data-testid="connection-bar"][data-state="live"]', state="attached"
        )

    async def axe(self) -> list[str]:
        """What axe finds, one line each. Run past the policy, as an extension would be."""
        await self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: dict[str, Any] = await self.page.evaluate(f"axe.run(document, {{runOnly: {RULES}}})")
        return [
            f"{one['id']}: {node['html'][:160]} {node['any'][:1]}"
            for one in found["violations"]
            for node in one["nodes"]
        ]


@asynccontextmanager
async def visiting(
    browser: Browser,
    *,
    width: int = 1440,
    height: int = 900,
    scheme: Scheme = "light",
    world: World | None = None,
) -> AsyncGenerator[Visit]:
    world = world or World()
    async with serving(world) as url:
        context = await browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            reduced_motion="reduce",
            timezone_id="Europe/Moscow",
        )
        try:
            yield Visit(await context.new_page(), world, url)
        finally:
            await context.close()
