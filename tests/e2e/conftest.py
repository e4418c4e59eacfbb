"""A whole Jackfield in its own process, and a real browser to look at it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from openapi_truth import check
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).parents[2]
JACKFIELD = Path(sys.executable).with_name("jackfield")
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]  # fmt: skip
WITHIN = 10_000  # ms a person's patience lasts; what must be quicker says so itself


class Demo:
    """A running `jackfield demo --json`."""

    def __init__(self, folder: Path, environ: dict[str, str], *, port: int = 0) -> None:
        self.folder, self._environ, self._log = folder, environ, folder / "demo.log"
        self.start(port)

    def start(self, port: int) -> None:
        with self._log.open("a") as log:
            self.process = subprocess.Popen(
                [str(JACKFIELD), "demo", "--json", "--no-browser",
                 "--port", str(port), "--data", str(self.folder / "data")],
                stdout=subprocess.PIPE, stderr=log, env=os.environ | self._environ, text=True,
            )  # fmt: skip
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the demo did not start:\n{self._log.read_text()}"
        self.said: dict[str, Any] = json.loads(line)

    @property
    def url(self) -> str:
        return str(self.said["url"])

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def channel(self) -> dict[str, str]:
        found: dict[str, str] = next(c for c in self.said["channels"] if c["kind"] == "whatsapp_api")
        return found

    def get(self, path: str) -> Any:
        """GET /api/v1 with the demo's token."""
        request = urllib.request.Request(f"{self.url}/api/v1{path}")
        request.add_header("Authorization", f"Bearer {self.said['token']}")
        with urllib.request.urlopen(request, timeout=10) as answer:
            body: bytes = answer.read()
            check("GET", request.full_url, answer.status, answer.headers["content-type"], body)
        return json.loads(body)

    def kill(self) -> None:
        """As a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self._wait()

    def stop(self) -> int:
        """As Ctrl+C would; returns the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self._wait()

    def _wait(self) -> int:
        status = self.process.wait(timeout=20)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return status


@contextmanager
def demo_in(folder: Path, environ: dict[str, str]) -> Generator[Demo]:
    demo = Demo(folder, environ)
    try:
        yield demo
    finally:
        if demo.process.poll() is None:
            demo.stop()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo on SQLite, shared by the tests of a module."""
    with demo_in(tmp_path_factory.mktemp("demo"), {}) as demo:
        yield demo


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    executable = next((path for path in CHROMIUM if Path(path).exists()), None)
    assert executable, "the browser tests need chromium; `make test` installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


Open = Callable[..., Page]
# What a killed server leaves behind.
CUT = re.compile("ERR_CONNECTION_|ERR_CONTENT_LENGTH_MISMATCH|ERR_EMPTY_RESPONSE")


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """open_page(url, scheme="dark", locale="ru", width=…): a page in a browser of its own.

    A test fails if its page says an error on the console or breaks the content security policy.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_one(url: str, *, scheme: str = "light", locale: str = "en-GB", width: int = 1440) -> Page:
        context = browser.new_context(
            locale=locale,
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
            viewport={"width": width, "height": 900},
            timezone_id="Europe/Moscow",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WITHIN)
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda message: (
                complaints.append(f"{page.url}: {message.text}")
                if message.type == "error" and not CUT.search(message.text)
                else None
            ),
        )
        page.goto(url)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


def axe_faults(page: Page) -> list[str]:
    """What axe finds wrong on a page, one line each."""
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']})"
    )
    return [
        f"{fault['id']}: {fault['help']}: {node['target']} {node.get('failureSummary', '')}"
        for fault in found["violations"]
        for node in fault["nodes"]
    ]


def shoot(page: Page, name: str) -> None:
    """A screenshot into build/out/shots, to be looked at."""
    folder = ROOT / "build" / "out" / "shots"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png")
