"""Where the keys of a linked device lie, who may read them, and what is never written down."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from jackfield_whatsapp_business import login
from jackfield_whatsapp_business import protocol as say
from jackfield_whatsapp_business.bridge.discretion import hidden
from jackfield_whatsapp_business.engines.neonize.check import EngineMissing
from jackfield_whatsapp_business.line import COMMAND
from mock_whatsapp import Phone
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message
from whatsapp_bridge import Town, bridge

from jackfield import channel as contract
from jackfield.channel import Ask, Text
from jackfield.testing import FakePort


@pytest.fixture
def open_handed() -> Iterator[None]:
    """The server runs with a umask that keeps nobody out."""
    before = os.umask(0)
    try:
        yield
    finally:
        os.umask(before)


def others_may(folder: Path) -> list[str]:
    """What somebody else on the machine could read or enter."""
    return [path.name for path in (folder, *folder.rglob("*")) if path.stat().st_mode & 0o077]


async def test_everything_of_an_account_is_for_its_owner_only_and_its_log_says_nothing(
    network: Town, tmp_path: Path, open_handed: None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    folder = tmp_path / "shop"
    folder.mkdir(mode=0o755)  # as somebody may have made it
    secrets = [str(number) for phone in (network.shop, network.customer) for number in names(phone)]
    async with bridge(folder) as started:
        await started.link(network.shop, network.mock, by_characters=True)
        secrets += [said.text for said in started.said if isinstance(said, say.Code)]
        await network.customer.write(network.shop.account, Message(conversation="a word in confidence"))
        message = await started.event(contract.Message)
        command = say.Send(
            ref=started.line.ref(), to=message.conversation, part=Text(body="an answer"), txn="t1"
        )
        assert isinstance(await started.line.ask(command), say.Done)
        assert others_may(folder) == []
        token = started.line._token  # pyright: ignore[reportPrivateUsage]  # it has no other name
    written = await asyncio.to_thread((folder / "bridge.log").read_text)
    shown = [one for one in (*secrets, token, "confidence", "an answer") if one in written]
    assert not shown, f"in the bridge's log: {shown}"
    shown = [one for one in (token, "confidence", "an answer") if one in caplog.text]
    assert not shown, f"in the server's log: {shown}"


def names(phone: Phone) -> tuple[str, str]:
    return phone.account.phone, phone.account.lid


def test_a_trace_names_nobody() -> None:
    record = "Traceback: no session for 4915550001:3@s.whatsapp.net (entry 812)"
    assert hidden(record) == "Traceback: no session for …:3@s.whatsapp.net (entry 812)"


async def test_another_engine_needs_none_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise EngineMissing("it is not installed")

    monkeypatch.setattr(login, "installed", missing)
    port = FakePort()
    port.folder = tmp_path / "channel"
    step = await login.DeviceLogin(port, by_code=False).submit({"understood": "1"})
    assert isinstance(step, Ask)
    assert step.errors == {"": "whatsapp_business.login.no_engine"}
    monkeypatch.setenv(COMMAND, "false")
    step = await login.DeviceLogin(port, by_code=False).submit({"understood": "1"})
    assert isinstance(step, Ask)
    assert step.errors == {"": "whatsapp_business.login.no_start"}
