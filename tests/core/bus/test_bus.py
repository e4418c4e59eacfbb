"""The bus, in the process and over NATS: the same things hold."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator

import msgspec
import pytest
from fixtures.nats import NatsServer, nats_server
from fixtures.ports import free_port
from hypothesis import given
from hypothesis import strategies as st

from jackfield.bus import Bus, decode_rows, encode_rows, open_bus
from jackfield.bus.pieces import Joiner, cut
from jackfield.store.rows import StreamRow

WITHIN = 20.0  # seconds a message may take, on a busy machine


@pytest.fixture(params=["memory", "nats"])
def url(request: pytest.FixtureRequest) -> str:
    if request.param == "memory":
        return ""
    server: NatsServer = request.getfixturevalue("nats")
    return server.url


@pytest.fixture
async def bus(url: str) -> AsyncGenerator[Bus]:
    async with open_bus(url) as opened:
        yield opened


class Heard:
    """Collects what a handler is given, and waits for it."""

    def __init__(self) -> None:
        self.data: list[bytes] = []
        self._more = asyncio.Event()

    def __call__(self, data: bytes) -> None:
        self.data.append(data)
        self._more.set()

    async def until(self, count: int) -> list[bytes]:
        async with asyncio.timeout(WITHIN):
            while len(self.data) < count:
                self._more.clear()
                await self._more.wait()
        return self.data


async def until_connected(bus: Bus, *, connected: bool = True) -> None:
    async with asyncio.timeout(15):
        while bus.connected != connected:  # noqa: ASYNC110  # a state of NATS, not of ours
            await asyncio.sleep(0.01)


async def test_everybody_who_subscribed_hears_in_order(bus: Bus) -> None:
    one, two = Heard(), Heard()
    bus.subscribe("stream.1", one)
    bus.subscribe("stream.1", two)
    for number in range(100):
        await bus.publish("stream.1", str(number).encode())
    expected = [str(number).encode() for number in range(100)]
    assert await one.until(100) == expected
    assert await two.until(100) == expected


async def test_another_subject_is_not_heard(bus: Bus) -> None:
    one, two = Heard(), Heard()
    bus.subscribe("stream.1", one)
    bus.subscribe("stream.11", two)
    await bus.publish("stream.11", b"x")
    assert await two.until(1) == [b"x"]
    assert one.data == []


async def test_a_star_hears_one_level(bus: Bus) -> None:
    heard = Heard()
    bus.subscribe("lane.*", heard)
    await bus.publish("lane.7", b"seven")
    await bus.publish("lane", b"none")
    await bus.publish("lane.7.8", b"too deep")
    await bus.publish("lane.8", b"eight")
    assert await heard.until(2) == [b"seven", b"eight"]


async def test_who_stopped_hears_nothing_more(bus: Bus) -> None:
    gone, staying = Heard(), Heard()
    stop = bus.subscribe("channels", gone)
    bus.subscribe("channels", staying)
    await bus.publish("channels", b"1")
    await staying.until(1)
    stop()
    stop()  # twice does no harm
    await bus.publish("channels", b"2")
    await staying.until(2)
    assert gone.data == [b"1"]


async def test_a_handler_that_fails_disturbs_no_other(bus: Bus, caplog: pytest.LogCaptureFixture) -> None:
    def fails(data: bytes) -> None:
        raise RuntimeError("no")

    heard = Heard()
    bus.subscribe("eph.1", fails)
    bus.subscribe("eph.1", heard)
    await bus.publish("eph.1", b"x")
    assert await heard.until(1) == [b"x"]
    assert "a handler of eph.1 failed" in caplog.text


async def test_a_subscription_may_stop_itself(bus: Bus) -> None:
    heard = Heard()

    def once(data: bytes) -> None:
        heard(data)
        stop()

    stop = bus.subscribe("eph.1", once)
    await bus.publish("eph.1", b"1")
    await bus.publish("eph.1", b"2")
    assert await heard.until(1) == [b"1"]


async def test_settled_subscriptions_hear_another_process(nats: NatsServer) -> None:
    async with open_bus(nats.url) as here, open_bus(nats.url) as there:
        heard = Heard()
        here.subscribe("stream.5", heard)
        await here.settle()
        await there.publish("stream.5", b"hello")
        assert await heard.until(1) == [b"hello"]


async def test_what_is_said_right_after_settling_is_heard(nats: NatsServer) -> None:
    """The library writes a PING past what waits to be written: its answer came before the subscription."""
    for number in range(100):
        async with open_bus(nats.url) as here, open_bus(nats.url) as there:
            heard = Heard()
            there.subscribe("stream.7", heard)
            await asyncio.gather(here.settle(), there.settle())
            await here.publish("stream.7", b"%d" % number)
            assert await heard.until(1) == [b"%d" % number]


async def test_a_process_hears_itself_once(nats: NatsServer) -> None:
    async with open_bus(nats.url) as here, open_bus(nats.url) as there:
        mine, theirs = Heard(), Heard()
        here.subscribe("stream.5", mine)
        there.subscribe("stream.5", theirs)
        await asyncio.gather(here.settle(), there.settle())
        await here.publish("stream.5", b"1")
        await theirs.until(1)
        await there.publish("stream.5", b"2")
        assert await mine.until(2) == [b"1", b"2"]
        assert await theirs.until(2) == [b"1", b"2"]


async def test_a_message_larger_than_nats_takes_arrives_whole(nats: NatsServer) -> None:
    large = bytes(range(256)) * 16_384  # 4 MiB
    async with open_bus(nats.url) as here, open_bus(nats.url) as there:
        heard = Heard()
        here.subscribe("stream.*", heard)
        await here.settle()
        await there.publish("stream.5", large)
        await there.publish("stream.5", b"small")
        assert await heard.until(2) == [large, b"small"]


@pytest.fixture
def own_nats() -> Generator[NatsServer]:
    with nats_server() as server:
        yield server


async def test_a_server_that_was_killed_is_found_again(own_nats: NatsServer) -> None:
    async with open_bus(own_nats.url) as here, open_bus(own_nats.url) as there:
        heard, back = Heard(), asyncio.Event()
        here.subscribe("stream.5", heard)
        here.on_reconnect(back.set)
        await here.settle()

        await asyncio.to_thread(own_nats.kill)
        await until_connected(here, connected=False)
        await until_connected(there, connected=False)
        await there.publish("stream.5", b"lost")  # raises nothing
        await here.publish("stream.5", b"heard here all the same")
        assert await heard.until(1) == [b"heard here all the same"]
        late = Heard()
        here.subscribe("stream.6", late)  # told to NATS when it is back
        await here.settle()  # does not wait for a server that is away
        assert not back.is_set()

        await asyncio.to_thread(own_nats.start)
        async with asyncio.timeout(15):
            await back.wait()
        await until_connected(there)
        await here.settle()
        await there.publish("stream.5", b"after")
        await there.publish("stream.6", b"late")
        assert await late.until(1) == [b"late"]
        assert await heard.until(2) == [b"heard here all the same", b"after"]


async def test_a_server_that_is_away_at_the_start_is_waited_for_in_the_background(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("jackfield.bus.nats._ANSWER", 0.5)
    server = NatsServer()
    async with open_bus(server.url) as bus:
        assert not bus.connected
        heard, back = Heard(), asyncio.Event()
        bus.subscribe("stream.1", heard)
        bus.on_reconnect(back.set)
        await bus.publish("stream.1", b"here")
        assert await heard.until(1) == [b"here"]
        await asyncio.to_thread(server.start)
        try:
            async with asyncio.timeout(15):
                await back.wait()
            assert bus.connected
        finally:
            await asyncio.to_thread(server.kill)


async def test_a_server_that_never_comes_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jackfield.bus.nats._ANSWER", 0.3)
    async with asyncio.timeout(5), open_bus(f"nats://127.0.0.1:{free_port()}") as bus:
        assert not bus.connected


async def test_an_address_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="JACKFIELD_BUS begins with 'redis'"):
        async with open_bus("redis://localhost"):
            pass


@given(st.binary(max_size=5000), st.integers(1025, 3000))
def test_pieces_join_to_what_was_cut(data: bytes, most: int) -> None:
    joiner = Joiner()
    joined = [joiner.join(piece, headers) for piece, headers in cut(data, most)]
    assert joined[-1] == data
    assert not any(joined[:-1])


def test_a_lost_piece_loses_its_message_and_no_other() -> None:
    first, second = list(cut(b"a" * 4000, 2024)), list(cut(b"b" * 4000, 2024))
    joiner = Joiner()
    answers = [joiner.join(*piece) for piece in (*first[:1], *first[2:], *second)]
    assert [answer for answer in answers if answer] == [b"b" * 4000]


def test_rows_come_back_as_they_went() -> None:
    rows = [
        StreamRow(id=1 << 62, workspace_id=7, seq=1, audience=None, data='{"e":"я"}', at=1),
        StreamRow(id=2, workspace_id=7, seq=2, audience=9, data="{}", at=2),
    ]
    assert decode_rows(encode_rows(rows)) == rows


def test_what_is_no_rows_is_refused() -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_rows(b"\x93hello")
