"""A simulator with one shop and one customer, and a receiver of its webhooks, all on loopback."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from playwright.async_api import Page, async_playwright, expect

from jackfield_whatsapp_api.simulator import Callback, Customer, Number, Settings, Simulator

Json = dict[str, Any]


@pytest.fixture
def answers() -> list[int]:
    """HTTP statuses the receiver gives to the next webhooks; 200 when there are none."""
    return []


@pytest.fixture
def inbox() -> list[Json]:
    """Webhook bodies the receiver took, in the order they came."""
    return []


@pytest.fixture
async def hook(answers: list[int], inbox: list[Json]) -> AsyncIterator[str]:
    """Address of a receiver that knows the verify token `knock`."""

    async def verify(request: web.Request) -> web.Response:
        if request.query.get("hub.verify_token") != "knock":
            return web.Response(status=403)
        return web.Response(text=request.query["hub.challenge"])

    async def take(request: web.Request) -> web.Response:
        status = answers.pop(0) if answers else 200
        if status == 200:
            inbox.append(json.loads(await request.read()))
        return web.Response(status=status)

    app = web.Application()
    app.add_routes([web.get("/hook", verify), web.post("/hook", take)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    finally:
        await runner.cleanup()


@pytest.fixture
async def sim(hook: str) -> AsyncIterator[Simulator]:
    callback = Callback(url=hook, verify_token="knock")
    async with Simulator.start(Settings(callback=callback, speed=50)) as found:
        yield found


@pytest.fixture
def shop(sim: Simulator) -> Number:
    return sim.add_number("+1 555 010 0001", "Corner Shop")


@pytest.fixture
def ann(sim: Simulator) -> Customer:
    return sim.add_customer("+1 555 010 0199", "Ann")


@pytest.fixture
async def api(sim: Simulator, shop: Number) -> AsyncIterator[aiohttp.ClientSession]:
    """A client that holds the shop's token."""
    headers = {"Authorization": f"Bearer {sim.token_of(shop)}"}
    async with aiohttp.ClientSession(f"{sim.url}/v23.0/", headers=headers) as client:
        yield client


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """A page that may not have a single error in its console."""
    complaints: list[str] = []
    expect.set_options(timeout=20_000)  # a loaded machine is slow, not wrong
    async with async_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        try:
            found = await browser.new_page(locale="en-GB")
            found.on("pageerror", lambda error: complaints.append(str(error)))
            found.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
            yield found
        finally:
            await browser.close()
    assert complaints == []
