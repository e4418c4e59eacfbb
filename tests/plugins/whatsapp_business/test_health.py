"""How a connection is: figures with a verdict, and what is done about one that is dead or too big."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jackfield_whatsapp_business import channel as carrying
from jackfield_whatsapp_business.channel import BusinessChannel
from jackfield_whatsapp_business.engines.neonize.check import BUILT
from jackfield_whatsapp_business.health import vitals
from jackfield_whatsapp_business.kind import WhatsAppBusiness
from jackfield_whatsapp_business.line import Gone, Line
from jackfield_whatsapp_business.manner import Manner, manner
from jackfield_whatsapp_business.protocol import Alive, FromBridge, Hello, Status
from jackfield_whatsapp_business.standing import Standing
from msgspec import structs
from whatsapp_bridge import WITHIN, Town, bridge

from jackfield.channel import HistoryChunk, Location, Media, Part, State, Text, Verdict
from jackfield.testing import FakePort

HELLO = Hello(version=1, engine="neonize", engine_version="0.5.2", built=BUILT.isoformat())


@pytest.mark.parametrize(
    ("alive", "days", "verdicts"),
    [
        (Alive(ref="", round_trip=80, silent=5, memory=80 << 20), 10, ["good"] * 5),
        (
            Alive(ref="", round_trip=3_000, silent=7 * 3600, memory=350 << 20),
            95,
            ["warn"] * 3 + ["good", "warn"],
        ),
        (Alive(ref="", round_trip=None, silent=90_000, memory=500 << 20), 130, ["bad"] * 3 + ["good", "bad"]),
        (None, 89, ["bad", "good", "good"]),
    ],
)
def test_what_is_measured_has_a_verdict(alive: Alive | None, days: int, verdicts: list[Verdict]) -> None:
    found = list(vitals(HELLO, alive, BUILT + timedelta(days=days)))
    assert [one.level for one in found] == verdicts
    assert found[-1].value == days


def test_the_doctor_hears_of_the_engine() -> None:
    engine, age = WhatsAppBusiness().check()
    assert (engine.name, age.name, age.unit) == ("engine", "engine_age", "days")


@pytest.mark.parametrize(
    ("part", "luck", "seconds"),
    [
        (Text(body="ok"), 0.0, Manner(0.5, 1.5)),
        (Text(body="x" * 60), 0.5, Manner(1.25, 4.0)),
        (Text(body="x" * 6000), 1.0, Manner(2.0, 8.0)),
        (Media(sort="image", ref="f", caption="y" * 30), 0.0, Manner(0.5, 2.0)),
        (Location(latitude=1, longitude=1), 0.0, Manner(0.5, 1.5)),
    ],
)
def test_writing_takes_as_long_as_the_text(part: Part, luck: float, seconds: Manner) -> None:
    assert manner([part], luck) == seconds


async def test_a_bridge_that_takes_too_much_memory_ends(
    network: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hear(_: FromBridge) -> None: ...

    monkeypatch.setenv("JACKFIELD_BRIDGE_MEMORY", "8")  # MiB
    with pytest.raises(Gone):
        async with asyncio.timeout(WITHIN):
            await Line(tmp_path / "shop", hear).hold()
    assert "MiB are in use, 8 are allowed" in (tmp_path / "shop" / "bridge.log").read_text()


async def test_a_connection_that_swallows_everything_is_made_anew(
    network: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its socket is open and its engine says "connected": only a question shows that nobody is there."""
    port, mock = FakePort(), network.mock
    port.folder = tmp_path / "shop"
    async with bridge(port.folder) as first:
        await first.link(network.shop, mock)
    monkeypatch.setattr(carrying, "PULSE", 0.2)
    monkeypatch.setattr(carrying, "PULSE_WITHIN", 2.0)
    channel = BusinessChannel(port)

    async def supervise() -> None:
        while True:
            with suppress(Exception):
                await channel.run()
            await asyncio.sleep(0.1)

    task = asyncio.create_task(supervise())
    try:
        async with asyncio.timeout(WITHIN):
            while not port.states or port.states[-1][0] is not State.CONNECTED:  # noqa: ASYNC110  # see there
                await asyncio.sleep(0.02)
            while not mock.logins.empty():
                mock.logins.get_nowait()
            assert {one.name: one.level for one in await channel.health()}["round_trip"] == "good"
            mock.deaf = True
            await mock.logins.get()
            mock.deaf = False
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert mock.questions.count("blocklist") >= 1, "what is asked is not answered out of a cache"


async def test_a_connection_that_is_back_goes_on_with_the_past() -> None:
    """It said that all had come, as soon as it had been away for a moment."""
    port = FakePort()
    standing = Standing(port)
    some = HistoryChunk(at=datetime.now(UTC), messages=(), progress=30)
    await standing.said(Status(state="reconnecting"))
    standing.past_came(some)  # from the journal
    await standing.said(Status(state="connected"))
    await standing.said(Status(state="restricted"))
    await standing.said(Status(state="connected"))
    standing.past_came(structs.replace(some, progress=100, done=True))
    await standing.said(Status(state="connected"))
    shown = [(state, code) for state, code, _ in port.states[1:]]
    busy, well = (State.BACKFILLING, ""), (State.CONNECTED, "")
    assert shown == [busy, (State.CONNECTED, "restricted"), busy, well, well]


async def test_what_is_told_late_does_not_undo_an_end() -> None:
    """A connection that stood before the phone threw us out was told after it: the session was kept."""
    port = FakePort()
    standing = Standing(port)
    for state in ("connected", "logged_out", "connected", "syncing"):
        await standing.said(Status(state=state))  # type: ignore[arg-type]  # each is one of them
    assert [state for state, *_ in port.states] == [State.CONNECTED, State.LOGGED_OUT]
    assert not standing.speaks.is_set()
