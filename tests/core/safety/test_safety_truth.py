"""That every answer is held against the document is not left to whoever writes a test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest
from openapi_truth import PREFIX, check, operation_of
from safety_world import House
from web_world import World

TESTS = Path(__file__).parents[2]
OTHERS = ("urllib.request", "http.client", "import requests", "TestClient")  # of which nothing is held


async def test_an_answer_that_is_not_documented_fails_whatever_test_gets_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By any client: here each is answered what no document says."""
    robot = (await house.program(house.alpha.people["owner"])).http
    key = {"Authorization": robot.headers["Authorization"]}
    url = f"{house.url}{PREFIX}/me"
    monkeypatch.setattr("openapi_truth.PATHS", [])
    (await robot.get(url)).raise_for_status()
    monkeypatch.undo()
    operation = operation_of("GET", url)
    assert operation is not None
    monkeypatch.setitem(operation["responses"]["200"]["content"]["application/json"], "schema", {"not": {}})
    with pytest.raises(AssertionError, match="what is not documented"):
        await robot.get(url)
    async with aiohttp.ClientSession(headers=key) as session:
        with pytest.raises(AssertionError, match="what is not documented"):
            await session.get(url)
    async with httpx.AsyncClient(headers=key) as other:
        with pytest.raises(AssertionError, match="what is not documented"):
            await other.get(url)


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        ({"status": 418}, "which is not documented"),
        ({"status": 204}, "which is not documented"),
        ({"media_type": "text/html"}, "text/html"),
        ({"body": b"[]"}, "what is not documented"),
    ],
    ids=["status", "body", "type", "shape"],
)
async def test_each_side_of_an_answer_is_held(site: World, spoilt: dict[str, Any], said: str) -> None:
    answer = await (await site.signed_in("owner@alpha.example")).get("/api/v1/me")
    whole: dict[str, Any] = {
        "status": answer.status_code,
        "media_type": answer.headers["content-type"],
        "body": answer.content,
    }
    url = str(answer.request.url)
    check("GET", url, **whole)
    with pytest.raises(AssertionError, match=said):
        check("GET", url, **whole | spoilt)


def test_who_speaks_to_the_api_is_held() -> None:
    """A test that reaches it by other clients than these two calls `check` itself."""
    speaking = {path: path.read_text() for path in TESTS.rglob("*.py") if path != Path(__file__)}
    loose = [
        str(path.relative_to(TESTS))
        for path, text in speaking.items()
        if PREFIX in text and any(client in text for client in OTHERS) and "check(" not in text
    ]
    assert loose == []
    assert any("check(" in text and "urllib.request" in text for text in speaking.values())
