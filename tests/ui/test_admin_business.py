"""A business account's tools and its templates, in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from browser import Visit, launched, visiting
from fake_admin import Business
from fake_server import World
from playwright.async_api import expect

CHANNEL = "/settings/channels/ch_1"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360f8cfc0f01f0005050201a7a1d0a10000000049454e44ae426082"
)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def business(world: World) -> Business:
    return Business(world)


@pytest.fixture
async def visit(built: Path, world: World, business: Business) -> AsyncIterator[Visit]:
    async with launched() as browser, visiting(browser, world=world) as visit:
        yield visit
        assert visit.faults == []


def asked(business: Business, method: str, end: str) -> Any:
    """The body of the last such call."""
    return [body for how, path, body in business.calls if how == method and path.endswith(end)][-1]


async def save(visit: Visit) -> None:
    await visit.page.get_by_test_id("save").click()
    await expect(visit.page.get_by_test_id("saved")).to_contain_text("Saved.")


async def test_only_what_changed_of_the_profile_is_sent(visit: Visit, business: Business) -> None:
    await visit.open(f"{CHANNEL}/profile")
    await expect(visit.page.get_by_test_id("save")).to_be_disabled()
    await visit.page.get_by_test_id("profile-about").fill("Отвечаем круглосуточно")
    await visit.page.get_by_test_id("file").set_input_files(
        {"name": "logo.png", "mimeType": "image/png", "buffer": PNG}
    )
    await expect(visit.page.get_by_alt_text("logo.png")).to_be_visible()
    await save(visit)
    assert asked(business, "PATCH", "/profile") == {"about": "Отвечаем круглосуточно", "picture": "f_1"}
    assert business.profile.about == "Отвечаем круглосуточно"


async def test_what_is_refused_is_said_at_its_field(visit: Visit, business: Business) -> None:
    page = visit.page
    business.refuses["PATCH /profile"] = {
        "status": 422,
        "code": "rejected",
        "title": "This is no e-mail address.",
        "data": {"fields": {"email": "invalid"}, "words": "x.y"},
    }
    await visit.open(f"{CHANNEL}/profile")
    email = page.get_by_test_id("profile-email")
    await email.fill("nobody")
    await page.get_by_test_id("save").click()
    await expect(email).to_have_attribute("aria-invalid", "true")
    await expect(email).to_be_focused()
    name = await email.get_attribute("id")
    await expect(page.locator(f"#{name}-error")).to_have_text("This is no e-mail address.")
    await expect(page.get_by_test_id("problem")).to_contain_text("not filled in rightly")
    await expect(email).to_have_value("nobody")
    visit.faults.clear()  # the browser names the 422


async def test_a_file_of_a_wrong_type_does_not_go_up(visit: Visit, world: World) -> None:
    await visit.open(f"{CHANNEL}/profile")
    await visit.page.get_by_test_id("file").set_input_files(
        {"name": "logo.gif", "mimeType": "image/gif", "buffer": b"GIF89a"}
    )
    await expect(visit.page.get_by_test_id("file")).to_have_attribute("aria-invalid", "true")
    assert world.uploads == {}


async def test_changes_are_not_left_by_accident(visit: Visit) -> None:
    page = visit.page
    await visit.open(f"{CHANNEL}/profile")
    await page.get_by_test_id("profile-about").fill("Не сохранено")
    await page.get_by_test_id("section-shop").click()
    await expect(page.get_by_role("dialog")).to_contain_text("not saved")
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("profile-about")).to_have_value("Не сохранено")
    await page.get_by_test_id("section-shop").click()
    await page.get_by_test_id("confirm").click()
    await expect(page.get_by_test_id("shop-cart")).to_be_checked()
    await expect(page.get_by_role("heading", name="Shop")).to_be_focused()


async def test_the_shop_is_shown_and_its_products_are_found(visit: Visit, business: Business) -> None:
    page = visit.page
    await visit.open(f"{CHANNEL}/shop")
    await page.get_by_text("Show the shop in the profile").click()
    await save(visit)
    assert business.shop.visible
    await expect(page.get_by_test_id("catalogue-item").first).to_be_visible()
    await page.get_by_test_id("item-query").fill("Плед")
    await expect(page.get_by_test_id("catalogue-item")).to_have_count(1)


async def test_links_are_made_changed_and_deleted(visit: Visit, business: Business) -> None:
    page = visit.page
    await visit.open(f"{CHANNEL}/links")
    await expect(page.get_by_test_id("chat-link")).to_have_count(2)
    await expect(page.get_by_test_id("qr").first).to_be_visible()
    await expect(page.get_by_role("link", name="SVG").first).to_have_attribute(
        "href", "/api/v1/channels/ch_1/links/AB12/picture?form=svg"
    )
    await page.get_by_test_id("new-link-text").fill("Хочу подарок")
    await page.get_by_test_id("save").click()
    await expect(page.get_by_test_id("chat-link")).to_have_count(3)
    await page.get_by_test_id("edit-link").first.click()
    await page.get_by_test_id("link-text").fill("Где мой заказ?")
    await page.get_by_test_id("save").last.click()
    await expect(page.get_by_test_id("chat-link").first).to_contain_text("Где мой заказ?")
    await page.get_by_test_id("delete-link").nth(1).click()
    await page.get_by_test_id("confirm").click()
    await expect(page.get_by_test_id("chat-link")).to_have_count(2)
    assert [one.text for one in business.links] == ["Где мой заказ?", "Хочу подарок"]


async def test_somebody_is_unblocked(visit: Visit, business: Business) -> None:
    await visit.open(f"{CHANNEL}/blocked")
    await expect(visit.page.get_by_test_id("blocked")).to_have_count(2)
    await visit.page.get_by_test_id("unblock").first.click()
    await visit.page.get_by_test_id("confirm").click()
    await expect(visit.page.get_by_test_id("blocked")).to_have_count(1)
    assert asked(business, "DELETE", "/blocked")["value"] == "79990001122"


async def test_prompts_and_commands_are_counted_and_saved_whole(visit: Visit, business: Business) -> None:
    page = visit.page
    await visit.open(f"{CHANNEL}/automation")
    await page.get_by_test_id("add-prompt").click()
    await page.get_by_test_id("prompt").last.fill("x" * 81)
    await expect(page.get_by_text("1 character too many")).to_be_visible()
    await page.get_by_test_id("prompt").last.fill("Когда вы работаете?")
    await page.get_by_test_id("add-prompt").click()
    await expect(page.get_by_test_id("add-prompt")).to_be_disabled()  # four of four
    await page.get_by_test_id("add-command").click()
    await page.get_by_test_id("command-name").last.fill("/menu")
    await page.get_by_test_id("command-what").last.fill("Что есть в наличии")
    await save(visit)
    assert business.automation.prompts == ("Где мой заказ?", "Как вернуть товар?", "Когда вы работаете?")
    assert [one.name for one in business.automation.commands] == ["status", "menu"]


async def test_figures_are_tables(visit: Visit, business: Business) -> None:
    page = visit.page
    await visit.open(f"{CHANNEL}/figures")
    cost = page.get_by_test_id("figures-cost").get_by_role("row")
    await expect(cost.nth(1)).to_contain_text("Marketing")
    await expect(page.get_by_test_id("figures-cost")).to_contain_text("$24.66")
    await expect(page.get_by_test_id("figures-templates").get_by_role("row").nth(1)).to_contain_text("117")
    await page.get_by_test_id("pull-figures").click()
    await expect(page.get_by_test_id("pull-figures")).to_have_text("Ask now")
    assert [path for how, path, _ in business.calls if how == "POST"] == [
        "/api/v1/channels/ch_1/figures/pull"
    ]


async def test_templates_that_need_a_person_come_first(visit: Visit) -> None:
    page = visit.page
    await visit.open(f"{CHANNEL}/templates")
    row = page.get_by_test_id("template-row")
    await expect(row).to_have_count(7)
    assert [await one.get_attribute("data-standing") for one in await row.all()] == [
        "disabled",
        "rejected",
        "paused",
        "pending",
        "approved",
        "approved",
        "approved",
    ]
    await expect(row.nth(1)).to_contain_text("Blanks or links are not written as they have to be.")
    await expect(row.nth(4)).to_contain_text("becomes Marketing")
    await page.get_by_test_id("template-standing").select_option("paused")
    await expect(row).to_have_count(1)
    await page.get_by_test_id("template-query").fill("nothing of it")
    await expect(page.get_by_test_id("nothing")).to_be_visible()


async def test_a_template_is_made_with_blanks_examples_and_buttons(visit: Visit, business: Business) -> None:
    page = visit.page
    await visit.open(f"{CHANNEL}/templates")
    await page.get_by_test_id("new-template").click()
    await page.get_by_test_id("design-name").fill("Order Late!")
    await expect(page.get_by_test_id("design-name")).to_have_value("order_late")
    await page.get_by_test_id("design-language").select_option("en")
    await page.get_by_test_id("header-form").select_option("image")
    await page.get_by_test_id("header-file").set_input_files(
        {"name": "head.png", "mimeType": "image/png", "buffer": PNG}
    )
    await page.get_by_test_id("design-body").fill("Hello ")
    await page.get_by_test_id("design-body-place").click()
    await expect(page.get_by_test_id("design-body")).to_have_value("Hello {{1}}")
    await expect(page.get_by_test_id("save")).to_be_disabled()  # an example is missing
    await page.get_by_test_id("example-body.1").fill("Maria")
    await page.get_by_test_id("button-kind").select_option("url")
    await page.get_by_test_id("add-button").click()
    await page.get_by_test_id("button-title").fill("Track")
    await page.get_by_test_id("button-value").fill("https://shop.example/{{1}}")
    await page.get_by_test_id("example-button.0").fill("https://shop.example/7")
    await expect(page.get_by_test_id("preview")).to_contain_text("Hello Maria")
    await expect(page.get_by_test_id("preview")).to_contain_text("Track")
    await expect(page.get_by_test_id("preview").locator("img")).to_be_visible()
    assert await visit.axe() == []
    await page.get_by_test_id("save").click()
    await expect(page.get_by_test_id("standing-chip")).to_have_text("In review")
    design = asked(business, "POST", "/designs")
    assert design["examples"] == {"body.1": "Maria", "button.0": "https://shop.example/7"}
    assert design["header"] == {"form": "image", "text": "", "file": "f_1"}
    assert [one["form"] for one in design["buttons"]] == ["url"]


async def test_a_refused_template_says_which_field_is_wrong(visit: Visit, business: Business) -> None:
    page = visit.page
    business.refuses["PATCH /designs/1004"] = {
        "status": 422,
        "code": "rejected",
        "title": "A text may not begin with a blank.",
        "data": {"fields": {"body": "leading"}, "words": "x.y"},
    }
    await visit.open(f"{CHANNEL}/templates/1004")
    body = page.get_by_test_id("design-body")
    await body.fill("{{1}} hello")
    await page.get_by_test_id("example-body.1").fill("Anna")
    await page.get_by_test_id("save").click()
    await expect(body).to_be_focused()
    error = page.locator(f"#{await body.get_attribute('id')}-error")
    await expect(error).to_have_text("A text may not begin with a blank.")
    visit.faults.clear()  # the browser names the 422


async def test_a_paused_template_is_explained_and_sent_again(visit: Visit) -> None:
    page = visit.page
    await visit.open(f"{CHANNEL}/templates/1003")
    await expect(page.get_by_text("rests for some hours")).to_be_visible()
    await page.get_by_text("What became of it").click()
    await expect(page.get_by_text("Now: Paused")).to_be_visible()
    await page.get_by_test_id("unpause").click()
    await expect(page.get_by_test_id("standing-chip")).to_have_text("Approved")


async def test_what_may_not_be_edited_is_shown_and_locked(visit: Visit) -> None:
    await visit.open(f"{CHANNEL}/templates/1006")
    await expect(visit.page.get_by_test_id("design-body")).to_be_disabled()
    await expect(visit.page.get_by_test_id("save")).to_have_count(0)


async def test_a_template_is_compared_before_it_is_copied(visit: Visit, business: Business) -> None:
    page = visit.page
    await visit.open(f"{CHANNEL}/templates/1001")
    await page.get_by_test_id("copy-template").click()
    await expect(page.get_by_test_id("copy-target")).to_have_count(3)  # not where I am an operator only
    await page.get_by_test_id("copy-target").first.check()
    await page.get_by_test_id("copy-target").nth(1).check()
    await page.get_by_test_id("compare").click()
    outcome = page.get_by_test_id("copy-outcome")
    await expect(outcome.first).to_contain_text("Привет, {{1}}!")
    assert business.desk.copied == []
    await page.get_by_test_id("copy").click()
    await expect(outcome.first).to_have_attribute("data-outcome", "edited")
    await expect(outcome.nth(1)).to_have_attribute("data-outcome", "created")
    assert len(business.desk.copied) == 2


async def test_a_template_is_deleted_by_its_name_in_every_language(visit: Visit, business: Business) -> None:
    page = visit.page
    await visit.open(f"{CHANNEL}/templates/1001")
    await page.get_by_test_id("delete-template").click()
    await expect(page.get_by_role("dialog")).to_contain_text("30 days")
    await page.get_by_text("In all 2 languages").click()
    await page.get_by_test_id("confirm-name").fill("order_ready")
    await page.get_by_test_id("confirm").click()
    await expect(page.get_by_test_id("template-row")).to_have_count(5)
    assert "order_ready" not in [one.design.name for one in business.desk.records]


async def test_what_cannot_be_read_is_said_and_tried_again(visit: Visit, business: Business) -> None:
    business.refuses["GET /designs"] = {
        "status": 503,
        "code": "unavailable",
        "title": "This does not work right now. Please try again in a moment.",
    }
    await visit.open(f"{CHANNEL}/templates")
    await expect(visit.page.get_by_test_id("not-fetched")).to_contain_text("does not work right now")
    business.refuses.clear()
    await visit.page.get_by_role("button", name="Try again").click()
    await expect(visit.page.get_by_test_id("template-row").first).to_be_visible()
    visit.faults.clear()  # the browser names the 503
