"""A session: commands, windows, presence, rights, and every way it ends."""

from __future__ import annotations

import asyncio
import json
import socket as sockets
from contextlib import AsyncExitStack, suppress
from typing import Any

import msgspec
import pytest
from realtime_world import Client, Desk, Process
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from jackfield.errors import Unavailable
from jackfield.ids import show
from jackfield.web.realtime import endpoint, pace, session


async def rights(desk: Desk, who: str) -> None:
    operator = desk.actors[who].operator
    await desk.world.bus.publish(f"operator.{operator}", msgspec.json.encode({"operator": operator}))


# -- commands ------------------------------------------------------------------------------------


async def test_a_command_is_answered_and_its_effect_comes_by_the_stream(desk: Desk, server: Process) -> None:
    async with server.client("admin") as client:
        await client.begin()
        await client.say(
            t="cmd", cid="1", d={"op": "label.save", "ws": desk.ws, "name": "Gold", "color": "#ff0000"}
        )
        answer = await client.until("ok", "err")
        assert (answer["t"], answer["cid"]) == ("ok", "1"), answer
        await client.reach(desk.ws, answer["d"]["seq"])


async def test_the_same_cid_does_nothing_twice(desk: Desk, server: Process) -> None:
    async with server.client("admin") as client:
        await client.begin()
        command = {"op": "label.save", "ws": desk.ws, "name": "Gold", "color": "#ff0000"}
        await client.say(t="cmd", cid="1", d=command)
        first = await client.until("ok")
        before = await desk.seq()
        await client.say(t="cmd", cid="1", d=command)
        assert await client.until("ok") == first
        assert await desk.seq() == before


async def test_what_is_not_allowed_is_said_in_the_language_of_hello(desk: Desk, server: Process) -> None:
    async with server.client("viewer") as client:
        await client.say(t="hello", v=1, locale="ru")
        await client.until("ready")
        conv = desk.world.here.conv
        await client.say(t="cmd", cid="7", d={"op": "conv.close", "conv": conv})
        error = await client.until("ok", "err")
        assert (error["cid"], error["code"], error["text"]) == ("7", "forbidden", "ru:problem.forbidden")
        assert not error.get("retry")


async def test_a_conversation_of_another_client_is_not_there(desk: Desk, server: Process) -> None:
    async with server.client() as client:
        await client.begin()
        foreign = desk.world.there.conv
        await client.say(t="cmd", cid="1", d={"op": "conv.close", "conv": foreign})
        assert (await client.until("ok", "err"))["code"] == "not_found"
        for frame in ({"t": "open", "conv": foreign}, {"t": "typing", "conv": foreign}):
            await client.say(**frame)
            assert (await client.until("window", "err"))["code"] == "not_found"


async def test_a_command_that_is_none_is_answered_with_its_cid(desk: Desk, server: Process) -> None:
    async with server.client() as client:
        await client.begin()
        await client.say(t="cmd", cid="9", d={"op": "make.coffee"})
        error = await client.until("err")
        assert (error["cid"], error["code"]) == ("9", "invalid")
        await client.say(t="probe")  # and the session lives
        await client.until("ping")


async def test_more_commands_than_allowed_are_refused_for_now(desk: Desk, server: Process) -> None:
    async with server.client() as client:
        await client.begin()
        for number in range(90):
            await client.say(t="cmd", cid=str(number), d={"op": "conv.close", "conv": "c_nothing"})
        answers = [await client.until("err") for _ in range(90)]
        assert [answer["cid"] for answer in answers] == [str(number) for number in range(90)]
        refused = [answer for answer in answers if answer["code"] == "too_many"]
        assert refused
        assert all(answer["retry"] and answer["d"] == {"after": 1} for answer in refused)
        assert all(answer["code"] == "not_found" for answer in answers[:60])


async def test_who_does_not_listen_to_refusals_is_sent_away(
    desk: Desk, server: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "PER_SECOND", 1)
    async with server.client() as client:
        await client.begin()
        for number in range(pace.BURST + pace.PATIENCE + 40):
            kind = {"op": "conv.close", "conv": "c_nothing"} if number % 2 else {"op": "make.coffee"}
            await client.say(t="cmd", cid=str(number), d=kind)
        assert await client.closed() == 4029
        refused = [frame for frame in client.frames if frame.get("code") == "too_many"]
        assert pace.PATIENCE <= len(refused) < pace.PATIENCE + 40
    async with server.client() as again:  # and may come back at once
        await again.begin("resume", streams=client.positions())
        await again.say(t="cmd", cid="1", d={"op": "conv.close", "conv": desk.world.here.conv})
        await again.until("ok")


# -- windows, presence ---------------------------------------------------------------------------


