"""What is put together in the page reaches the customer, through the whole server and the simulator."""

from __future__ import annotations

import re

from e2e.conftest import Demo, Open, shoot
from e2e.test_inbox_page import customer_writes, phone, sign_in
from playwright.sync_api import Locator, Page, expect


def arrived(page: Page) -> Locator:
    """The last message, once the customer has it."""
    last = page.get_by_test_id("message").last
    status = last.get_by_test_id("message-status")
    expect(status).to_have_attribute("data-status", re.compile("delivered|read"), timeout=15_000)
    return last


def test_buttons_a_voice_and_a_template_arrive(demo: Demo, open_page: Open) -> None:
    customer, page = phone(open_page, demo), sign_in(open_page, demo)
    customer_writes(customer, "Можно завтра?")
    page.get_by_test_id("chat-row").filter(has_text="Можно завтра?").click()
    page.get_by_test_id("add").click()
    page.get_by_role("menuitem", name="Buttons", exact=True).click()
    page.get_by_label("Text").fill("Утром удобно?")
    page.get_by_label("Words").fill("Удобно")
    page.get_by_test_id("send-built").click()
    expect(page.get_by_test_id("message").last).to_contain_text("Удобно")
    arrived(page)
    expect(customer.get_by_test_id("phone-messages")).to_contain_text("Утром удобно?")

    page.get_by_test_id("record").click()
    page.wait_for_timeout(1500)
    page.get_by_test_id("voice-stop").click()
    page.get_by_test_id("voice-send").click()
    expect(page.get_by_test_id("message").last.locator("audio")).to_have_count(1)
    arrived(page)

    page.get_by_test_id("composer").focus()
    page.keyboard.press("Control+/")
    page.get_by_test_id("template").first.click()
    for field in page.locator('dialog input[id^="place-"]').all():
        field.fill("Анна")
    shoot(page, "template-form")
    page.get_by_test_id("send-template").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    arrived(page)
    shoot(page, "composed")
