"""Finding things in the real Jackfield: what was said by its words in any form, people, and a new chat."""

from __future__ import annotations

import re

from e2e.conftest import Demo, Open, axe_faults, shoot
from e2e.test_inbox_page import customer_writes, phone, sign_in
from playwright.sync_api import expect


def test_what_a_customer_said_is_found_in_any_form_and_opened_at_its_place(
    demo: Demo, open_page: Open
) -> None:
    customer, operator = phone(open_page, demo), sign_in(open_page, demo, locale="ru-RU")
    customer_writes(customer, "Сколько стоит корзина с георгинами?")
    for n in range(3):
        customer_writes(customer, f"и открытка номер {n}")
    expect(operator.get_by_test_id("chat-row").filter(has_text="открытка номер 2")).to_be_visible()

    operator.keyboard.press("/")
    operator.keyboard.type("георгин корзины")  # other forms of both words, the other way round
    hit = operator.get_by_test_id("found-hit")
    expect(hit).to_have_count(1)
    expect(hit.locator("mark")).to_have_text(["корзина", "георгинами"])
    assert axe_faults(operator) == []
    shoot(operator, "found")
    operator.keyboard.press("Enter")
    message = operator.get_by_test_id("message").filter(has_text="георгинами")
    expect(message).to_be_in_viewport()
    assert re.search(r"\?m=m_\w+", operator.url)

    operator.keyboard.press("Control+f")
    operator.get_by_test_id("find").fill("открытки")
    expect(operator.get_by_test_id("find-bar")).to_contain_text("1 из 3")
    operator.keyboard.press("Enter")
    expect(operator.get_by_test_id("find-bar")).to_contain_text("2 из 3")
    operator.get_by_test_id("find").fill("")
    operator.keyboard.press("Escape")
    expect(operator.get_by_test_id("find-bar")).to_have_count(0)


def test_filters_ask_the_server_for_less(demo: Demo, open_page: Open) -> None:
    customer, operator = phone(open_page, demo), sign_in(open_page, demo)
    customer_writes(customer, "Есть ли хризантемы?")
    operator.get_by_test_id("chat-row").filter(has_text="хризантемы").click()
    operator.get_by_test_id("composer").fill("Хризантемы есть, белые и жёлтые")
    operator.keyboard.press("Enter")
    expect(operator.get_by_test_id("message").filter(has_text="белые и жёлтые")).to_be_visible()
    search, hits = operator.get_by_test_id("search"), operator.get_by_test_id("found-hit")
    for typed, found in (
        ("хризантема", 2),
        ("from:us хризантема", 1),
        ("from:them хризантема", 1),
        ("has:photo хризантема", 0),
        ("before:2020-01-01 хризантема", 0),
        ("after:today хризантема", 2),
    ):
        search.click()
        search.fill(typed)
        expect(hits).to_have_count(found)
        expect(operator.get_by_test_id("search-results")).to_have_attribute("aria-busy", "false")
        expect(hits).to_have_count(found)
        search.press("Escape")
        expect(search).to_have_value("")


def test_the_palette_leads_to_a_person_and_begins_a_chat(demo: Demo, open_page: Open) -> None:
    operator = sign_in(open_page, demo)
    operator.keyboard.press("Control+k")
    field = operator.get_by_test_id("palette").get_by_role("combobox")
    expect(field).to_be_focused()
    field.fill("jkmuf")  # "ольга" with the wrong layout
    expect(operator.get_by_test_id("palette-option").first).to_contain_text("Ольга")
    operator.keyboard.press("Enter")
    expect(operator.locator("main h2")).to_contain_text("Ольга")

    operator.keyboard.press("Control+k")
    expect(field).to_be_focused()
    field.fill(">new chat")
    operator.keyboard.press("Enter")
    dialog = operator.get_by_role("dialog")
    dialog.get_by_label("Phone number").fill("12")
    expect(dialog.get_by_test_id("start")).to_be_disabled()
    dialog.get_by_label("Phone number").fill("+7 000 000 00 00 00 00 00 00")
    dialog.get_by_test_id("start").click()
    expect(dialog.get_by_role("alert")).to_contain_text("phone number")
    dialog.get_by_label("Phone number").fill("+7 921 555-44-33")
    dialog.get_by_label("Name").fill("Геннадий")
    dialog.get_by_test_id("start").click()
    expect(dialog).to_have_count(0)
    expect(operator.locator("main h2")).to_have_text("Геннадий")
    operator.get_by_test_id("search").click()
    operator.keyboard.type("+7 921 555")
    expect(operator.get_by_test_id("found-chat").filter(has_text="Геннадий")).to_be_visible()