async def test_windows_say_where_they_were_read(desk: Desk, server: Process) -> None:
    async with server.client() as client:
        await client.begin()
        await client.reach(desk.ws, await desk.happen())
        await client.say(t="view", id="L1", list={"status": "all"}, limit=10)
        window = await client.until("window", "err")
        assert window["t"] == "window", window
        assert (window["id"], window["at"]) == ("L1", {desk.ws: client.last[desk.ws]})
        assert desk.world.here.conv in [row["id"] for row in window["rows"]]
        await client.say(t="open", conv=desk.world.here.conv)
        window = await client.until("window", "err")
        assert (window["conv"], window["at"]) == (desk.world.here.conv, {desk.ws: client.last[desk.ws]})


async def eph(client: Client, kind: str) -> dict[str, Any]:
    while (frame := await client.until("eph"))["e"] != kind:
        pass
    return frame


async def test_viewing_and_typing_are_seen_across_processes(desk: Desk, server: Process) -> None:
    conv = desk.world.here.conv
    anna, ben = (show("o", desk.actors[who].operator) for who in ("operator", "admin"))
    async with (
        Process(desk, desk.world.bus, True).running() as other,
        server.client() as first,
        other.client("admin") as second,
    ):
        await first.begin()
        await second.begin()
        await first.say(t="open", conv=conv)
        assert (await eph(second, "viewing"))["d"] == {"who": [anna]}
        await second.say(t="open", conv=conv)
        while (await eph(first, "viewing"))["d"] != {"who": sorted([anna, ben])}:
            pass
        await second.say(t="typing", conv=conv, mode="note")
        typing = await eph(first, "typing")
        assert (typing["conv"], typing["d"]["who"], typing["d"]["mode"]) == (conv, ben, "note")
        await second.say(t="close", conv=conv)
        assert (await eph(first, "viewing"))["d"] == {"who": [anna]}
        await second.say(t="open", conv=conv)
        assert (await eph(first, "viewing"))["d"] == {"who": sorted([anna, ben])}
        await second.socket.close()  # who goes without a word looks no more
        assert (await eph(first, "viewing"))["d"] == {"who": [anna]}
        assert not any(frame.get("e") == "typing" for frame in second.frames)


# -- liveness ------------------------------------------------------------------------------------


async def test_a_ping_never_names_what_was_for_somebody_else(desk: Desk, server: Process) -> None:
    me, other = desk.actors["operator"].operator, desk.actors["admin"].operator
    async with server.client() as client:
        await client.begin()
        for audience in (None, other, me, other, None, other):
            await desk.happen(audience)
            await client.say(t="probe")
            ping = await client.until("ping")
            expected = (await desk.log(me, 0))[-1]
            assert ping["seqs"] == {desk.ws: expected} == {desk.ws: client.last[desk.ws]}


async def test_a_heartbeat_comes_by_itself(
    desk: Desk, server: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "HEARTBEAT", 0.2)
    async with server.client() as client:
        await client.begin()
        for _ in range(3):
            await client.until("ping")


# -- rights --------------------------------------------------------------------------------------


async def test_rights_lost_and_won_count_at_once(desk: Desk, server: Process) -> None:
    async with server.client() as client:
        await client.begin()
        await client.say(t="open", conv=desk.world.here.conv)
        await client.until("window")
        actor = desk.actors["operator"]
        desk.actors["operator"] = msgspec.structs.replace(actor, roles={})
        await rights(desk, "operator")
        assert await client.until("reset") == {"t": "reset", "ws": desk.ws, "why": "rights"}
        await desk.happen()
        await client.say(t="open", conv=desk.world.here.conv)
        assert (await client.until("window", "err"))["code"] == "not_found"
        await client.say(t="diff", ws=desk.ws, seq=0)
        assert await client.until("reset") == {"t": "reset", "ws": desk.ws, "why": "rights"}
        assert client.events == []

        desk.actors["operator"] = actor
        await rights(desk, "operator")
        reset = await client.until("reset")
        assert (reset["why"], reset["stream"]["seq"]) == ("rights", await desk.seq())
        seq = await desk.happen()
        await client.reach(desk.ws, seq)
        assert client.events == [seq]


async def test_a_session_that_is_over_is_told_so(desk: Desk, server: Process) -> None:
    async with server.client() as client:
        await client.begin()
        gone = desk.actors.pop("operator")
        await desk.world.bus.publish(
            f"operator.{gone.operator}", msgspec.json.encode({"operator": gone.operator})
        )
        assert await client.closed() == 4009


# -- endings -------------------------------------------------------------------------------------


