"""A client links his own phone by a link, without an account: on another screen, and on the phone itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from e2e import phones, qr
from e2e.conftest import Demo, Open, axe_faults, demo_in, shoot
from e2e.phones import Street
from e2e.test_connecting import settings
from playwright.sync_api import Browser, Page, ViewportSize, expect

SLOW = 30_000  # ms: what an engine does takes a while on a busy machine
PHONE = ViewportSize(width=390, height=844)


@pytest.fixture
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    with phones.street(tmp_path_factory.mktemp("network")) as opened:
        yield opened


@pytest.fixture
def server(network: Street, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demo_in(tmp_path_factory.mktemp("server"), network.environ) as demo:
        yield demo


def test_a_client_links_his_phone(server: Demo, network: Street, open_page: Open, browser: Browser) -> None:
    agency = settings(open_page, server)
    agency.get_by_test_id("connect-channel").click()
    first = a_link(agency)
    shoot(agency, "link-made")
    assert axe_faults(agency) == []
    agency.get_by_test_id("invite-back").click()
    second = a_link(agency)
    agency.get_by_test_id("invite-back").click()

    on_another_screen(open_page(first), network)
    # Not asked anew: what the client did is seen where the link was made.
    used = agency.get_by_test_id("invitation").and_(agency.locator("[data-stage=used]"))
    expect(used).to_have_count(1, timeout=SLOW)
    used.get_by_role("link").click()
    expect(agency.get_by_test_id("channel-state")).to_have_attribute("data-state", "connected", timeout=SLOW)

    handed = browser.new_context(
        viewport=PHONE,
        has_touch=True,
        is_mobile=True,
        locale="ru-RU",
        color_scheme="dark",
        reduced_motion="reduce",
    )
    try:
        on_the_phone_itself(handed.new_page(), second, network)
    finally:
        handed.close()

    spent = open_page("about:blank")
    answer = spent.request.get(first)
    assert (answer.status, answer.headers["referrer-policy"]) == (410, "no-referrer")
    spent.set_content(answer.text())  # a page that is refused would be a fault on the console
    expect(spent.get_by_role("heading")).to_have_text("This link does not work")


def a_link(agency: Page) -> str:
    agency.locator("input[value=whatsapp_business]").check()
    agency.get_by_test_id("invite").click()
    agency.get_by_test_id("invite-hours").select_option("1")
    agency.get_by_test_id("invite-make").click()
    return agency.locator("code").inner_text()


def agree(page: Page) -> None:
    page.get_by_test_id("ask-understood").press("Space")
    page.get_by_test_id("step-submit").click()


def on_another_screen(page: Page, network: Street) -> None:
    expect(page.get_by_test_id("flow-qr")).to_be_checked(timeout=SLOW)
    assert axe_faults(page) == []
    shoot(page, "link-desk")
    page.get_by_test_id("begin").click()
    page.get_by_test_id("step-submit").click()
    expect(page.get_by_test_id("login")).to_contain_text("Please read it and agree first.", timeout=SLOW)
    agree(page)
    code = page.get_by_test_id("qr")
    expect(code).to_be_visible(timeout=SLOW)
    page.reload()  # what was begun is there still
    expect(code).to_be_visible(timeout=SLOW)
    expect(page.get_by_test_id("seconds-left")).to_be_visible(timeout=SLOW)
    assert axe_faults(page) == []
    shoot(page, "link-desk-code")
    network.scan(qr.read(code.screenshot()), network.shop)
    expect(page.get_by_test_id("login")).to_have_attribute("data-step", "done", timeout=SLOW)
    assert axe_faults(page) == []
    shoot(page, "link-desk-done")
    assert page.context.cookies() == []


def on_the_phone_itself(page: Page, link: str, network: Street) -> None:
    page.goto(link)
    expect(page.locator("html")).to_have_attribute("lang", "ru", timeout=SLOW)
    expect(page.get_by_test_id("flow-code")).to_be_checked(timeout=SLOW)
    shoot(page, "link-phone")
    assert axe_faults(page) == []
    page.get_by_test_id("speak-en").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Connect", timeout=SLOW)
    page.get_by_test_id("speak-ru").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Подключение", timeout=SLOW)
    page.get_by_test_id("begin").click()
    page.get_by_test_id("ask-phone").fill(f"+{network.third.account.phone}")
    agree(page)
    characters = page.get_by_test_id("characters")
    expect(characters).to_be_visible(timeout=SLOW)
    assert axe_faults(page) == []
    shoot(page, "link-phone-code")
    network.type_characters(characters.get_attribute("data-text") or "", network.third)
    expect(page.get_by_test_id("login")).to_have_attribute("data-step", "done", timeout=SLOW)
    shoot(page, "link-phone-done")
