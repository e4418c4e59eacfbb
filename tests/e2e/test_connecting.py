"""A number is connected by the steps, in a real browser; the provider's simulator is a process of its own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator

import pytest
from e2e.conftest import JACKFIELD, Demo, Open, axe_faults, shoot
from playwright.sync_api import Page, expect


@pytest.fixture
def provider(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """A running simulator with one number that no install knows yet. A parameter: further options."""
    number = ["--phone-number-id", "109876543210987", "--waba-id", "201987654321098"]
    more = getattr(request, "param", ())
    command = [str(JACKFIELD), "whatsapp-api", "simulator", "--json", *number, *more]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        said: dict[str, str] = json.loads(process.stdout.readline())
        yield said
    finally:
        process.terminate()
        process.wait(timeout=20)
        if process.stdout is not None:
            process.stdout.close()


def settings(open_page: Open, demo: Demo) -> Page:
    page = open_page(f"{demo.url}/login?next=/settings/channels")
    page.locator("input[name=email]").fill(demo.said["login"]["email"])
    page.locator("input[name=password]").fill(demo.said["login"]["password"])
    page.locator("button[type=submit]").click()
    expect(page.get_by_test_id("channel-row")).to_have_count(len(demo.said["channels"]))
    return page


def test_a_number_is_connected_by_the_steps(demo: Demo, provider: dict[str, str], open_page: Open) -> None:
    page = settings(open_page, demo)
    page.get_by_test_id("connect-channel").click()
    page.get_by_test_id("flow-token").check()
    page.get_by_test_id("begin").click()

    page.get_by_test_id("ask-phone_number_id").fill(provider["phone_number_id"])
    page.get_by_test_id("ask-waba_id").fill(provider["waba_id"])
    page.get_by_test_id("ask-access_token").fill("EAAG-of-somebody-else")
    page.get_by_test_id("ask-app_secret").fill(provider["app_secret"])
    page.get_by_test_id("ask-api_base").fill(provider["api_base"])
    page.get_by_test_id("step-submit").click()
    expect(page.get_by_test_id("ask-access_token")).to_have_attribute("aria-invalid", "true")
    assert axe_faults(page) == []

    page.get_by_test_id("ask-access_token").fill(provider["access_token"])
    page.get_by_test_id("ask-app_secret").fill(provider["app_secret"])
    page.get_by_test_id("step-submit").click()
    walk_to_the_end(page)
    shoot(page, "connected")

    page.get_by_test_id("to-channel").click()
    expect(page.get_by_test_id("channel-state")).to_have_attribute("data-state", "connected")
    expect(page.get_by_test_id("standing")).to_be_visible()
    assert axe_faults(page) == []
    found = [
        one for one in demo.get("/channels")["items"] if one["external_id"] == provider["phone_number_id"]
    ]
    assert len(found) == 1

    page.get_by_test_id("section-templates").click()
    expect(page.get_by_test_id("new-template").or_(page.get_by_test_id("not-fetched"))).to_be_visible()
    expect(page.get_by_test_id("not-fetched")).to_have_count(0)
    page.get_by_test_id("section-profile").click()
    expect(page.get_by_test_id("profile-about")).to_be_visible()


def walk_to_the_end(page: Page) -> None:
    """Whatever the number still needs: proposed answers are good, and its webhooks come here."""
    login = page.get_by_test_id("login")
    for _ in range(8):
        expect(
            page.get_by_test_id("step-submit")
            .and_(page.locator(":enabled"))
            .or_(page.get_by_test_id("to-channel"))
            .or_(page.get_by_test_id("step-skip"))
        ).to_be_visible()
        step = login.get_attribute("data-step")
        if step == "done":
            return
        if step == "whatsapp_api.register":
            page.get_by_test_id("ask-pin").fill("135790")
        if page.get_by_test_id("step-submit").count():
            page.get_by_test_id("step-submit").click()
        expect(login).not_to_have_attribute("data-step", step or "", timeout=30_000)
    raise AssertionError(f"no end: {login.inner_text()}")
