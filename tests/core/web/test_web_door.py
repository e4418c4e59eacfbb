"""The door: who knocks together is looked up together, and each is told what is his."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import pytest
from starlette.requests import HTTPConnection
from web_world import World

from jackfield.store.tables import Session
from jackfield.web.auth.cookies import cookie_name
from jackfield.web.auth.door import Door
from jackfield.web.auth.together import Together
from jackfield.web.auth.visits import Visits


class Shelf:
    """What is read, and how often."""

    def __init__(self) -> None:
        self.there: dict[str, int] = {"a": 1, "b": 2}
        self.reads: list[list[str]] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def read(self, keys: Sequence[str]) -> Mapping[str, int]:
        self.reads.append(sorted(keys))
        found = {key: self.there[key] for key in keys if key in self.there}
        await self.may_answer.wait()
        if "broken" in keys:
            raise RuntimeError("broken")
        return found


async def test_who_asks_in_the_same_turn_is_answered_by_one_read() -> None:
    shelf = Shelf()
    together = Together(shelf.read)
    found = await asyncio.gather(*(together.find(key) for key in ("a", "b", "nobody", "a")))
    assert found == [1, 2, None, 1]
    assert shelf.reads == [["a", "b", "nobody"]]


async def test_who_asks_later_is_not_answered_by_an_earlier_read() -> None:
    """A right that was taken away in between must not be seen."""
    shelf = Shelf()
    together = Together(shelf.read)
    shelf.may_answer.clear()
    first = asyncio.create_task(together.find("a"))
    while not shelf.reads:  # noqa: ASYNC110  # a turn of the loop or two
        await asyncio.sleep(0)
    del shelf.there["a"]
    second = asyncio.create_task(together.find("a"))
    await asyncio.sleep(0)
    shelf.may_answer.set()
    assert await asyncio.gather(first, second) == [1, None]
    assert shelf.reads == [["a"], ["a"]]


async def test_who_goes_away_takes_nobodys_answer_along() -> None:
    shelf = Shelf()
    together = Together(shelf.read)
    shelf.may_answer.clear()
    gone, stays = (asyncio.create_task(together.find(key)) for key in ("a", "b"))
    while not shelf.reads:  # noqa: ASYNC110  # a turn of the loop or two
        await asyncio.sleep(0)
    gone.cancel()
    shelf.may_answer.set()
    assert await stays == 2
    assert gone.cancelled()


async def test_a_read_that_fails_is_told_to_everybody_and_the_next_one_is_new() -> None:
    shelf = Shelf()
    together = Together(shelf.read)
    found = await asyncio.gather(together.find("a"), together.find("broken"), return_exceptions=True)
    assert [type(one) for one in found] == [RuntimeError, RuntimeError]
    assert await together.find("a") == 1


async def test_visitors_who_knock_together_are_told_apart(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["owner@alpha.example", "operator@alpha.example", "owner@beta.example"]
    browsers = [await world.signed_in(name) for name in names]
    gone = await world.signed_in(names[0])
    await Session.filter(csrf=gone.headers["X-CSRF-Token"]).delete()
    reads: list[str] = []
    fetch = world.store.fetch

    async def counted(sql: str, *params: Any) -> Any:
        reads.append(sql)
        return await fetch(sql, *params)

    monkeypatch.setattr(world.store, "fetch", counted)
    door = Door(world.store, world.settings, Visits())
    found = await asyncio.gather(*(door.again(_with_cookie(world, one)) for one in [*browsers, gone]))
    assert [None if one is None else one.email for one in found] == [*names, None]
    alpha, beta = world.alpha.workspace, world.beta.workspace
    assert [set(one.roles) for one in found if one is not None] == [{alpha}, {alpha}, {beta}]
    assert len(reads) == 1


def _with_cookie(world: World, browser: httpx.AsyncClient) -> HTTPConnection:
    name = cookie_name(world.settings)
    cookie = f"{name}={browser.cookies[name]}".encode()
    return HTTPConnection({"type": "websocket", "path": "/", "headers": [(b"cookie", cookie)]})
