"""Provider calls: kept raw, answered right, and nothing lost whatever comes."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from web_world import TodaysChannel, World, connect, secret_of, signature
from whole_channel import WholeKind

import jackfield.channel as c
from jackfield.errors import Unavailable
from jackfield.ids import show
from jackfield.store.rows import DeliveryRow
from jackfield.web.hooks import MOST, STRAY
from jackfield.web.parts import Came


def body_of(line: str, *ids: str) -> bytes:
    return json.dumps({"to": line, "messages": [{"id": i, "from": "ada", "text": i} for i in ids]}).encode()


async def deliveries(world: World) -> list[DeliveryRow]:
    return await world.store.rows(DeliveryRow, "WHERE 1 = 1 ORDER BY id")


async def summary(world: World) -> dict[str, int]:
    api = await world.api(world.alpha.people["operator"])
    answer = await api.get("/api/v1/deliveries/summary", params={"channel": world.alpha.channel_id})
    found: dict[str, int] = answer.json()
    return found


async def test_a_call_is_kept_as_it_came_and_every_message_of_it_is_there(world: World) -> None:
    body = body_of("line-alpha", "m1", "m2", "m3")
    answer = await world.call(f"/hooks/{world.alpha.channel_id}", "line-alpha", body)
    assert answer.status_code == 200
    (row,) = await deliveries(world)
    assert (row.body, row.state, row.events) == (body, "stored", 3)
    api = await world.api(world.alpha.people["viewer"])
    for message in ("m1", "m2", "m3"):
        query = {"channel": world.alpha.channel_id, "external_id": message}
        items = (await api.get("/api/v1/messages", params=query)).json()["items"]
        assert [item["external_id"] for item in items] == [message]
    assert await summary(world) == {"received": 1, "stored": 1, "failed": 0, "unrecognised": 0}


async def test_the_same_call_again_is_kept_again_and_shows_nothing_twice(world: World) -> None:
    body = body_of("line-alpha", "m1")
    for _ in range(2):
        assert (await world.call(f"/hooks/{world.alpha.channel_id}", "line-alpha", body)).status_code == 200
    api = await world.api(world.alpha.people["viewer"])
    query = {"channel": world.alpha.channel_id, "external_id": "m1"}
    assert len((await api.get("/api/v1/messages", params=query)).json()["items"]) == 1
    assert (await summary(world))["stored"] == 2


async def test_a_forged_call_is_refused_and_nothing_of_it_kept(site: World) -> None:
    body = body_of("line-alpha", "m1")
    for path in (f"/hooks/{site.alpha.channel_id}", "/hooks/whole"):
        answer = await site.browser().post(path, content=body, headers={"x-sum": "0" * 64})
        assert answer.status_code == 403
    assert await deliveries(site) == []


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[]", b"", b"[" * 5000])
async def test_what_cannot_be_read_is_kept_with_its_reason_and_answered_200(
    world: World, body: bytes
) -> None:
    answer = await world.call(f"/hooks/{world.alpha.channel_id}", "line-alpha", body)
    assert answer.status_code == 200
    (row,) = await deliveries(world)
    assert (row.state, row.body) == ("failed", body)
    assert row.reason
    assert (await summary(world))["failed"] == 1


async def test_a_plugin_that_raises_loses_nothing(site: World) -> None:
    body = b'{"to": "line-alpha", "messages": 5}'  # the channel trips over it
    assert (await site.call(f"/hooks/{site.alpha.channel_id}", "line-alpha", body)).status_code == 200
    (row,) = await deliveries(site)
    assert (row.state, row.body) == ("failed", body)
    assert "TypeError" in row.reason


async def test_a_store_that_is_away_is_said_so_that_the_provider_comes_again(site: World) -> None:
    async def away(came: Came) -> None:
        raise Unavailable("the disk is full")

    object.__setattr__(site.parts, "take", away)
    answer = await site.call(f"/hooks/{site.alpha.channel_id}", "line-alpha", body_of("line-alpha", "m1"))
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    assert "disk" not in answer.json()["title"]


@pytest.mark.parametrize("name", ["ch_0000000000005", "ch_", "nothing", "ch_%00", "whole2"])
async def test_an_unknown_address_is_404(site: World, name: str) -> None:
    assert (await site.browser().post(f"/hooks/{name}", content=b"{}")).status_code == 404


async def test_a_channel_that_is_not_open_now_is_503(site: World) -> None:
    site.lines.lines.clear()
    answer = await site.call(f"/hooks/{site.alpha.channel_id}", "line-alpha", body_of("line-alpha", "m1"))
    assert answer.status_code == 503


async def test_a_call_that_is_too_long_is_refused(site: World) -> None:
    path = f"/hooks/{site.alpha.channel_id}"
    assert (await site.call(path, "line-alpha", b" " * (MOST + 1))).status_code == 413
    assert await deliveries(site) == []


async def test_the_shared_address_finds_the_channel_by_what_the_call_names(world: World) -> None:
    body = body_of("line-beta", "m1")
    assert (await world.call("/hooks/whole", "line-beta", body)).status_code == 200
    (row,) = await deliveries(world)
    assert row.channel_id == world.beta.channel
    assert row.workspace_id == world.beta.workspace


async def test_the_shared_address_checks_with_the_key_of_the_channel_it_found(site: World) -> None:
    """Alpha's key does not open beta's door."""
    body = body_of("line-beta", "m1")
    answer = await site.call("/hooks/whole", "line-alpha", body)
    assert answer.status_code == 403
    assert await deliveries(site) == []


async def test_news_of_a_channel_that_is_not_here_is_kept_for_the_agency(world: World) -> None:
    body = body_of("line-gone", "m1")
    answer = await world.call("/hooks/whole", "line-alpha", body)
    assert answer.status_code == 200
    (row,) = await deliveries(world)
    assert (row.channel_id, row.workspace_id, row.state, row.reason) == (None, None, "failed", STRAY)
    path = f"/api/v1/deliveries/{show('d', row.id)}"
    staff, other = [await world.api(client.people["owner"]) for client in (world.alpha, world.beta)]
    listed = (await staff.get("/api/v1/deliveries")).json()["items"]
    assert [item["id"] for item in listed] == [show("d", row.id)]
    assert (await staff.get(path)).status_code == 200
    assert (await other.get(path)).status_code == 404
    assert (await other.get("/api/v1/deliveries")).status_code == 403


async def test_news_of_a_channel_is_delivered_once_the_channel_is_here(world: World) -> None:
    body = body_of("line-new", "m1")
    await world.call("/hooks/whole", "line-alpha", body)
    (row,) = await deliveries(world)
    staff = await world.api(world.alpha.people["owner"])
    path = f"/api/v1/deliveries/{show('d', row.id)}/replay"
    early = await staff.post(path)
    assert (early.status_code, early.json()["code"]) == (409, "channel_not_open")
    world.lines.swap(world.alpha.channel, TodaysChannel, line="line-new")
    assert (await staff.post(path)).json()["state"] == "stored"
    query = {"channel": world.alpha.channel_id, "external_id": "m1"}
    assert len((await staff.get("/api/v1/messages", params=query)).json()["items"]) == 1


async def test_what_nobody_can_read_at_the_shared_address_is_kept_too(site: World) -> None:
    assert (await site.call("/hooks/whole", "line-alpha", b"{")).status_code == 200
    assert [row.body for row in await deliveries(site)] == [b"{"]


async def test_two_channels_named_by_one_call_both_get_it(site: World) -> None:
    class Party(WholeKind):
        def keys(self, config: Any) -> frozenset[str]:
            return super().keys(config) | {"everybody"}

    for number, line in list(site.lines.lines.items()):
        site.lines.lines[number] = msgspec.structs.replace(line, kind=Party(TodaysChannel))
    body = body_of("everybody", "m1")
    site.lines.swap(site.beta.channel, TodaysChannel, app_secret=secret_of("line-alpha"))  # one app
    answer = await site.browser().post(
        "/hooks/whole", content=body, headers={"x-sum": signature("line-alpha", body)}
    )
    assert answer.status_code == 200
    assert {row.channel_id for row in await deliveries(site)} == {site.alpha.channel, site.beta.channel}


class Handshake(TodaysChannel):
    def webhook(self, request: c.HookRequest) -> c.Hooked:
        if request.method == "GET":
            good = request.query.get("token") == self.config["app_secret"]
            if not good:
                return c.Hooked(accepted=False, stored=False, status=403)
            return c.Hooked(stored=False, body=request.query["challenge"].encode())
        return super().webhook(request)


async def test_a_handshake_is_answered_and_not_kept(site: World) -> None:
    kind = WholeKind(Handshake)
    site.lines.lines.clear()
    site.parts.host._kinds["whole"] = kind  # type: ignore[index]  # the host's kinds, for this test
    await connect(site, site.alpha, "line-hands", kind)
    for path in (f"/hooks/{site.alpha.channel_id}", "/hooks/whole"):
        query = {"token": secret_of("line-hands"), "challenge": "1158201444"}
        answer = await site.browser().get(path, params=query)
        assert (answer.status_code, answer.text) == (200, "1158201444")
        assert (
            await site.browser().get(path, params={"token": "guess", "challenge": "1"})
        ).status_code == 403
    assert await deliveries(site) == []


async def test_a_failed_call_is_read_again_when_the_channel_knows_more(world: World) -> None:
    body = b'{"to": "line-alpha", "messages": [{"id": "m1", "from": "ada", "text": "late"}]}'

    class Old(TodaysChannel):
        def read(self, whole: dict[str, Any]) -> tuple[c.AnyEvent, ...]:
            raise ValueError("what is this?")

    world.lines.swap(world.alpha.channel, Old)
    await world.call(f"/hooks/{world.alpha.channel_id}", "line-alpha", body)
    api = await world.api(world.alpha.people["operator"])
    query = {"channel": world.alpha.channel_id, "state": "failed"}
    (failed,) = (await api.get("/api/v1/deliveries", params=query)).json()["items"]
    assert failed["reason"] == "ValueError: what is this?"
    world.lines.swap(world.alpha.channel, TodaysChannel)
    for _ in range(2):  # the second time does nothing
        again = (await api.post(f"/api/v1/deliveries/{failed['id']}/replay")).json()
        assert (again["state"], again["reason"]) == ("stored", "")
    assert await summary(world) == {"received": 1, "stored": 1, "failed": 0, "unrecognised": 0}
    found = await api.get("/api/v1/messages", params={"channel": world.alpha.channel_id, "external_id": "m1"})
    assert len(found.json()["items"]) == 1


async def test_a_raw_call_is_shown_without_what_would_let_one_send_it_again(site: World) -> None:
    body = body_of("line-alpha", "m1")
    headers = {
        "x-sum": signature("line-alpha", body),
        "x-hub-signature-256": "sha256=1",
        "authorization": "Bearer provider",
        "x-odd": f"key {secret_of('line-alpha')}",
    }
    await site.browser().post(f"/hooks/{site.alpha.channel_id}", content=body, headers=headers)
    (row,) = await deliveries(site)
    assert "provider" not in row.headers
    api = await site.api(site.alpha.people["operator"])
    raw = (await api.get(f"/api/v1/deliveries/{show('d', row.id)}")).json()
    assert raw["body"] == body.decode()
    assert {"x-hub-signature-256", "authorization"}.isdisjoint(raw["headers"])
    assert raw["headers"]["x-odd"] == "key [secret]"


async def test_calls_are_listed_in_pages_newest_first(site: World) -> None:
    for number in range(5):
        body = body_of("line-alpha", f"m{number}")
        await site.call(f"/hooks/{site.alpha.channel_id}", "line-alpha", body)
    api = await site.api(site.alpha.people["operator"])
    seen: list[str] = []
    query = {"channel": site.alpha.channel_id, "limit": "2"}
    for expected in (2, 2, 1):
        answer = (await api.get("/api/v1/deliveries", params=query)).json()
        assert len(answer["items"]) == expected
        seen += [item["id"] for item in answer["items"]]
        query["after"] = answer["next"] or ""
    assert query["after"] == ""
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == 5
