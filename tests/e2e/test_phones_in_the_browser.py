"""The demo's phones in the hands of somebody who tries Jackfield: one is linked by the code that is shown,
and by eight characters; it is written from and to. The engine is the real one."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from functools import partial

import pytest
from e2e.conftest import ROOT, Demo, Open, axe_faults, demo_in, shoot
from e2e.test_business_day import SLOW, begin, linked, reached, saying, write
from e2e.test_connecting import settings
from playwright.sync_api import Locator, Page, expect

WITHIN = 60.0  # seconds, on a busy machine
OWNER, CUSTOMER = "447700900220", "447700900311"
FILES = ROOT / "plugins/whatsapp_api/jackfield_whatsapp_api/simulator/stories/media"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """As `make run` serves it."""
    with demo_in(tmp_path_factory.mktemp("demo"), {"PYTHONPATH": str(ROOT / "tests")}) as demo:
        yield demo


def phones(open_page: Open, demo: Demo) -> Page:
    return open_page(str(demo.said["pages"]["Phones"]))


def take(page: Page, number: str) -> None:
    """Pick up this phone."""
    page.locator(f'[data-testid="phone-tab"][data-number="{number}"]').click()


def chat_with(page: Page, name: str) -> None:
    page.get_by_test_id("chat-row").filter(has_text=name).click()


def bubble(page: Page, text: str) -> Locator:
    return page.get_by_test_id("bubble").filter(has_text=text).last


def say(page: Page, text: str) -> None:
    page.get_by_test_id("composer").fill(text)
    page.get_by_test_id("send").click()


def agree(page: Page) -> None:
    page.get_by_test_id("ask-understood").press("Space")
    page.get_by_test_id("step-submit").click()


def test_a_number_is_linked_already_and_its_past_is_there(demo: Demo) -> None:
    channel = next(one for one in demo.get("/channels")["items"] if one["kind"] == "whatsapp_business")
    assert channel["external_id"] == "447700900210"
    until, names = time.monotonic() + WITHIN, set[str]()
    while not {"Maya Lindqvist", "Sunday ride"} <= names:
        assert time.monotonic() < until, names
        time.sleep(0.2)
        names = {one["name"] for one in demo.get(f"/conversations?channel={channel['id']}")["items"]}


@pytest.mark.parametrize(("scheme", "locale", "width"), [("light", "en-GB", 1440), ("dark", "ru-RU", 390)])
def test_axe_finds_nothing_on_the_phones(
    demo: Demo, open_page: Open, scheme: str, locale: str, width: int
) -> None:
    page = phones(partial(open_page, scheme=scheme, locale=locale, width=width), demo)
    take(page, "447700900210")
    assert axe_faults(page) == []
    chat_with(page, "Maya Lindqvist")
    expect(page.get_by_test_id("bubble").first).to_be_visible()
    assert axe_faults(page) == []
    shoot(page, f"phones-{scheme}-{locale[:2]}-{width}")


def test_a_phone_is_linked_talks_and_is_thrown_out(demo: Demo, open_page: Open) -> None:
    page, hand = settings(open_page, demo), phones(open_page, demo)
    take(hand, OWNER)
    by_the_code_that_is_shown(page, hand)
    both_ways(page, hand)
    the_owner_writes_on_the_phone(page, hand)
    by_eight_characters_after_a_log_out(page, hand)


def by_the_code_that_is_shown(page: Page, hand: Page) -> None:
    hand.get_by_test_id("link-open").click()
    begin(page, "qr")
    agree(page)
    expect(page.get_by_test_id("qr")).to_be_visible(timeout=SLOW)
    hand.get_by_test_id("scan").click()
    linked(page)
    expect(hand.get_by_test_id("linked")).to_have_attribute("data-online", "true", timeout=SLOW)
    shoot(hand, "phones-linked")


def both_ways(page: Page, hand: Page) -> None:
    take(hand, CUSTOMER)
    chat_with(hand, "Brandt Frames")
    say(hand, "Do you build for tall people?")
    page.get_by_test_id("to-inbox").click()
    page.get_by_test_id("chat-row").filter(has_text="Do you build for tall people?").click()
    hand.locator('[data-testid="file-input"][data-kind="image"]').set_input_files(FILES / "ready.jpg")
    image = page.get_by_test_id("message").last.locator("img")
    expect(image).to_be_visible(timeout=SLOW)
    write(page, "Up to two metres.")
    expect(bubble(hand, "Up to two metres.")).to_be_visible(timeout=SLOW)
    reached(saying(page, "Up to two metres."), "read")
    shoot(hand, "phones-talking")


def the_owner_writes_on_the_phone(page: Page, hand: Page) -> None:
    take(hand, OWNER)
    chat_with(hand, "Maya Lindqvist")
    say(hand, "Or a little more.")
    said = saying(page, "Or a little more.")
    expect(said).to_be_visible(timeout=SLOW)
    expect(bubble(hand, "Up to two metres.")).to_have_attribute("data-mine", "true")


def by_eight_characters_after_a_log_out(page: Page, hand: Page) -> None:
    take(hand, OWNER)
    hand.get_by_test_id("link-open").click()
    hand.get_by_test_id("unlink").first.click()
    banner = page.get_by_test_id("channel-banner")
    expect(banner).to_have_attribute("data-what", "state", timeout=SLOW)
    banner.get_by_test_id("banner-step").click()
    page.get_by_test_id("flow-code").check()
    page.get_by_test_id("begin").click()
    page.get_by_test_id("ask-phone").fill(f"+{OWNER}")
    agree(page)
    characters = page.get_by_test_id("characters")
    expect(characters).to_be_visible(timeout=SLOW)
    hand.get_by_test_id("code-input").fill(re.sub(r"\W", "", characters.inner_text()))
    hand.get_by_test_id("code-link").click()
    linked(page)
