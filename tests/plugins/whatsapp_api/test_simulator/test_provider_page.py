"""The provider's page in a real Chromium: faults, scenarios, clock, reviews and customers, by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from jackfield_whatsapp_api.simulator import Customer, Number, Simulator, kinds
from jackfield_whatsapp_api.simulator.app import PAGE
from jackfield_whatsapp_api.simulator.ledger import Entry


async def test_a_person_decides_what_goes_wrong_and_sees_what_came_of_it(
    sim: Simulator, shop: Number, ann: Customer, page: Page
) -> None:
    template = sim.add_template(shop, "order_ready", "en", "Order {{1}} is ready")
    await page.goto(f"{sim.url}/phone/provider.html")
    waiting = page.get_by_test_id("provider-waiting")
    await expect(waiting).to_have_text("Nothing is meant to go wrong.")
    await page.get_by_test_id("provider-scenario").select_option("rush hour")
    await page.get_by_test_id("provider-play").click()
    await expect(waiting.locator("li")).to_have_count(2)
    await page.get_by_test_id("provider-calm").click()
    await expect(waiting).to_have_text("Nothing is meant to go wrong.")

    await page.get_by_test_id("provider-fault").select_option("fail_later")
    await page.get_by_test_id("provider-code").fill("131026")
    await page.get_by_label("Customer").select_option(ann.phone)
    await page.get_by_test_id("provider-add").click()
    await expect(waiting).to_contain_text(f"fail later, by a status · 131026 · × 1 · +{ann.phone}")
    (fault,) = sim.world.script.waiting
    assert (fault.user, fault.times, fault.chance) == (ann.phone, 1, 1)
    await page.get_by_test_id("provider-fault").select_option("skip_delivered")
    await expect(page.get_by_test_id("provider-code")).to_be_hidden()

    before = sim.now()
    await page.get_by_role("button", name="Forward by a day").click()
    await expect(page.get_by_test_id("provider-said")).to_have_text("Done")
    assert (sim.now() - before).days == 1

    await page.get_by_label("order_ready becomes").select_option("PAUSED")
    await expect(page.get_by_label("order_ready becomes")).to_have_value("PAUSED")
    assert template.status == "PAUSED"

    sim.ledger.note(Entry(at=0, number=shop.id, user=ann.phone, code=131056, over=True))
    record = page.get_by_test_id("provider-record")
    await expect(record).to_contain_text("131056 × 1")
    await expect(record.locator(".bad")).to_have_text("1")

    await page.get_by_label("Phone", exact=True).fill("+1 555 010 0177")
    await page.get_by_label("hides the phone").check()
    await page.get_by_label("Name", exact=True).fill("Eve")
    await page.get_by_role("button", name="Add").last.click()
    await expect(page.get_by_label("Customer")).to_contain_text("Eve")
    assert sim.customers["15550100177"].hidden


async def test_any_kind_of_news_can_be_told_by_hand(
    sim: Simulator, shop: Number, ann: Customer, inbox: list[dict[str, Any]], page: Page
) -> None:
    await page.goto(f"{sim.url}/phone/provider.html")
    kind = page.get_by_test_id("provider-kind")
    known = {name for names in kinds.names().values() for name in names}
    await expect(kind.locator("option")).to_have_count(len(known))
    shown = await kind.locator("option").evaluate_all("all => all.map((one) => one.value)")
    assert {*shown} == known
    await kind.select_option("agent_took")
    await page.get_by_test_id("provider-tell").click()
    await expect(page.get_by_test_id("provider-said")).to_have_text("Done")
    await sim.settled()
    (body,) = inbox
    assert body["entry"][0]["changes"][0]["field"] == "messaging_handovers"


@pytest.mark.parametrize("name", ["en", "ru"])
def test_both_catalogues_say_the_same_things(name: str) -> None:
    words = json.loads((PAGE / f"{name}.json").read_text())
    assert words.keys() == json.loads((PAGE / "en.json").read_text()).keys()
    assert all(words.values())
    used = {word for file in Path(PAGE).glob("*.html") for word in _named(file.read_text())}
    assert used <= words.keys()


def _named(html: str) -> set[str]:
    return set(re.findall(r'data-(?:text|label|hint)="(\w+)"', html))
