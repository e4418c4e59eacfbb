"""The calls that manage an account: counted, refused before the provider does, and shared by its channels."""

from __future__ import annotations

import json

import pytest
from waba_cloud import PHONE_ID, WABA_ID, Cloud, cloud, refuses, says

from jackfield.channel import RateLimited
from jackfield.testing import FakePort
from jackfield_whatsapp_api.budget import ACTIVE, HOUR, IDLE, Budget, budget_of
from jackfield_whatsapp_api.client import GraphClient
from jackfield_whatsapp_api.config import Config


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_an_hour_holds_so_many_calls_and_each_comes_back_after_an_hour() -> None:
    clock = Clock()
    budget = Budget(clock)
    for _ in range(IDLE):
        budget.spend()
        clock.now += 1
    with pytest.raises(RateLimited) as raised:
        budget.spend()
    assert raised.value.after == HOUR - IDLE
    clock.now += raised.value.after
    budget.spend()
    with pytest.raises(RateLimited):
        budget.spend()


def test_what_runs_by_itself_leaves_half_to_people() -> None:
    budget = Budget(Clock())
    for _ in range(IDLE // 2):
        assert budget.plenty()
        budget.spend()
    assert not budget.plenty()
    budget.spend()
    budget.registered(yes=True)
    assert budget.allowed == ACTIVE
    assert budget.plenty()


@pytest.mark.parametrize(
    ("usage", "plenty"),
    [
        ({"1": [{"call_count": 20, "total_time": 49}]}, True),
        ({"1": [{"call_count": 20, "total_time": 50}]}, False),
        ({"1": "odd"}, True),
        (None, True),
        ([], True),
    ],
)
def test_what_the_provider_counts_counts(usage: object, *, plenty: bool) -> None:
    budget = Budget(Clock())
    budget.heed(usage)
    assert budget.plenty() is plenty


def test_a_closed_account_opens_when_the_provider_said() -> None:
    clock = Clock()
    budget = Budget(clock)
    budget.heed({"1": [{"call_count": 100, "estimated_time_to_regain_access": 3}]})
    with pytest.raises(RateLimited) as raised:
        budget.spend()
    assert raised.value.after == 180
    clock.now += 180
    budget.spend()


def test_channels_of_one_account_share_a_budget() -> None:
    one = budget_of("https://graph.facebook.com", "1")
    assert budget_of("https://graph.facebook.com", "1") is one
    assert budget_of("https://graph.facebook.com", "2") is not one


async def test_a_refusal_stops_managing_and_not_messages() -> None:
    async with cloud() as api:
        client = GraphClient(Config.read(api.config), FakePort())
        api.instead(
            "subscribed_apps", says(b'{"error": {"code": 80007}}', status=400, headers={"Retry-After": "17"})
        )
        with pytest.raises(RateLimited):
            await client.subscribe()
        with pytest.raises(RateLimited) as raised:
            await client.subscribe()
        assert 0 < raised.value.after <= 17
        assert len(api.seen) == 1, "the second one was not even tried"
        assert await client.send({"type": "text"}) == "wamid.sent1"
        await client.number(("id",))
        assert [seen.path.rsplit("/", 1)[-1] for seen in api.seen[1:]] == ["messages", PHONE_ID]


async def test_usage_in_an_answer_is_heeded() -> None:
    async with cloud() as api:
        client = GraphClient(Config.read(api.config), FakePort())
        usage = {"X-Business-Use-Case-Usage": json.dumps({WABA_ID: [{"call_count": 97}]})}
        api.instead("subscribed_apps", says(b'{"success": true}', headers=usage))
        await client.subscribe()
        assert not client.budget.plenty()


async def test_a_refused_message_says_nothing_of_the_budget() -> None:
    async with cloud() as api:
        client = GraphClient(Config.read(api.config), FakePort())
        api.instead("messages", refuses(400, 130429))
        with pytest.raises(RateLimited):
            await client.send({"type": "text"})
        await client.subscribe()


def test_the_stand_ins_have_budgets_of_their_own() -> None:
    one = GraphClient(Config.read(Cloud(url="http://127.0.0.1:1").config), FakePort())
    two = GraphClient(Config.read(Cloud(url="http://127.0.0.1:2").config), FakePort())
    assert one.budget is not two.budget
