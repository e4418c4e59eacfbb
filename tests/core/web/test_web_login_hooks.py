"""A login under way: the provider may call it already, and it may begin with what a channel has."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from web_world import URL, World

import jackfield.channel as c
from jackfield.host import LoginSession
from jackfield.store.rows import ChannelRow

WORD = "knock-knock-1"


class Waiting:
    """Waits for a handshake with its word, then is done. What it was given is kept for the test."""

    last: Waiting

    def __init__(self, port: c.LoginPort) -> None:
        self.port, self.called = port, False
        Waiting.last = self

    async def start(self, again: c.ChannelId | None = None) -> c.Step:
        self.port.log(c.LogEntry(op="try", ok=True, request=str(dict(self.port.known))))
        return c.Show(step="whole.waiting", kind="waiting", data=self.port.hook)

    def webhook(self, request: c.HookRequest) -> c.Hooked | None:
        if request.query.get("word") != WORD:
            return None
        if request.method == "POST":
            return c.Hooked(accepted=False, status=503)
        self.called = True
        return c.Hooked(stored=False, body=b"who is there")

    async def submit(self, values: Mapping[str, str]) -> c.Step:
        return await self.wait()

    async def wait(self) -> c.Step:
        if not self.called:
            return c.Show(step="whole.waiting", kind="waiting", data=self.port.hook)
        return c.Done(name="W", external_id="waited", config={"line": "waited", "app_secret": "s"})

    async def cancel(self) -> None: ...


@pytest.fixture
def waiting(site: World) -> World:
    site.parts.plugins.kinds["whole"]._login = Waiting  # type: ignore[attr-defined]  # the test's own kind
    return site


async def begin(api: httpx.AsyncClient, workspace: str, **more: str) -> Any:
    body = {"workspace": workspace, "kind": "whole", "flow": "form", **more}
    answer = await api.post("/api/v1/channels/logins", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_provider_reaches_a_login_where_its_channel_will_be(waiting: World) -> None:
    admin = await waiting.api(waiting.alpha.people["admin"])
    begun = await begin(admin, waiting.alpha.id)
    place = begun["step"]["data"]
    assert place.startswith(f"{URL}/hooks/ch_")
    path, outside = place.removeprefix(URL), waiting.browser()
    assert (await outside.get(path, params={"word": "other"})).status_code == 404
    early = await outside.post(path, params={"word": WORD}, content=b"news")
    assert early.status_code == 503, "there is nothing to keep it in: the provider is to come again"
    answer = await outside.get(path, params={"word": WORD})
    assert (answer.status_code, answer.text) == (200, "who is there")
    done = (await admin.post(f"/api/v1/channels/logins/{begun['id']}/wait")).json()
    assert done["channel"] == path.rsplit("/", 1)[-1]
    (row,) = await waiting.store.rows(ChannelRow, "WHERE external_id = 'waited'")
    assert row.workspace_id == waiting.alpha.workspace


async def test_the_address_of_a_kind_knows_its_logins_until_they_end(waiting: World) -> None:
    admin, outside = await waiting.api(waiting.alpha.people["admin"]), waiting.browser()
    begun = await begin(admin, waiting.alpha.id)
    assert (await outside.get("/hooks/whole", params={"word": WORD})).text == "who is there"
    assert (await admin.delete(f"/api/v1/channels/logins/{begun['id']}")).status_code == 204
    assert (await outside.get("/hooks/whole", params={"word": WORD})).status_code != 200


async def test_a_new_channel_may_begin_with_what_another_of_the_workspace_has(waiting: World) -> None:
    admin = await waiting.api(waiting.alpha.people["admin"])
    begun = await begin(admin, waiting.alpha.id, like=waiting.alpha.channel_id)
    known = Waiting.last.port.known
    assert known["line"] == "line-alpha"
    assert known["app_secret"]
    assert known["app_secret"] not in str(begun)
    session = waiting.parts.host.session(begun["id"])
    assert isinstance(session, LoginSession)
    logged = str(list(session.port.recent))
    assert "line-alpha" in logged
    assert known["app_secret"] not in logged


async def test_what_another_workspace_has_is_not_there_to_begin_with(waiting: World) -> None:
    admin = await waiting.api(waiting.alpha.people["admin"])
    body = {"workspace": waiting.alpha.id, "kind": "whole", "flow": "form"}
    path = "/api/v1/channels/logins"
    for key in ("like", "again"):
        answer = await admin.post(path, json=body | {key: waiting.beta.channel_id})
        assert answer.status_code == 404
    both = {"like": waiting.alpha.channel_id, "again": waiting.alpha.channel_id}
    assert (await admin.post(path, json=body | both)).status_code == 422


async def test_a_login_learns_that_an_address_is_taken_and_not_by_whom(waiting: World) -> None:
    admin = await waiting.api(waiting.alpha.people["admin"])
    await begin(admin, waiting.alpha.id)
    port = Waiting.last.port
    assert [await port.taken(line) for line in ("line-alpha", "line-beta", "line-gamma")] == [
        "here",
        "elsewhere",
        "",
    ]
    await begin(admin, waiting.alpha.id, again=waiting.alpha.channel_id)
    assert await Waiting.last.port.taken("line-alpha") == "", "its own address is not another's"


async def test_who_will_not_wait_any_longer_goes_on_at_once(site: World) -> None:
    class Patient(Waiting):
        async def wait(self) -> c.Step:
            await asyncio.Event().wait()
            raise AssertionError("nobody calls")

        async def submit(self, values: Mapping[str, str]) -> c.Step:
            return c.Done(name="W", external_id="waited", config={"line": "waited", "app_secret": "s"})

    site.parts.plugins.kinds["whole"]._login = Patient  # type: ignore[attr-defined]  # the test's own kind
    admin = await site.api(site.alpha.people["admin"])
    begun = await begin(admin, site.alpha.id)
    path = f"/api/v1/channels/logins/{begun['id']}"
    waiting = asyncio.create_task(admin.post(f"{path}/wait"))
    await asyncio.sleep(0.05)
    async with asyncio.timeout(5):  # the request that waits would take 25 s
        done = await admin.post(f"{path}/submit", json={"values": {}})
        assert done.json()["step"]["type"] == "done"
        assert (await waiting).json()["step"]["type"] == "show"
