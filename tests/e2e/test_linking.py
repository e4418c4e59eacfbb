"""A shop's phone is linked by eight characters, is shut out for a while, goes on, and is linked again; on a
phone's screen, in Russian and in the dark. The engine is the real one."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# (the engine's stubs name their neighbours by paths that are not there)
from __future__ import annotations

import re
from functools import partial

from e2e.conftest import Demo, Open, axe_faults, shoot
from e2e.phones import Street
from e2e.test_business_day import SLOW, begin, linked, network, reached, saying, server, write
from e2e.test_connecting import settings
from neonize.proto.waE2E import WAWebProtobufsE2E_pb2 as e2e
from playwright.sync_api import Locator, Page, expect

__all__ = ["network", "server"]

BANNED = {"reason": "402", "code": "101", "expire": "8"}  # seconds
AWAY = {"reason": "503"}
GONE = {"reason": "401"}


def banner(page: Page) -> Locator:
    return page.get_by_test_id("channel-banner")


def seen(page: Page, name: str) -> None:
    assert axe_faults(page) == []
    shoot(page, f"linking-{name}")


def by_characters(page: Page, network: Street) -> None:
    """From the notice to the page of the channel."""
    page.get_by_test_id("ask-phone").fill("+49 1555 0001")
    page.get_by_test_id("ask-understood").press("Space")
    seen(page, "notice")
    page.get_by_test_id("step-submit").click()
    characters = page.get_by_test_id("characters")
    expect(characters).to_be_visible(timeout=SLOW)
    seen(page, "characters")
    network.type_characters(re.sub(r"\W", "", characters.inner_text()), network.shop)
    linked(page)


def open_chat(page: Page, text: str) -> None:
    page.get_by_test_id("to-inbox").click()
    page.get_by_test_id("chat-row").filter(has_text=text).click()


def heard(network: Street, text: str) -> None:
    network.hears(lambda said: said.conversation == text)


def test_a_phone_is_linked_shut_out_and_linked_again(server: Demo, network: Street, open_page: Open) -> None:
    page = settings(partial(open_page, scheme="dark", locale="ru-RU", width=390), server)
    begin(page, "code")
    by_characters(page, network)
    network.says(e2e.Message(conversation="Есть пионы?"))
    open_chat(page, "Есть пионы?")
    write(page, "Есть")
    heard(network, "Есть")
    a_ban_is_sat_out(page, network)
    a_person_lets_it_go_on(page, network)
    what_waited_is_looked_at_after_another_link(page, network)


def a_ban_is_sat_out(page: Page, network: Street) -> None:
    network.cut(BANNED)
    expect(banner(page)).to_have_attribute("data-what", "state", timeout=SLOW)
    expect(banner(page)).to_contain_text(re.compile(r"До .*\d\d:\d\d"))
    seen(page, "banned")
    expect(banner(page)).to_have_attribute("data-what", "paused", timeout=2 * SLOW)
    seen(page, "paused")


def a_person_lets_it_go_on(page: Page, network: Street) -> None:
    banner(page).get_by_test_id("banner-step").click()
    page.get_by_test_id("resume").click()
    seen(page, "resume")
    page.get_by_test_id("confirm").click()
    expect(page.get_by_test_id("pause-it")).to_be_visible()
    open_chat(page, "Есть")
    expect(banner(page)).to_have_count(0)
    write(page, "Снова здесь")
    heard(network, "Снова здесь")
    reached(saying(page, "Снова здесь"), "sent")


def what_waited_is_looked_at_after_another_link(page: Page, network: Street) -> None:
    network.cut(*[AWAY] * 100)
    network.until(lambda: len(network.mock.refusals) < 100)  # it is refused, and tries again
    write(page, "Ещё увидимся")
    reached(saying(page, "Ещё увидимся"), "queued|sending")
    network.mock.refusals.clear()
    network.mock.refusals.append(GONE)
    expect(banner(page)).to_have_attribute("data-what", "state", timeout=2 * SLOW)
    seen(page, "unlinked")
    banner(page).get_by_test_id("banner-step").click()
    page.get_by_test_id("flow-code").check()
    page.get_by_test_id("begin").click()
    by_characters(page, network)
    assert network.unheard() == [], "nothing leaves before somebody has looked at it"
    open_chat(page, "Ещё увидимся")
    reached(saying(page, "Ещё увидимся"), "held")
    seen(page, "held")
    page.go_back()
    page.go_back()
    page.get_by_test_id("release").click()
    expect(page.get_by_test_id("released")).to_contain_text("1")
    heard(network, "Ещё увидимся")
    assert network.unheard() == []
