"""The inbox in a real browser: reading, writing, and staying true through faults."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from browser import Visit, launched, visiting
from playwright.async_api import expect

from jackfield.channel import Text
from jackfield.wire import realtime as rt
from jackfield.wire import stream

CONVERSATION = "/i/all/c/c_3"


@pytest.fixture
async def visit(built: Path) -> AsyncIterator[Visit]:
    async with launched() as browser, visiting(browser) as visit:
        yield visit
        assert visit.faults == []


async def texts(visit: Visit, selector: str) -> list[str]:
    return [one.strip() for one in await visit.page.locator(selector).all_inner_texts()]


async def test_a_message_from_outside_shows_within_a_second(visit: Visit) -> None:
    await visit.open(CONVERSATION)
    visit.world.inbound("c_3", Text(body="Где мой заказ?"))
    await expect(visit.page.locator('[data-testid="message"]').last).to_contain_text(
        "Где мой заказ?", timeout=1000
    )
    first = visit.page.locator('[data-testid="chat-row"]').first
    await expect(first).to_have_attribute("data-id", "c_3", timeout=3000)
    await expect(first).to_contain_text("Где мой заказ?")


async def test_an_answer_goes_out_and_its_ticks_move_to_read(visit: Visit) -> None:
    await visit.open(CONVERSATION)
    await visit.page.get_by_test_id("composer").fill("Уже в *пути*")
    await visit.page.keyboard.press("Enter")
    last = visit.page.locator('[data-testid="message"]').last
    await expect(last).to_contain_text("Уже в пути")
    await expect(last.locator("strong")).to_have_text("пути")
    status = last.get_by_test_id("message-status")
    await expect(status).to_have_attribute("data-status", "read", timeout=4000)
    await expect(visit.page.get_by_test_id("composer")).to_have_value("")
    assert [one.text for one in visit.world.messages["c_3"]].count("Уже в *пути*") == 1


async def test_a_bubble_is_the_same_element_before_and_after_the_answer(visit: Visit) -> None:
    await visit.open(CONVERSATION)
    await visit.page.get_by_test_id("composer").fill("один и тот же")
    await visit.page.keyboard.press("Enter")
    last = visit.page.locator('[data-testid="message"]').last
    await last.evaluate("element => { element.dataset.mark = 'mine' }")
    await expect(last.get_by_test_id("message-status")).to_have_attribute("data-status", "read", timeout=4000)
    await expect(last).to_have_attribute("data-mark", "mine")


async def test_a_note_never_leaves(visit: Visit) -> None:
    await visit.open(CONVERSATION)
    await visit.page.get_by_test_id("composer").press("Control+Shift+N")
    await visit.page.get_by_test_id("composer").fill("только для нас")
    await visit.page.keyboard.press("Enter")
    await expect(visit.page.locator('[data-testid="message"][data-dir="note"]').last).to_contain_text(
        "только для нас"
    )
    assert visit.world.messages["c_3"][-1].dir == "note"


async def test_lost_events_are_asked_for_again(visit: Visit) -> None:
    await visit.open(CONVERSATION)
    visit.world.drop_next = 2
    visit.world.inbound("c_3", Text(body="потерянное"))
    visit.world.inbound("c_3", Text(body="следующее"))
    await expect(visit.page.locator('[data-testid="message"]').nth(-2)).to_contain_text(
        "потерянное", timeout=3000
    )
    await expect(visit.page.locator('[data-testid="message"]').last).to_contain_text("следующее")


async def test_what_is_written_offline_goes_out_once_when_the_server_is_back(visit: Visit) -> None:
    await visit.open(CONVERSATION)
    visit.world.cut()
    await visit.page.wait_for_selector(
        '[data-testid="connection-bar"]:not([data-state="live"])', state="attached"
    )
    visit.world.inbound("c_3", Text(body="пока вас не было"))
    await visit.page.get_by_test_id("composer").fill("сказано без сети")
    await visit.page.keyboard.press("Enter")
    last = visit.page.locator('[data-testid="message"]').last
    await expect(last).to_contain_text("сказано без сети")
    await expect(last.get_by_test_id("message-status")).to_have_attribute("data-status", "queued")
    visit.world.mend()
    await expect(last.get_by_test_id("message-status")).to_have_attribute(
        "data-status", "read", timeout=25_000
    )
    await expect(visit.page.locator('[data-testid="message"]').nth(-2)).to_contain_text("пока вас не было")
    assert [one.text for one in visit.world.messages["c_3"]].count("сказано без сети") == 1
    visit.faults = [one for one in visit.faults if "WebSocket" not in one]


async def test_what_is_written_in_a_chat_that_could_not_be_read_is_shown(visit: Visit) -> None:
    """A server that dies between the click on a chat and its messages."""
    await visit.open("/i/all")
    await visit.page.route("**/messages?*", lambda route: route.abort())
    visit.world.cut()
    await visit.page.locator('[data-testid="chat-row"][data-id="c_3"]').click()
    await expect(visit.page.get_by_role("button", name="Try again")).to_be_visible()
    await visit.page.get_by_test_id("composer").fill("вслепую")
    await visit.page.keyboard.press("Enter")
    blind = visit.page.locator('[data-testid="message"]').filter(has_text="вслепую")
    await expect(blind).to_be_visible()
    await visit.page.unroute("**/messages?*")
    visit.world.mend()
    await expect(visit.page.locator('[data-testid="message"]').nth(3)).to_be_visible(timeout=25_000)
    await expect(blind.get_by_test_id("message-status")).to_have_attribute("data-status", "read")
    await expect(blind).to_have_count(1)
    await expect(blind).to_be_in_viewport()
    visit.faults.clear()


async def test_another_epoch_reads_everything_again_and_keeps_the_draft(visit: Visit) -> None:
    await visit.open(CONVERSATION)
    await visit.page.get_by_test_id("composer").fill("недописанное")
    visit.world.rename("c_5", "Другое имя")
    visit.world.say(rt.Reset(ws="w_1", why="epoch"))
    await expect(visit.page.locator('[data-testid="chat-row"][data-id="c_5"]')).to_contain_text("Другое имя")
    await expect(visit.page.get_by_test_id("composer")).to_have_value("недописанное")


async def test_a_closed_window_leaves_templates_and_notes(visit: Visit) -> None:
    visit.world.windows_closed.add("c_3")
    await visit.open(CONVERSATION)
    await expect(visit.page.get_by_test_id("window-closed")).to_be_visible()
    await visit.page.get_by_test_id("choose-template").click()
    await visit.page.get_by_test_id("template").first.click()
    await expect(visit.page.get_by_test_id("send-template")).to_be_disabled()
    for field, value in zip(
        await visit.page.locator('dialog input[id^="place-"]').all(), ("Ольга", "77"), strict=True
    ):
        await field.fill(value)
    await visit.page.get_by_test_id("send-template").click()
    await expect(visit.page.locator('[data-testid="message"]').last).to_contain_text(
        "Здравствуйте, Ольга! Заказ 77 готов"
    )


async def test_a_long_thread_is_drawn_in_part_and_stays_put(visit: Visit) -> None:
    await visit.open("/i/all/c/c_0")
    messages = visit.page.locator('[data-testid="message"]')
    await expect(messages.first).to_be_attached()
    scroll = visit.page.locator('[role="log"]')
    for _ in range(6):
        await scroll.evaluate("box => { box.scrollTop = 300 }")
        await visit.page.wait_for_timeout(150)
        before = await visit.page.evaluate(FIRST_IN_SIGHT)
        await visit.page.wait_for_timeout(350)
        after = await visit.page.evaluate(PLACE_OF, before["id"])
        assert abs(after - before["top"]) <= 1
    assert await messages.count() <= 120
    await expect(visit.page.get_by_test_id("go-down")).to_be_visible()
    visit.world.inbound("c_0", Text(body="новое внизу"))
    await expect(visit.page.get_by_test_id("go-down")).to_contain_text("1")
    await visit.page.get_by_test_id("go-down").click()
    await expect(messages.last).to_contain_text("новое внизу")
    await expect(messages.last).to_be_in_viewport()


FIRST_IN_SIGHT = """() => {
  const edge = document.querySelector('[role=log]').getBoundingClientRect().top
  for (const one of document.querySelectorAll('[data-testid=message]')) {
    const top = one.getBoundingClientRect().top
    if (top >= edge) return { id: one.dataset.id, top }
  }
}"""
PLACE_OF = (
    "id => document.querySelector(`[data-testid=message][data-id='${id}']`).getBoundingClientRect().top"
)


async def test_only_rows_in_sight_are_drawn_and_more_come_by_scrolling(visit: Visit) -> None:
    await visit.open()
    rows = visit.page.locator('[data-testid="chat-row"]')
    assert await rows.count() < 40
    box = visit.page.locator("nav.chats .scroll")
    for _ in range(30):
        await box.evaluate("box => { box.scrollTop += 800 }")
        await visit.page.wait_for_timeout(40)
    await expect(visit.page.locator('[data-id="c_199"]')).to_be_visible()


async def test_the_language_changes_at_once_and_stays(visit: Visit) -> None:
    await visit.open(CONVERSATION)
    await visit.page.get_by_test_id("lang-switch").click()
    await expect(visit.page.get_by_test_id("status-open")).to_have_text("Открытые")
    assert await visit.page.get_attribute("html", "lang") == "ru"
    await visit.page.reload()
    await expect(visit.page.get_by_test_id("status-open")).to_have_text("Открытые")


async def test_the_theme_changes_and_stays(visit: Visit) -> None:
    await visit.open(CONVERSATION)
    for theme in ("light", "dark"):
        await visit.page.get_by_test_id("theme-switch").click()
        assert await visit.page.get_attribute("html", "data-theme") == theme
    await visit.page.wait_for_timeout(100)
    assert visit.world.theme == "dark"


async def test_the_keyboard_is_enough(visit: Visit) -> None:
    await visit.open()
    keyboard = visit.page.keyboard
    await keyboard.press("j")
    await expect(visit.page.locator('[data-testid="chat-row"][aria-current]')).to_have_attribute(
        "data-id", "c_0"
    )
    await visit.page.get_by_test_id("composer").press("Escape")
    await keyboard.press("Alt+ArrowDown")
    await expect(visit.page.locator('[data-testid="chat-row"][aria-current]')).to_have_attribute(
        "data-id", "c_1"
    )
    await visit.page.get_by_test_id("composer").press("Escape")
    await keyboard.press("e")
    await expect(visit.page.locator('[data-testid="chat-row"][data-id="c_1"]')).to_have_count(0)
    assert visit.world.conversations["c_1"].status == "closed"
    await keyboard.press("?")
    await expect(visit.page.get_by_role("dialog")).to_contain_text("Next unread chat")
    await keyboard.press("Escape")
    await keyboard.press("F6")
    await keyboard.press("F6")
    assert await visit.page.evaluate("document.activeElement !== document.body")


async def test_files_are_uploaded_and_sent(visit: Visit) -> None:
    await visit.open(CONVERSATION)
    await visit.page.locator('input[type="file"]').set_input_files(
        [{"name": "смета.txt", "mimeType": "text/plain", "buffer": b"100"}]
    )
    await expect(visit.page.locator(".tray")).to_contain_text("смета.txt")
    await visit.page.get_by_test_id("composer").fill("вот смета")
    await visit.page.get_by_test_id("send").click()
    await expect(visit.page.locator('[data-testid="message"]').last).to_contain_text("смета.txt")
    await expect(visit.page.locator('[data-testid="message"]').last).to_contain_text("вот смета")
    assert visit.world.uploads["f_1"][0] == b"100"


async def test_presence_is_shown_and_goes(visit: Visit) -> None:
    await visit.open(CONVERSATION)
    visit.world.say(
        rt.Eph(e="typing", ws="w_1", conv="c_3", d={"who": "o_2", "name": "Oleg", "mode": "reply"}, ttl=700)
    )
    await expect(visit.page.locator(".composer")).to_contain_text("Oleg is writing")
    await expect(visit.page.locator(".composer")).not_to_contain_text("Oleg is writing", timeout=3000)


async def test_a_warning_of_the_provider_is_said(visit: Visit) -> None:
    await visit.open()
    about = stream.Notice(channel="ch_1", severity="warning", code="quality", at=1, data={"value": "RED"})
    visit.world.emit("w_1", about)
    await expect(visit.page.get_by_role("alert")).to_contain_text("Quality rating: RED")


async def test_who_is_signed_out_is_told_and_loses_nothing(visit: Visit) -> None:
    await visit.open(CONVERSATION)
    await visit.page.get_by_test_id("composer").fill("не потеряй")
    visit.world.cut(code=rt.CloseCode.UNAUTHORISED)
    await expect(visit.page.get_by_test_id("connection-bar")).to_contain_text("signed out")
    await expect(visit.page.get_by_test_id("composer")).to_have_value("не потеряй")
    visit.faults = [one for one in visit.faults if "WebSocket" not in one]


async def test_a_link_to_a_message_opens_it(visit: Visit) -> None:
    await visit.open("/i/all/c/c_0?m=m_c_0_100")
    linked = visit.page.locator('[data-id="m_c_0_100"]')
    await expect(linked).to_be_in_viewport()
    await expect(visit.page.get_by_test_id("go-down")).to_be_visible()


async def test_a_link_to_a_chat_far_down_the_list_opens_it(visit: Visit) -> None:
    await visit.open("/i/all/c/c_170")
    name = visit.world.conversations["c_170"].name
    await expect(visit.page.locator("main h2")).to_have_text(name)
    await expect(visit.page.locator('[data-testid="message"]').last).to_be_visible()


async def test_a_link_to_no_chat_says_so(visit: Visit) -> None:
    await visit.open("/i/all/c/c_nothing")
    await expect(visit.page.locator("main")).to_contain_text("There is no such chat here.")
    visit.faults = [one for one in visit.faults if "404" not in one]


async def test_on_a_phone_there_is_one_pane(built: Path) -> None:
    async with launched() as browser, visiting(browser, width=390, height=844) as visit:
        await visit.open()
        await visit.page.locator('[data-testid="chat-row"]').first.click()
        await expect(visit.page.get_by_test_id("composer")).to_be_visible()
        await expect(visit.page.locator("nav.chats")).to_be_hidden()
        await visit.page.get_by_role("button", name="Back to the chats").click()
        await expect(visit.page.locator("nav.chats")).to_be_visible()
        assert await visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert visit.faults == []
