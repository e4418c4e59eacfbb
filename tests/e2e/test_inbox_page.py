"""The whole path in a real browser: the customer writes, the operator sees, answers, and is read."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from e2e.conftest import Demo, Open, axe_faults, demo_in, shoot
from playwright.sync_api import Page, expect


def sign_in(open_page: Open, demo: Demo, **look: object) -> Page:
    """The operator's page, by password: the link works only once."""
    page = open_page(f"{demo.url}/login", **look)
    page.locator("input[name=email]").fill(demo.said["login"]["email"])
    page.locator("input[name=password]").fill(demo.said["login"]["password"])
    page.locator("button[type=submit]").click()
    expect(page.get_by_test_id("chat-row").first).to_be_visible()
    return page


def phone(open_page: Open, demo: Demo) -> Page:
    page = open_page(demo.said["pages"]["phone"])
    expect(page.get_by_test_id("phone-messages").locator("li").first).to_be_visible()
    return page


def customer_writes(page: Page, text: str) -> None:
    page.get_by_test_id("phone-input").fill(text)
    page.get_by_test_id("phone-send").click()


def test_a_customer_writes_and_is_answered_and_the_ticks_move_to_read(demo: Demo, open_page: Open) -> None:
    operator, customer = sign_in(open_page, demo), phone(open_page, demo)
    customer_writes(customer, "Здравствуйте, вы сегодня открыты?")
    began = time.monotonic()
    row = operator.get_by_test_id("chat-row").filter(has_text="вы сегодня открыты?")
    expect(row).to_be_visible(timeout=1000)  # within a second, without a reload
    assert time.monotonic() - began < 1.5

    row.click()
    composer = operator.get_by_test_id("composer")
    composer.fill("Да, до девяти вечера!")
    composer.press("Enter")
    answer = operator.get_by_test_id("message").filter(has_text="Да, до девяти вечера!")
    expect(answer).to_have_count(1)
    expect(customer.get_by_test_id("phone-messages").get_by_text("Да, до девяти вечера!")).to_be_visible()
    expect(answer.get_by_test_id("message-status")).to_have_attribute("data-status", "read")
    expect(operator.get_by_test_id("message").filter(has_text="Да, до девяти вечера!")).to_have_count(1)
    shoot(operator, "answered")


def test_a_note_stays_with_the_team(demo: Demo, open_page: Open) -> None:
    operator, customer = sign_in(open_page, demo), phone(open_page, demo)
    customer_writes(customer, "Есть ли пионы?")
    operator.get_by_test_id("chat-row").filter(has_text="Есть ли пионы?").click()
    composer = operator.get_by_test_id("composer")
    composer.press("Control+Shift+N")
    composer.fill("Спросить у поставщика")
    composer.press("Enter")
    expect(operator.get_by_test_id("message").filter(has_text="Спросить у поставщика")).to_be_visible()
    customer_writes(customer, "Ау?")
    expect(operator.get_by_test_id("message").filter(has_text="Ау?")).to_be_visible()
    expect(customer.get_by_text("Спросить у поставщика")).to_have_count(0)


def test_a_photo_of_the_customer_arrives(demo: Demo, open_page: Open) -> None:
    operator, customer = sign_in(open_page, demo), phone(open_page, demo)
    customer_writes(customer, "вот такой букет")
    operator.get_by_test_id("chat-row").filter(has_text="вот такой букет").click()
    expect(operator.get_by_test_id("message").filter(has_text="вот такой букет")).to_be_visible()
    picture = Path(__file__).parents[2] / "docs" / "inbox.png"
    customer.get_by_test_id("phone-file").set_input_files(picture)
    image = operator.get_by_test_id("message").last.locator("img")
    expect(image).to_be_visible()
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


def test_two_operators_see_each_other_answer(demo: Demo, open_page: Open) -> None:
    one, two, customer = sign_in(open_page, demo), sign_in(open_page, demo), phone(open_page, demo)
    customer_writes(customer, "Кто-нибудь ответит?")
    for page in (one, two):
        page.get_by_test_id("chat-row").filter(has_text="Кто-нибудь ответит?").click()
    one.get_by_test_id("composer").fill("Отвечаю")
    one.get_by_test_id("composer").press("Enter")
    expect(two.get_by_test_id("message").filter(has_text="Отвечаю")).to_have_count(1)


def test_a_killed_server_comes_back_and_the_page_catches_up(tmp_path: Path, open_page: Open) -> None:
    with demo_in(tmp_path, {}) as demo:
        operator = sign_in(open_page, demo)
        operator.evaluate("window.notReloaded = true")
        operator.get_by_test_id("chat-row").filter(has_text="Ольга Смирнова").click()
        expect(operator.get_by_test_id("composer")).to_be_visible()

        demo.kill()
        expect(operator.get_by_test_id("connection-bar")).to_be_visible()
        composer = operator.get_by_test_id("composer")
        composer.fill("написано без связи")
        composer.press("Enter")
        waiting = operator.get_by_test_id("message").filter(has_text="написано без связи")
        expect(waiting).to_be_visible()

        demo.start(demo.port)
        customer = phone(open_page, demo)
        customer_writes(customer, "написано после перезапуска")
        fresh = operator.get_by_test_id("message").filter(has_text="написано после перезапуска")
        expect(fresh).to_be_visible(timeout=30_000)
        expect(waiting).to_have_count(1)
        expect(waiting.get_by_test_id("message-status")).to_have_attribute(
            "data-status", "read", timeout=30_000
        )
        assert operator.evaluate("window.notReloaded") is True


@pytest.mark.parametrize("locale", ["en-GB", "ru-RU"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing(demo: Demo, open_page: Open, scheme: str, locale: str, width: int) -> None:
    look = {"scheme": scheme, "locale": locale, "width": width}
    name = f"{scheme}-{locale[:2]}-{width}"
    login = open_page(f"{demo.url}/login", **look)
    assert axe_faults(login) == []
    shoot(login, f"login-{name}")
    page = sign_in(open_page, demo, **look)
    assert page.locator("html").get_attribute("lang") == locale[:2]
    assert axe_faults(page) == []
    shoot(page, f"list-{name}")
    page.get_by_test_id("chat-row").nth(2).click()
    expect(page.get_by_test_id("message").first).to_be_visible()
    assert axe_faults(page) == []
    shoot(page, f"chat-{name}")
