"""Scripted faults: data with counts, chances and targets; scenarios of them; and the record of what came."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from jackfield_whatsapp_api.errors import CODES
from jackfield_whatsapp_api.simulator import (
    Callback,
    Customer,
    ExpiredUrl,
    FailLater,
    Gather,
    Late,
    Number,
    Refuse,
    RefuseCall,
    Settings,
    Simulator,
    scenarios,
)
from jackfield_whatsapp_api.simulator.ledger import most_within

Json = dict[str, Any]


async def say(api: aiohttp.ClientSession, shop: Number, user: Customer, body: str = "Hi") -> Json:
    """What the provider answers to a text, with the HTTP status beside it."""
    text = {"messaging_product": "whatsapp", "to": user.phone, "type": "text", "text": {"body": body}}
    async with api.post(f"{shop.id}/messages", json=text) as answer:
        found: Json = await answer.json()
        return {**found, "status": answer.status, "headers": dict(answer.headers)}


async def control(sim: Simulator, path: str, body: Json | None = None) -> Json:
    async with aiohttp.ClientSession() as client:
        asked = client.get(f"{sim.url}/control/{path}") if body is None else None
        async with asked or client.post(f"{sim.url}/control/{path}", json=body) as answer:
            assert answer.status == 200, await answer.text()
            found: Json = await answer.json()
            return found


async def test_any_known_code_can_be_had_as_an_answer_and_as_a_status(
    sim: Simulator, shop: Number, ann: Customer, inbox: list[Json], api: aiohttp.ClientSession
) -> None:
    sim.settings.pair_burst = 1000
    sim.user_says(shop.id, ann.phone, "Hello")
    for code in sorted(CODES):
        sim.script(Refuse(code=code, details="so it is"))
        refused = await say(api, shop, ann)
        assert (refused["error"]["code"], refused["error"]["error_data"]["details"]) == (code, "so it is")
        sim.script(FailLater(code=code))
        assert (await say(api, shop, ann))["status"] == 200
    await sim.settled()
    statuses = [one["entry"][0]["changes"][0]["value"]["statuses"][0] for one in inbox[1:]]
    assert {one["status"] for one in statuses} == {"failed"}
    assert [one["errors"][0]["code"] for one in statuses] == sorted(CODES)


async def test_a_fault_is_meant_for_one_number_and_one_customer(
    sim: Simulator, shop: Number, ann: Customer, api: aiohttp.ClientSession
) -> None:
    bob = sim.add_customer("+1 555 010 0200", "Bob")
    for who in (ann, bob):
        sim.user_says(shop.id, who.phone, "Hello")
    sim.script(Refuse(code=131056, user=bob.phone, number=shop.id), Refuse(code=368, number="another"))
    assert [(await say(api, shop, who))["status"] for who in (ann, bob, bob)] == [200, 400, 200]


async def test_chance_is_the_same_for_the_same_seed_and_calm_ends_it(
    sim: Simulator, shop: Number, ann: Customer, api: aiohttp.ClientSession
) -> None:
    sim.settings.pair_burst = 1000
    sim.user_says(shop.id, ann.phone, "Hello")
    rounds: list[list[int]] = []
    for seed in (7, 7, 8):
        wish = {"faults": [{"type": "refuse", "code": 130429, "times": 0, "chance": 0.5}], "seed": seed}
        assert len((await control(sim, "scenario", wish))["faults"]) == 1
        rounds.append([(await say(api, shop, ann))["status"] for _ in range(20)])
    assert rounds[0] == rounds[1] != rounds[2]
    assert 3 < rounds[0].count(429) < 17
    assert (await control(sim, "calm", {}))["faults"] == []
    assert [(await say(api, shop, ann))["status"] for _ in range(5)] == [200] * 5


async def test_a_fault_can_be_over_after_a_while(
    sim: Simulator, shop: Number, ann: Customer, api: aiohttp.ClientSession
) -> None:
    sim.user_says(shop.id, ann.phone, "Hello")
    sim.script(Refuse(code=130429, times=0, lasts=60))
    assert [(await say(api, shop, ann))["status"] for _ in range(2)] == [429, 429]
    sim.forward(timedelta(seconds=60))
    assert (await say(api, shop, ann))["status"] == 200
    assert (await control(sim, "script"))["faults"] == []


@pytest.mark.parametrize("name", scenarios.names())
async def test_every_ready_scenario_can_be_played(sim: Simulator, name: str) -> None:
    shown = await control(sim, "scenario", {"name": name})
    assert shown["faults"] == json.loads(scenarios.FILE.read_text())[name] or len(shown["faults"]) > 0
    assert name in (await control(sim, "script"))["scenarios"]
    with pytest.raises(ValueError, match="no such scenario"):
        scenarios.ready("sunshine")


async def test_any_other_call_can_be_refused(
    sim: Simulator, shop: Number, api: aiohttp.ClientSession
) -> None:
    sim.script(
        RefuseCall(edge="message_templates", code=80007, method="GET", retry_after=60),
        RefuseCall(edge="", code=190, id=shop.id, subcode=463),
    )
    async with api.get(f"{shop.account}/phone_numbers") as answer:
        assert answer.status == 200
    async with api.get(f"{shop.account}/message_templates") as answer:
        assert (await answer.json())["error"]["code"] == 80007
        assert answer.headers["Retry-After"] == "60"
    async with api.get(f"{shop.account}") as answer:
        assert answer.status == 200
    async with api.get(f"{shop.id}") as answer:
        error = (await answer.json())["error"]
        assert (answer.status, error["code"], error["error_subcode"]) == (401, 190, 463)
    async with api.get(f"{shop.id}") as answer:
        assert answer.status == 200


async def test_statuses_come_late(
    sim: Simulator, shop: Number, ann: Customer, inbox: list[Json], api: aiohttp.ClientSession
) -> None:
    sim.user_says(shop.id, ann.phone, "Hello")
    sim.script(Late(seconds=20))
    late = (await say(api, shop, ann, "first"))["messages"][0]["id"]
    prompt = (await say(api, shop, ann, "second"))["messages"][0]["id"]
    await sim.settled()
    told = [
        (item["id"], item["status"])
        for one in inbox
        for item in one["entry"][0]["changes"][0]["value"].get("statuses", [])
    ]
    assert told == [(prompt, "sent"), (prompt, "delivered"), (late, "sent"), (late, "delivered")]


async def test_what_is_gathered_leaves_after_a_while_though_it_is_not_complete(
    sim: Simulator, shop: Number, ann: Customer, inbox: list[Json]
) -> None:
    sim.script(Gather(size=10, shape="items", within=5))
    for word in ("one", "two"):
        sim.user_says(shop.id, ann.phone, word)
    await sim.settled()
    (body,) = inbox
    assert len(body["entry"][0]["changes"][0]["value"]["messages"]) == 2


async def test_a_webhook_is_tried_again_for_seven_days_by_a_clock_that_can_be_moved(
    hook: str, answers: list[int], inbox: list[Json]
) -> None:
    callback = Callback(url=hook, verify_token="knock")
    async with Simulator.start(Settings(callback=callback, retry_first=60)) as sim:
        shop = sim.add_number("+1 555 010 0001", "Corner Shop")
        ann = sim.add_customer("+1 555 010 0199", "Ann")

        async def tries(count: int) -> list[int]:
            async with asyncio.timeout(10):
                while len(sim.deliveries) < count:  # noqa: ASYNC110  # the simulator has no event for it
                    await asyncio.sleep(0.01)
            return [one.status for one in sim.deliveries]

        answers[:] = [500, 503]
        sim.user_says(shop.id, ann.phone, "Hello")
        assert await tries(1) == [500]
        sim.forward(timedelta(seconds=61))
        assert await tries(2) == [500, 503]
        sim.forward(timedelta(seconds=121))
        assert await tries(3) == [500, 503, 200]
        await sim.settled()
        assert len(inbox) == 1
        answers[:] = [500] * 1000
        sim.user_says(shop.id, ann.phone, "Still there?")
        for _ in range(200):
            sim.forward(timedelta(hours=1, seconds=1))
            await asyncio.sleep(0.005)
            if not sim.world.crew.busy:
                break
        await sim.settled()
        tried = [one for one in sim.deliveries if one.number > 1][2:]
        assert timedelta(days=6) < tried[-1].at - tried[0].at < timedelta(days=9)
        assert len(inbox) == 1, "after seven days it is given up"


async def test_a_media_address_can_have_run_out_at_once(
    sim: Simulator, shop: Number, api: aiohttp.ClientSession
) -> None:
    media = sim.user_has(shop.id, b"bytes", "image/png", "a.png")
    sim.script(ExpiredUrl())
    found: list[int] = []
    for _ in range(2):
        async with api.get(media.id) as answer:
            url = (await answer.json())["url"]
        async with api.get(url) as answer:
            found.append(answer.status)
    assert found == [404, 200]


async def test_the_record_knows_rates_refusals_and_who_broke_a_limit(
    sim: Simulator, shop: Number, ann: Customer, api: aiohttp.ClientSession
) -> None:
    sim.settings.number_per_second = 3
    sim.user_says(shop.id, ann.phone, "Hello")
    sim.script(Refuse(code=131056, user=ann.phone))
    statuses = [(await say(api, shop, ann))["status"] for _ in range(6)]
    assert statuses == [400, 200, 200, 200, 429, 429]
    record = await control(sim, "record")
    (tally,) = record["numbers"]
    assert (tally["asked"], tally["taken"], tally["over"]) == (6, 3, 2)
    assert tally["refused"] == {"131056": 1, "130429": 2}
    assert (tally["per_second"], tally["per_pair"]) == (3, 3)
    assert [one["code"] for one in record["over"]] == [130429, 130429]
    await control(sim, "record/clear", {})
    assert sim.ledger.entries == []


async def test_the_pair_limit_is_a_bucket_of_45_and_one_in_six_seconds(
    sim: Simulator, shop: Number, ann: Customer, api: aiohttp.ClientSession
) -> None:
    bob = sim.add_customer("+1 555 010 0200", "Bob")
    for who in (ann, bob):
        sim.user_says(shop.id, who.phone, "Hello")
    statuses = [(await say(api, shop, ann))["status"] for _ in range(46)]
    assert statuses == [200] * 45 + [400]
    assert (await say(api, shop, bob))["status"] == 200, "another pair has a bucket of its own"
    sim.forward(timedelta(seconds=6))
    assert [(await say(api, shop, ann))["status"] for _ in range(2)] == [200, 400]
    assert {one.user for one in sim.ledger.over} == {ann.phone}


async def test_nothing_is_sent_while_a_number_is_upgraded_and_then_a_thousand_a_second(
    sim: Simulator, shop: Number, ann: Customer, inbox: list[Json], api: aiohttp.ClientSession
) -> None:
    sim.user_says(shop.id, ann.phone, "Hello")
    await control(sim, "upgrade", {"number": shop.id})
    assert (await say(api, shop, ann))["error"]["code"] == 131057
    await sim.settled()
    assert inbox[-1]["entry"][0]["changes"][0]["value"]["event"] == "THROUGHPUT_UPGRADE"
    assert (await say(api, shop, ann))["status"] == 200
    async with api.get(shop.id) as answer:
        assert (await answer.json())["throughput"] == {"level": "HIGH"}
    assert sim.world.limits.rate(shop) == 1000


def test_the_most_within_a_stretch_is_counted_over_every_stretch() -> None:
    assert most_within([], 1) == 0
    assert most_within([0, 0.4, 0.9, 1.0, 1.3, 5], 1) == 4
    assert most_within([0, 1, 2], 1) == 1, "a second ends where the next one begins"
    assert most_within([3, 1, 2], 6) == 3
