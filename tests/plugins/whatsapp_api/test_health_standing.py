"""How a number stands: told once when it changes, kept over restarts, and what the pace follows from it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jackfield.channel import LimitChange, NotSupported, Rejected, State
from jackfield.testing import FakePort
from jackfield_whatsapp_api import coexistence, standing
from jackfield_whatsapp_api.client import GraphClient
from jackfield_whatsapp_api.config import Config
from jackfield_whatsapp_api.convert_in import Account, convert
from jackfield_whatsapp_api.health import Health
from jackfield_whatsapp_api.ids import Scope
from jackfield_whatsapp_api.numbers import read_number
from jackfield_whatsapp_api.simulator import Callback, Number, Settings, Simulator
from jackfield_whatsapp_api.simulator.enrolment import Enrolment
from jackfield_whatsapp_api.tiers import people

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
PATIENCE = 5.0  # seconds


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    async with Simulator.start(Settings(speed=50)) as found:
        yield found


@pytest.fixture
def shop(sim: Simulator) -> Number:
    return sim.add_number("+1 555 010 0001", "Corner Shop")


@pytest.fixture
def port() -> FakePort:
    return FakePort()


@pytest.fixture
def client(sim: Simulator, shop: Number, port: FakePort) -> GraphClient:
    config = Config(
        access_token=sim.token_of(shop),
        app_secret="s",  # not used here
        verify_token="v",  # not used here
        phone_number_id=shop.id,
        waba_id=shop.account,
        business_id="77",
        api_base=sim.url,
    )
    return GraphClient(config, port)


@pytest.fixture
def health(client: GraphClient, port: FakePort) -> Health:
    return Health(client, port, usually=0.01, in_trouble=0.01)


@asynccontextmanager
async def watching(health: Health) -> AsyncGenerator[None]:
    task = asyncio.create_task(health.watch())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110  # neither the port nor the simulator has an event
            await asyncio.sleep(0.005)


def told(port: FakePort) -> list[tuple[str, str, str]]:
    events = [event for event in port.events if isinstance(event, LimitChange)]
    return [(event.about, event.value, event.severity) for event in events]


async def looks(sim: Simulator, count: int) -> None:
    seen = len(sim.requests)
    await until(lambda: len(sim.requests) >= seen + count)


async def test_the_standing_is_told_once_and_again_only_when_it_changes(
    sim: Simulator, shop: Number, health: Health, port: FakePort
) -> None:
    async with watching(health):
        await looks(sim, 3)
        assert told(port) == [
            ("quality", "green", "info"),
            ("status", "connected", "info"),
            ("name", "approved", "info"),
            ("verification", "verified", "info"),
            ("throughput", "standard", "info"),
            ("platform", "cloud_api", "info"),
            ("messaging_limit", "2000", "info"),
            ("sending", "available", "info"),
        ]
        port.events.clear()
        shop.quality, shop.limit = "RED", "TIER_10K"
        shop.enrolment.status, shop.enrolment.name_status = "FLAGGED", "DECLINED"
        await looks(sim, 3)
    assert told(port) == [
        ("quality", "red", "critical"),
        ("status", "flagged", "warning"),
        ("name", "declined", "warning"),
        ("messaging_limit", "10000", "info"),
    ]


async def test_what_was_told_is_not_told_again_after_a_restart(
    sim: Simulator, health: Health, client: GraphClient, port: FakePort
) -> None:
    async with watching(health):
        await looks(sim, 2)
    assert port.events
    port.events.clear()
    again = Health(client, port, usually=0.01)
    async with watching(again):
        await looks(sim, 2)
    assert port.events == []


async def test_the_pace_follows_an_upgrade_and_names_the_pool(
    sim: Simulator, shop: Number, health: Health
) -> None:
    assert (health.pace().per_second, health.pace().pool) == (80, "77")
    async with watching(health):
        await until(lambda: health.pace().new_people_per_day == 2000)
        shop.throughput, shop.limit = "HIGH", "TIER_UNLIMITED"
        await until(lambda: health.pace().per_second == 1000)
        assert health.pace().new_people_per_day is None
        shop.enrolment.on_phone = True
        await until(lambda: health.pace().per_second == 20)


ELSEWHERE = "https://elsewhere.example.org/x"


@pytest.mark.parametrize(
    ("callback", "heard", "value"),
    [
        ("https://jackfield.example.org/hooks/whatsapp_api", None, "silent"),
        ("https://jackfield.example.org/hooks/ch_test", timedelta(days=3), "heard"),
        (ELSEWHERE, None, "elsewhere"),
        ("https://elsewhere.example.org/hooks/ch_1", None, "elsewhere"),
        (ELSEWHERE, timedelta(days=3), "elsewhere"),
        (ELSEWHERE, timedelta(hours=1), "heard"),
    ],
)
async def test_whether_the_provider_calls_us_is_told(
    sim: Simulator, client: GraphClient, callback: str, heard: timedelta | None, value: str
) -> None:
    port, (shop,) = FakePort(), sim.numbers.values()
    shop.callback = Callback(url=callback)
    if heard is not None:
        port.kv[coexistence.CALLED] = coexistence.stamp(datetime.now(UTC) - heard)
    async with watching(Health(client, port)):
        await until(lambda: standing.STANDING in port.kv)
    assert [said for about, said, _ in told(port) if about == "webhook"] == [value]
    assert not [one for one in sim.requests if one.method == "POST"], (
        "a foreign address is not ours to change"
    )


async def test_the_address_of_a_login_that_found_its_channel_there_is_put_right(
    sim: Simulator, shop: Number, health: Health, port: FakePort, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def verified(*_: Any) -> bool:
        return True

    monkeypatch.setattr(sim.world.courier, "verify", verified)
    shop.callback = Callback(url="https://jackfield.example.org/hooks/ch_other")
    async with watching(health):
        await until(lambda: shop.callback is not None and shop.callback.url == port.hook)


async def test_the_past_wished_for_is_asked_once_and_its_progress_is_the_state(
    sim: Simulator, shop: Number, client: GraphClient, port: FakePort
) -> None:
    shop.enrolment = Enrolment(on_phone=True)
    port.kv[coexistence.PAST] = coexistence.WANTED
    async with watching(Health(client, port, usually=0.01)):
        await until(lambda: (State.BACKFILLING, "0", "0 %") in port.states)
        port.kv[coexistence.PAST] = b"55"
    assert shop.enrolment.synced == {"smb_app_state_sync", "history"}
    again = Health(client, port, usually=0.01)
    async with watching(again):
        await until(lambda: (State.BACKFILLING, "55", "55 %") in port.states)
    port.kv[coexistence.PAST] = coexistence.DONE
    port.states.clear()
    async with watching(again):
        await until(lambda: bool(port.states))
    assert port.states == [(State.CONNECTED, "", "")]
    assert len([one for one in sim.requests if one.path.endswith("smb_app_data")]) == 2


@pytest.mark.parametrize(
    ("enrolment", "words"),
    [
        (Enrolment(on_phone=True, synced={"history", "smb_app_state_sync"}), "sync_done"),
        (Enrolment(on_phone=True, joined=datetime.now(UTC) - timedelta(hours=25)), "sync_too_late"),
    ],
)
async def test_why_the_past_cannot_be_had_is_in_words(
    shop: Number, health: Health, enrolment: Enrolment, words: str
) -> None:
    shop.enrolment = enrolment
    with pytest.raises(Rejected) as raised:
        await health.bring_past()
    assert raised.value.words == f"whatsapp_api.error.{words}"


async def test_a_number_on_no_phone_has_no_past(sim: Simulator, health: Health) -> None:
    async with watching(health):
        await looks(sim, 2)
    with pytest.raises(NotSupported):
        await health.bring_past()


async def test_a_past_that_is_refused_is_told_and_not_asked_for_for_ever(
    sim: Simulator, shop: Number, health: Health, port: FakePort
) -> None:
    shop.enrolment = Enrolment(on_phone=True, synced={"history", "smb_app_state_sync"})
    port.kv[coexistence.PAST] = coexistence.WANTED
    async with watching(health):
        await until(lambda: port.kv[coexistence.PAST] == coexistence.DONE)
        await looks(sim, 2)
    assert ("history", "2593107", "warning") in told(port)
    assert len([one for one in sim.requests if one.path.endswith("smb_app_data")]) == 2


async def test_the_phone_tells_contacts_and_past_as_we_read_them(
    sim: Simulator, shop: Number, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.enrolment = Enrolment(on_phone=True)
    ann = sim.add_customer("+1 555 010 0199", "Ann")
    sim.remember(shop.id, ann.phone, "customer", "text", {"body": "Hello"}, at=NOW)
    sim.remember(shop.id, ann.phone, "business", "text", {"body": "Hi Ann"}, at=NOW)
    bodies: list[Any] = []

    def keep(_: Callback, body: Any) -> None:
        bodies.append(body)

    monkeypatch.setattr(sim.world.courier, "_queue", keep)
    sim.settings.callback = Callback(url="https://example.org")
    from jackfield_whatsapp_api.simulator import phone_past

    await phone_past.contacts(sim.world, shop)
    await phone_past.history(sim.world, shop)
    account = Account(phone_number_id=shop.id, waba_id=shop.account, scope=Scope("77"))
    events = [event for body in bodies for event in convert(body, account, NOW)]
    kinds = [type(event).__name__ for event in events]
    assert kinds == ["Profile", "HistoryChunk", "HistoryChunk", "HistoryChunk"]
    messages = [message for event in events for message in getattr(event, "messages", ())]
    assert [(message.sender.from_me, message.history) for message in messages] == [
        (False, True),
        (True, True),
    ]
    signs = coexistence.Signs()
    kept = [signs.of(json.loads(json.dumps(body)), shop.id, NOW).get(coexistence.PAST) for body in bodies]
    assert kept == [None, b"33", b"66", coexistence.DONE]


def body(field: str, **value: Any) -> dict[str, Any]:
    change = {"field": field, "value": {"metadata": {"phone_number_id": "1"}, **value}}
    return {"entry": [{"changes": [change]}]}


def test_signs_of_the_phone_are_kept_once_an_hour_and_only_those_of_this_number() -> None:
    signs, stamp = coexistence.Signs(), coexistence.stamp
    assert signs.of(body("messages"), "1", NOW) == {coexistence.CALLED: stamp(NOW)}
    assert signs.of(body("smb_message_echoes"), "1", NOW) == {coexistence.PHONE: stamp(NOW)}
    assert signs.of(body("smb_app_state_sync"), "1", NOW) == {}
    later = NOW + timedelta(hours=1)
    both = {coexistence.CALLED: stamp(later), coexistence.PHONE: stamp(later)}
    assert signs.of(body("smb_app_state_sync"), "1", later) == both
    assert coexistence.Signs().of(body("smb_message_echoes"), "2", NOW) == {coexistence.CALLED: stamp(NOW)}


def test_a_past_that_its_owner_keeps_is_over() -> None:
    declined = body("history", history=[{"errors": [{"code": 2593109}]}])
    assert coexistence.Signs().of(declined, "1", NOW)[coexistence.PAST] == coexistence.DONE


@pytest.mark.parametrize("payload", [None, [], {"entry": 5}, {"entry": [{"changes": [7]}]}, body("history")])
def test_signs_are_read_from_anything(payload: Any) -> None:
    assert coexistence.Signs().of(payload, "1", NOW) == {coexistence.CALLED: coexistence.stamp(NOW)}


@pytest.mark.parametrize(
    ("days", "before", "value"),
    [(11, "", None), (12, "", "silent"), (12, "silent", None), (0, "silent", "in_use"), (0, "in_use", None)],
)
def test_a_phone_that_is_not_opened_is_warned_of_once_and_cleared_once(
    days: int, before: str, value: str | None
) -> None:
    news = coexistence.silence(coexistence.stamp(NOW - timedelta(days=days)), before, NOW)
    assert (news.value if news else None) == value
    assert coexistence.silence(None, before, NOW) is None
    assert coexistence.silence(b"nonsense", before, NOW) is None


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ("TIER_250", "250"),
        ("tier_1k", "1000"),
        ("TIER_UNLIMITED", "unlimited"),
        ("-1", "unlimited"),
        ("", ""),
    ],
)
def test_a_limit_is_how_many_people_it_is(limit: str, said: str) -> None:
    assert people(limit) == said


@pytest.mark.parametrize("kept", [None, b"", b"{", b'{"told": 5}', b"[]"])
def test_what_cannot_be_read_any_more_is_learnt_anew(kept: bytes | None) -> None:
    assert standing.recall(kept) == standing.Seen()


def test_a_number_is_read_from_anything() -> None:
    odd: Any = {"throughput": 5, "webhook_configuration": [], "is_on_biz_app": "yes", "id": None}
    number = read_number(odd)
    assert (number.on_phone, number.registered, number.called) == (False, True, "")
