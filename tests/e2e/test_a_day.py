"""A day in the life of a number: connected, asked, too late, asked again with a template, ordered from, and
told that a template of its rests. The provider's simulator is a process of its own, with its own clock."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from typing import Any

import pytest
from e2e.conftest import Demo, Open, axe_faults, shoot
from e2e.test_connecting import provider, settings, walk_to_the_end
from playwright.sync_api import Locator, Page, expect

__all__ = ["provider"]

USER = "447700900123"
DAY = 24 * 3600  # seconds


class Provider:
    """The simulator, played from outside."""

    def __init__(self, said: dict[str, str]) -> None:
        self.said, self.number = said, said["phone_number_id"]

    def call(self, path: str, **body: Any) -> Any:
        request = urllib.request.Request(
            f"{self.said['api_base']}/control/{path}",
            data=json.dumps(body).encode() if body else None,
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read())

    def writes(self, text: str) -> None:
        self.call("messages", number=self.number, user=USER, type="text", content={"body": text})

    def template(self, name: str) -> str:
        listed = self.call("templates")["templates"]
        return str(next(one["id"] for one in listed if one["name"] == name))

    def last_of_business(self) -> str:
        """The id of the newest message of ours on the customer's phone."""
        shown = self.call(f"chats/{self.number}/{USER}")["messages"]
        return str(next(one["id"] for one in reversed(shown) if one["by"] == "business"))


def connect(page: Page, said: dict[str, str]) -> None:
    page.get_by_test_id("connect-channel").click()
    page.get_by_test_id("flow-token").check()
    page.get_by_test_id("begin").click()
    for field in ("phone_number_id", "waba_id", "access_token", "app_secret", "api_base"):
        page.get_by_test_id(f"ask-{field}").fill(said[field])
    page.get_by_test_id("step-submit").click()
    walk_to_the_end(page)
    page.get_by_test_id("to-channel").click()
    expect(page.get_by_test_id("channel-state")).to_have_attribute("data-state", "connected")


def conversation(demo: Demo, number: str) -> str:
    """The first one of a number, once it is there: a message a day old is far down in the list."""
    channel = next(one["id"] for one in demo.get("/channels")["items"] if one["external_id"] == number)
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if found := demo.get(f"/conversations?channel={channel}")["items"]:
            return str(found[0]["id"])
        time.sleep(0.1)
    raise AssertionError("nothing came in")


def offered(demo: Demo, number: str) -> list[str]:
    """The names of the templates one may choose from."""
    channel = next(one["id"] for one in demo.get("/channels")["items"] if one["external_id"] == number)
    return [one["name"] for one in demo.get(f"/templates?channel={channel}")["items"]]


def until_gone(demo: Demo, number: str, name: str) -> None:
    """The provider's word on a template is on its way."""
    until = time.monotonic() + 60
    while name in offered(demo, number):
        assert time.monotonic() < until, "it is still offered"
        time.sleep(0.2)


def last(page: Page) -> Locator:
    return page.get_by_test_id("message").last


def expect_arrived(page: Page) -> None:
    """Delivered, or already read: these customers look at what they get when they like."""
    status = last(page).get_by_test_id("message-status")
    expect(status).to_have_attribute("data-status", re.compile("delivered|read"))


@pytest.mark.parametrize("provider", [("--customers",)], indirect=True)
def test_a_day(demo: Demo, provider: dict[str, str], open_page: Open) -> None:
    simulator = Provider(provider)
    page = settings(open_page, demo)
    connect(page, provider)
    # He asked almost a day ago: the window closes while somebody is answering.
    simulator.call("clock", forward=20 - DAY)
    simulator.writes("Is my bike ready?")
    page.goto(f"{demo.url}/i/all/c/{conversation(demo, simulator.number)}")
    expect(page.get_by_test_id("window")).to_have_attribute("data-state", "ending")
    page.get_by_test_id("composer").fill("Let me have a look")
    shoot(page, "day-window-closing")
    expect(page.get_by_test_id("window-closed")).to_be_visible(timeout=30_000)
    expect(page.get_by_test_id("kept-draft")).to_contain_text("Let me have a look")
    assert axe_faults(page) == []
    shoot(page, "day-window-closed")

    # A template goes out; he presses its button, and the window is open again.
    simulator.call("clock", forward=DAY - 20)
    page.get_by_test_id("choose-template").click()
    page.get_by_test_id("template").filter(has_text="estimate").click()
    for field, value in zip(
        page.locator('dialog input[id^="place-"]').all(), ("the brakes", "45"), strict=True
    ):
        field.fill(value)
    page.get_by_test_id("send-template").click()
    expect(last(page)).to_contain_text("Your estimate for the brakes comes to £45.")
    expect_arrived(page)
    pressed = simulator.last_of_business()
    simulator.call("press", number=simulator.number, user=USER, message=pressed, choice="Yes, please")
    expect(last(page)).to_contain_text("Yes, please")
    expect(page.get_by_test_id("window")).to_have_attribute("data-state", "open")
    expect(page.get_by_test_id("composer")).to_be_visible()

    # He orders, and is thanked in plain words.
    simulator.call("kinds", number=simulator.number, user=USER, kind="order")
    expect(last(page).get_by_role("table")).to_be_visible()
    page.get_by_test_id("composer").fill("On its way!")
    page.keyboard.press("Enter")
    expect(last(page)).to_contain_text("On its way!")
    expect_arrived(page)
    assert axe_faults(page) == []
    shoot(page, "day-ordered")

    # Too many people complained of a template: it rests, is told of, and is offered no more.
    resting = simulator.template("winter_service")
    simulator.call("templates/quality", template=resting, quality="RED")
    simulator.call("templates/review", template=resting, decision="pause", reason="Low quality")
    until_gone(demo, simulator.number, "winter_service")
    page.get_by_test_id("composer").focus()
    page.keyboard.press("Control+/")
    expect(page.get_by_test_id("template").first).to_be_visible()
    expect(page.get_by_test_id("template").filter(has_text="winter_service")).to_have_count(0)
    expect(page.get_by_test_id("template").filter(has_text="estimate")).to_have_count(1)
    page.keyboard.press("Escape")
    shoot(page, "day-over")