async def test_a_stranger_is_told_to_sign_in(server: Process) -> None:
    async with server.client("nobody") as client:
        assert await client.closed() == 4003


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        (["not json"], 4001),
        (["[]"], 4001),
        (['{"t":"pong"}'], 4001),
        (['{"t":"hello","v":99}'], 4001),
        (['{"t":"hello","v":1}', '{"t":"hello","v":1}'], 4001),
        (['{"t":"hello","v":1}', '{"t":"dance"}'], 4001),
        (['{"t":"hello","v":1}', '{"t":"cmd","d":{}}'], 4001),
        (['{"t":"hello","v":1}', "{"], 4001),
        (['{"t":"hello","v":1}', json.dumps({"t": "pong", "x": "я" * 140_000}, ensure_ascii=False)], 4002),
    ],
    ids=["no json", "no object", "no hello", "version", "hello twice", "unknown", "no cid", "half", "big"],
)
async def test_a_bad_frame_ends_the_session(server: Process, texts: list[str], code: int) -> None:
    async with server.client() as client:
        for text in texts:
            await client.socket.send(text)
        assert await client.closed() == code


@pytest.mark.parametrize("hello", [False, True], ids=["no hello", "hello"])
async def test_silence_ends_the_session(
    server: Process, monkeypatch: pytest.MonkeyPatch, hello: bool
) -> None:
    monkeypatch.setattr(endpoint, "SILENCE", 2.0)  # long enough to begin on a busy machine
    monkeypatch.setattr(endpoint, "HELLO_WITHIN", 60.0 if hello else 0.2)
    async with server.client() as client:
        if hello:
            await client.begin()
        assert await client.closed() == 4001


async def test_a_restarted_server_is_resumed(desk: Desk) -> None:
    bus = desk.world.bus
    async with Process(desk, bus, True).running() as server, server.client() as client:
        await client.begin()
        await client.reach(desk.ws, await desk.happen())
        server.stop()
        assert await client.closed() == 4010
    missed = [await desk.happen(), await desk.happen()]
    async with Process(desk, bus, True).running() as server, server.client() as again:
        await again.begin("resume", streams=client.positions())
        await again.reach(desk.ws, missed[-1])
        assert again.events == missed


async def test_a_server_without_our_transport_goes_down_with_its_own_code(desk: Desk) -> None:
    async with Process(desk, desk.world.bus, raw=False).running() as server, server.client() as client:
        await client.begin()
        server.stop()
        assert await client.closed() == 1012


@pytest.mark.parametrize("when", ["at the door", "at hello"])
async def test_a_database_that_is_away_is_tried_again_later(
    desk: Desk, server: Process, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    async def away(*_: object) -> None:
        raise Unavailable("the database is away")

    if when == "at the door":
        monkeypatch.setattr(desk, "away", True)
    else:
        monkeypatch.setattr(server.hub, "feed", away)
    async with server.client() as client:
        with suppress(ConnectionClosed):  # the door may be shut already
            await client.say(t="hello", v=1)
        assert await client.closed() == 1013


async def test_a_client_that_does_not_read_is_sent_away_and_delays_nobody(
    desk: Desk, server: Process
) -> None:
    small = sockets.socket()
    small.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    small.connect(("127.0.0.1", server.port))
    small.setblocking(False)
    async with AsyncExitStack() as stack:
        others = [await stack.enter_async_context(server.client()) for _ in range(50)]
        await asyncio.gather(*(client.begin() for client in others))
        url = f"ws://127.0.0.1:{server.port}/realtime?who=admin"
        stalled = Client(
            await stack.enter_async_context(
                connect(url, sock=small, compression=None, max_queue=1, ping_interval=None)
            )
        )
        await stalled.begin()
        positions = stalled.positions()
        start = await desk.seq()
        stalled.socket.transport.pause_reading()
        rounds = 120
        for _ in range(rounds):
            head = await desk.happen(size=60_000)
            await asyncio.gather(*(client.reach(desk.ws, head) for client in others))
        wanted = list(range(start + 1, start + rounds + 1))
        assert all(client.events == wanted for client in others)
        async with asyncio.timeout(10):
            while server.hub.sessions > 50:  # noqa: ASYNC110  # the stalled one was let go
                await asyncio.sleep(0.02)

        again = await stack.enter_async_context(server.client("admin"))
        await again.begin("resume", streams=positions)
        await again.reach(desk.ws, start + rounds)
        assert again.events == wanted  # 7 MB, though a backlog holds one


async def test_a_client_over_the_bound_reads_why(desk: Desk, server: Process) -> None:
    async with server.client() as client:
        await client.begin()
        client.socket.transport.pause_reading()
        while server.hub.sessions:
            await desk.happen(size=200_000)
        client.socket.transport.resume_reading()
        assert await client.closed() == 4008


async def test_nothing_is_left_of_a_session(desk: Desk, server: Process) -> None:
    before = asyncio.all_tasks()
    async with server.client() as client:
        await client.begin()
        assert server.hub.sessions == 1
        client.socket.transport.abort()
    async with asyncio.timeout(5):
        while server.hub.sessions or {task for task in asyncio.all_tasks() - before if not task.done()}:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
