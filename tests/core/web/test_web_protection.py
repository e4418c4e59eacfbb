"""Protection over REST: the gauge, who may change its limits, pauses by hand, and what a token may not do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest
from msgspec import structs
from web_world import TodaysChannel, World

import jackfield.channel as c
from jackfield.app.abilities import abilities_of
from jackfield.app.backstage import Backstage
from jackfield.ids import show
from jackfield.store.rows import ChannelRow, PauseRow, StreamRow
from jackfield.store.tables import Audit
from jackfield.web.works import ChangeChannel

RULES = c.Protection(
    limits=c.Limits(warm_up_days=0, new_chats_per_day=1),
    ceilings=c.Ceilings(new_chats_per_day=5, per_minute=30),
    jitter=0,
    alarms={"restricted": "restricted", "temp_banned": "banned"},
)

ENDS = datetime(2050, 1, 1, tzinfo=UTC)


class Careful(TodaysChannel):
    """The same, on a network that shuts people out."""

    def protection(self) -> c.Protection:
        return RULES

    def capabilities(self, about: c.Facts) -> c.Capabilities:
        return structs.replace(super().capabilities(about), free_form_until=None, free_form_closed=False)


class ShutOut(Careful):
    """It was told how long its ban lasts."""

    def protection(self) -> c.Protection:
        return structs.replace(RULES, until=ENDS)


@pytest.fixture
def careful(world: World) -> World:
    world.lines.swap(world.alpha.channel, Careful)
    return world


def at(world: World, rest: str = "") -> str:
    return f"/api/v1/channels/{world.alpha.channel_id}/protection{rest}"


async def admin(world: World) -> httpx.AsyncClient:
    return await world.signed_in("admin@alpha.example")


async def operator(world: World) -> httpx.AsyncClient:
    return await world.signed_in("operator@alpha.example")


async def gauge(world: World, api: httpx.AsyncClient) -> Any:
    answer = await api.get(at(world))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def last_event(world: World) -> Any:
    (row,) = await world.store.rows(
        StreamRow, "WHERE workspace_id = $1 ORDER BY seq DESC LIMIT 1", world.alpha.workspace
    )
    return msgspec.json.decode(row.data)


async def test_the_gauge_shows_limits_ceilings_and_what_is_used(careful: World) -> None:
    api = await operator(careful)
    assert "protection" in abilities_of(careful.lines.lines[careful.alpha.channel].channel)
    assert await gauge(careful, api) == {
        "limits": msgspec.to_builtins(RULES.limits),
        "ceilings": {"new_chats_per_day": 5, "per_minute": 30},
        "used": {"minute": 0, "hour": 0, "new_chats": 0, "warm_up_left_days": 0},
        "paused": None,
        "level": "calm",
        "reasons": [],
    }
    body = {"channel": careful.alpha.channel_id, "phone": "+79990000001"}
    assert (await api.post("/api/v1/conversations", json=body)).status_code == 200
    shown = await gauge(careful, api)
    assert (shown["used"]["new_chats"], shown["level"], shown["reasons"]) == (1, "full", ["new_chats_full"])
    refused = await api.post("/api/v1/conversations", json=body | {"phone": "+79990000002"})
    assert (refused.status_code, refused.json()["code"]) == (409, "new_chats_full")


async def test_limits_are_changed_by_an_admin_and_never_above_a_ceiling(careful: World) -> None:
    assert (await (await operator(careful)).patch(at(careful), json={"per_minute": 9})).status_code == 403
    api = await admin(careful)
    changed = await api.patch(
        at(careful), json={"per_minute": 9, "quiet_from": "22:00", "quiet_until": "08:00"}
    )
    assert changed.json()["limits"]["per_minute"] == 9
    assert (await gauge(careful, api))["limits"]["quiet_from"] == "22:00"
    for body, code in (
        ({"per_minute": 31}, "above_ceiling"),
        ({"quiet_until": ""}, "quiet_hours"),
        ({"timezone": "Nowhere"}, "timezone"),
        ({"quiet_from": "25:00"}, "invalid"),
        ({"per_minute": 0}, "invalid"),
        ({"per_second": 1}, "invalid"),
    ):
        answer = await api.patch(at(careful), json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, code), body
        assert answer.json()["data"]["fields"]
    assert (await gauge(careful, api))["limits"]["per_minute"] == 9
    assert [row.what for row in await Audit.all().order_by("id")][-1] == "protection.changed"


async def test_a_pause_by_hand_is_told_live_and_written_down(careful: World) -> None:
    assert (await (await operator(careful)).post(at(careful, "/pause"))).status_code == 403
    api = await admin(careful)
    paused = (await api.post(at(careful, "/pause"))).json()
    assert (paused["level"], paused["reasons"]) == ("paused", ["paused_by_hand"])
    assert (paused["paused"]["reason"], paused["paused"]["until"]) == ("by_hand", None)
    event = await last_event(careful)
    assert (event["e"], event["channel"]["paused"]) == ("channel.state", "by_hand")
    assert (await api.post(at(careful, "/pause"))).json()["paused"] == paused["paused"]
    resumed = (await api.post(at(careful, "/resume"))).json()
    assert (resumed["paused"], resumed["level"]) == (None, "calm")
    assert "paused" not in (await last_event(careful))["channel"]
    (row,) = await careful.store.rows(PauseRow, "")
    assert (row.by_id, row.resumed_by) == (careful.alpha.people["admin"],) * 2
    whats = [audit.what for audit in await Audit.all().order_by("id")]
    assert whats[-3:] == ["protection.paused", "protection.paused", "protection.resumed"]


async def test_what_comes_with_a_token_is_automatic(careful: World) -> None:
    conversation = await careful.conversation(careful.alpha)
    person, program = await admin(careful), await careful.api(careful.alpha.people["admin"])
    path = f"/api/v1/conversations/{conversation}"
    await person.post(at(careful, "/pause"))
    body = {"parts": [{"type": "text", "body": "Hi"}]}
    refused = await program.post(f"{path}/messages", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "paused")
    assert (await program.get(f"{path}/can_send")).json()["reason"] == "paused"
    assert (await person.get(f"{path}/can_send")).json()["ok"]
    assert (await person.post(f"{path}/messages", json=body)).status_code == 200
    start = {"channel": careful.alpha.channel_id, "phone": "+79990000001"}
    refused = await program.post("/api/v1/conversations", json=start)
    assert refused.json()["code"] == "start_by_hand"


async def test_a_channel_without_protection_says_so(world: World) -> None:
    api = await admin(world)
    for answer in (
        await api.get(at(world)),
        await api.patch(at(world), json={"per_minute": 9}),
        await api.post(at(world, "/pause")),
        await api.post(at(world, "/resume")),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "no_ability")


async def test_a_state_that_means_a_ban_pauses_the_channel(
    careful: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Backstage(careful.store)
    stage.channels = careful.lines.channel
    name = c.ChannelId(show("ch", careful.alpha.channel))
    careful.lines.swap(careful.alpha.channel, ShutOut)
    await stage.set_state(name, c.State.CONNECTED, "", "")
    assert (await gauge(careful, await operator(careful)))["paused"] is None
    await stage.set_state(name, c.State.SUSPENDED, "temp_banned", "for an hour")
    shown = (await gauge(careful, await operator(careful)))["paused"]
    assert (shown["reason"], shown["until"]) == ("banned", int(ENDS.timestamp() * 1000))
    # Switched off and on again, it is still so: a person has to look.
    for enabled in (False, True):
        work = ChangeChannel(
            workspace=careful.alpha.workspace, channel=careful.alpha.channel, name=None, enabled=enabled
        )
        await careful.store.writer.do(work)
    (row,) = await careful.store.rows(ChannelRow, "WHERE id = $1", careful.alpha.channel)
    assert row.paused == "banned"
