"""Every kind of message in a real browser, light and dark; pictures of them are kept with the output."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
from browser import Visit, launched, visiting
from fake_server import World
from playwright.async_api import Browser, Locator, expect

GALLERY = "/i/all/c/c_1"


@pytest.fixture
async def browser(built: Path) -> AsyncIterator[Browser]:
    async with launched() as browser:
        yield browser


@pytest.fixture
async def visit(browser: Browser) -> AsyncIterator[Visit]:
    async with visiting(browser, height=1400) as visit:
        await visit.open(GALLERY)
        yield visit
        assert visit.faults == []


def saying(visit: Visit, text: str) -> Locator:
    """The message, in the list, that says this."""
    return visit.page.get_by_test_id("message").filter(has_text=text)


@pytest.mark.parametrize(("scheme", "locale"), [("light", "en"), ("dark", "ru")])
async def test_every_kind_is_drawn(
    browser: Browser, tmp_path: Path, scheme: Literal["light", "dark"], locale: str
) -> None:
    world = World()
    world.locale = locale
    async with visiting(browser, scheme=scheme, world=world, height=1600) as visit:
        await visit.open(GALLERY)
        box = visit.page.locator('[role="log"]')
        await expect(visit.page.get_by_test_id("message")).to_have_count(len(world.messages["c_1"]))
        high, sight = await box.evaluate("box => [box.scrollHeight, box.clientHeight]")
        for page, top in enumerate(range(0, high, sight - 40)):
            await box.evaluate("(box, top) => { box.scrollTop = top }", top)
            await visit.page.wait_for_timeout(100)
            await visit.page.locator("main").screenshot(
                path=tmp_path / f"bubbles-{scheme}-{locale}-{page}.png"
            )
        for message in await visit.page.get_by_test_id("message").all():
            assert (await message.inner_text()).strip(), await message.get_attribute("data-id")
        text = await box.inner_text()
        assert "ui." not in text.replace("ui.example", ""), "a word is missing"
        assert await visit.axe() == []
        assert visit.faults == []


@pytest.mark.parametrize(
    ("about", "shown"),
    [
        ("Осенняя распродажа", ["Came from an advertisement", "Тёплые вещи", "example.org"]),
        (
            "autumn_sale",
            ["en_US", "Marketing", "Autumn prices", "Copy the code", "To the shop", "Reply STOP"],
        ),
        ("new_models", ["Шарф, шерсть", "Варежки", "Смотреть"]),
        ("Выбрать время", ["Завтра", "Вечером", "с 18 до 21", "Послезавтра"]),
        ("Выберите цвет", ["sku-1", "sku-2"]),
        ("Всё, что осталось", ["3 products", "Шарфы", "sku-7"]),
        ("Весь наш каталог", ["The whole catalogue"]),
        ("Есть такой синий?", ["Asks about a product", "sku-2"]),
        ("Футболка, M", ["3 pieces", "RUB", "3,221.00", "Без пакета"]),
        ("Запись на приём", ["Filled form", "24 ноября"]),
        ("You may call", ["Answered the request", "until"]),
        ("Удобно ли вам поговорить?", ["Asks whether we may call"]),
        ("По какому номеру", ["Asks for the phone number"]),
        ("Прайс.pdf", ["https://example.org/price.pdf"]),
        ("Call to us", ["missed"]),
        ("Video call", ["3:04"]),
        ("Ждёт своей очереди", ["as many people as the provider allows", "It is tried"]),
        ("This person has a new phone number", []),
        ("This kind of message cannot be shown yet", ["reel", "View raw"]),
    ],
)
async def test_a_bubble_says(visit: Visit, about: str, shown: list[str]) -> None:
    message = saying(visit, about).first
    for words in shown:
        await expect(message).to_contain_text(words)


async def test_a_sticker_is_small(visit: Visit) -> None:
    picture = visit.page.locator(".sticker img")
    await picture.scroll_into_view_if_needed()
    box = await picture.bounding_box()
    assert box is not None
    assert max(box["width"], box["height"]) <= 180


async def test_a_contact_card_leads_to_a_chat(visit: Visit) -> None:
    await saying(visit, "Пётр Ильин").get_by_test_id("card-start").click()
    await expect(visit.page.get_by_role("dialog")).to_be_visible()
    await expect(visit.page.locator("#start-phone")).to_have_value("+7 911 000-00-00")
    await expect(visit.page.locator("#start-name")).to_have_value("Пётр Ильин")


async def test_what_failed_for_the_window_offers_a_template_and_can_be_edited(visit: Visit) -> None:
    message = saying(visit, "Это не дошло")
    await expect(message.get_by_test_id("trouble")).to_contain_text("131047")
    await message.get_by_test_id("as-template").click()
    await expect(visit.page.get_by_role("dialog")).to_contain_text("order_ready")
    await visit.page.keyboard.press("Escape")
    await message.get_by_test_id("rewrite").click()
    await expect(visit.page.get_by_test_id("composer")).to_have_value("Это не дошло")


async def test_what_became_of_a_message_is_told(visit: Visit) -> None:
    message = saying(visit, "Доставлено").last
    await message.focus()
    await visit.page.keyboard.press("Enter")
    await visit.page.get_by_role("menuitem", name="What became of it").click()
    dialog = visit.page.get_by_role("dialog")
    await expect(dialog.get_by_test_id("receipts").locator("li")).to_have_count(3)
    await expect(dialog.get_by_test_id("charge")).to_contain_text("utility")


async def test_a_reaction_is_chosen_in_the_menu(visit: Visit) -> None:
    """The menu was closed first, and with it went what was reacted to."""
    message = saying(visit, "Доставлено").last
    await message.focus()
    await visit.page.keyboard.press("Enter")
    await visit.page.get_by_role("menuitem", name="🙏", exact=True).click()
    await expect(message.get_by_label("Reactions")).to_have_text("🙏")


async def test_a_reaction_of_ours_is_taken_back(visit: Visit) -> None:
    message = saying(visit, "👍🔥")
    await message.focus()
    await visit.page.keyboard.press("Enter")
    await visit.page.get_by_role("menuitem", name="Take ❤️ back").click()
    await expect(message.get_by_label("Reactions")).to_have_count(0)
