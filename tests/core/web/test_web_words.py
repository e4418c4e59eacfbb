"""Every problem has words in every language, and every answer that refuses is made of them."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from web_world import World

import jackfield.channel as c
from jackfield import errors
from jackfield.errors import Invalid, NotSendable, Problem
from jackfield.web import problems
from jackfield.web.locales import LOCALES, best
from jackfield.web.problems import words
from jackfield_ui import translate

ROOT = Path(__file__).parents[3]
CLASSES: Mapping[str, type[Problem]] = {
    name: found
    for module in (errors, problems)
    for name, found in vars(module).items()
    if isinstance(found, type) and issubclass(found, Problem)
}


def catalogue(locale: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for path in (ROOT / "ui/locales" / locale).glob("*.json"):
        found |= json.loads(path.read_text())
    return found


def raised() -> Iterator[tuple[str, str]]:
    """Every code that is said where a problem is made, with the key of its words."""
    for path in (ROOT / "core").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CLASSES:
                area = "can_send" if node.func.id == "NotSendable" else "problem"
                for keyword in node.keywords:
                    said = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
                    if keyword.arg == "code" and isinstance(said, str):
                        yield path.name, f"{area}.{said}"


@pytest.mark.parametrize("locale", LOCALES)
def test_every_problem_has_words(locale: str) -> None:
    known = catalogue(locale)
    assert [key for _, key in raised() if key not in known] == []
    assert [found.code for found in CLASSES.values() if f"problem.{found.code}" not in known] == []


def test_a_refusal_to_send_is_said_in_the_words_of_can_send() -> None:
    def said(locale: str, key: str, params: Mapping[str, Any]) -> str:
        return {"can_send.window_closed": "closed", "problem.not_sendable": "no"}.get(key, key)

    assert words(said, "en", NotSendable(code="window_closed")) == "closed"
    assert words(said, "en", NotSendable(code="unheard_of")) == "no"
    assert words(problems.code_only, "en", Invalid()) == "invalid"


@pytest.mark.parametrize(
    ("accepted", "locale"),
    [
        ("", "en"), ("ru", "ru"), ("ru-RU,ru;q=0.9,en;q=0.8", "ru"), ("de, en;q=0.5, ru;q=0.4", "en"),
        ("fr", "en"), ("ru;q=0", "en"), ("en;q=0.1,ru;q=0.2", "ru"), ("*", "en"), ("ru;q=x", "en"),
        (",;,", "en"),
    ],
)  # fmt: skip
def test_the_language_is_what_the_browser_likes_best(accepted: str, locale: str) -> None:
    assert best(accepted) == locale


@pytest.fixture
def russian(site: World) -> World:
    object.__setattr__(site.parts, "translate", translate)
    from jackfield.web import create_app

    site.app = create_app(site.parts)
    return site


async def test_a_problem_is_said_in_the_visitors_language(russian: World) -> None:
    stranger = await russian.browser().get("/api/v1/me", headers={"Accept-Language": "ru"})
    assert (stranger.headers["content-language"], stranger.json()["title"]) == ("ru", "Пожалуйста, войдите.")
    browser = await russian.signed_in("owner@alpha.example")
    await browser.patch("/api/v1/me", json={"locale": "ru"})
    answer = await browser.get("/api/v1/messages/m_x", headers={"Accept-Language": "en"})
    assert answer.headers["content-language"] == "ru"


async def test_a_problem_is_problem_json(site: World) -> None:
    answer = await site.browser().get("/api/v1/nothing")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:jackfield:problem:not_found",
        "title": "not_found",
        "status": 404,
        "code": "not_found",
    }


Case = tuple[str, str, Any, int, dict[str, str]]

CASES: list[Case] = [
    ("GET", "/nothing", {}, 404, {}),
    ("GET", "/conversations?limit=x", {}, 422, {"limit": "Expected `int`, got `str`"}),
    ("GET", "/conversations?limit=500", {}, 422, {"limit": "Expected `int` <= 200"}),
    ("GET", "/conversations?nonsense=1", {}, 422, {"nonsense": "Object contains unknown field `nonsense`"}),
    ("GET", "/conversations?limit=1&limit=2", {}, 422, {"limit": "twice"}),
    ("GET", "/messages?channel=x", {}, 422, {"external_id": "Object missing required field `external_id`"}),
    ("GET", "/contacts?workspace=$ws&after=%F0", {}, 422, {"after": ""}),
    ("PUT", "/conversations", {}, 405, {}),
    ("POST", "/labels", {"content": b"{"}, 400, {}),
    ("POST", "/labels", {"content": b"\xff"}, 400, {}),
    ("POST", "/labels", {"json": []}, 422, {"": "Expected `object`, got `array`"}),
    ("POST", "/labels", {"json": {"name": 5}}, 422, {"name": "Expected `str`, got `int`"}),
    (
        "POST",
        "/conversations/c_1/messages",
        {"json": {"parts": [{"type": "text", "body": "a", "x": 1}]}},
        422,
        {"parts[0].x": "Object contains unknown field `x`"},
    ),
    ("POST", "/labels", {"content": b"{}", "headers": {"Content-Type": "text/plain"}}, 415, {}),
    ("POST", "/labels", {"content": b" " * 1_100_000}, 413, {}),
    ("POST", "/labels", {"json": {"name": "a"}, "headers": {"Idempotency-Key": "k" * 65}}, 422, {}),
]


@pytest.mark.parametrize("case", CASES, ids=[f"{number} {case[1]}" for number, case in enumerate(CASES)])
async def test_what_is_wrong_with_a_request_is_said_and_where(site: World, case: Case) -> None:
    method, path, options, status, fields = case
    api = await site.api(site.alpha.people["owner"])
    sent: dict[str, Any] = {"headers": {"Content-Type": "application/json"}, **options}
    answer = await api.request(method, f"/api/v1{path}".replace("$ws", site.alpha.id), **sent)
    assert answer.status_code == status, answer.text
    found = answer.json().get("data", {}).get("fields", {})
    for field, text in fields.items():
        assert found[field].startswith(text)
    if status == 405:
        assert answer.headers["allow"]


async def test_a_bug_is_answered_without_details_and_logged_with_a_number(
    site: World, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(workspace: int) -> dict[str, int]:
        raise ZeroDivisionError("the secret word")

    site.parts.reading.counters = broken  # type: ignore[method-assign]  # a bug, for this test
    api = await site.api(site.alpha.people["owner"])
    answer = await api.get("/api/v1/counters", params={"workspace": site.alpha.id})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret" not in answer.text
    assert answer.json()["data"]["id"] in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert "content-security-policy" in answer.headers


async def test_a_provider_that_refuses_a_login_is_quoted(site: World) -> None:
    kind = site.parts.plugins.kinds["whole"]

    class Refusing:
        async def start(self, again: c.ChannelId | None = None) -> c.Step:
            raise c.BadCredentials("token expired", remote_code="190")

    kind._login = lambda port: Refusing()  # type: ignore[attr-defined]  # the test's own kind
    api = await site.api(site.alpha.people["admin"])
    body = {"workspace": site.alpha.id, "kind": "whole", "flow": "form"}
    answer = await api.post("/api/v1/channels/logins", json=body)
    assert answer.status_code == 409
    assert answer.json()["detail"] == "token expired"
    assert answer.json()["data"] == {"remote_code": "190"}
