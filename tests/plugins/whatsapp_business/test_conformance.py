"""The public conformance suite, for this plugin, on a bridge without an engine.

The real one takes seconds to start and to end, more than the suite grants; test_channel.py has its scenes.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import pytest
from jackfield_whatsapp_business.ids import (
    File,
    make_conversation,
    make_file,
    make_message,
    parse_conversation,
    parse_file,
    parse_message,
)
from jackfield_whatsapp_business.kind import WhatsAppBusiness
from jackfield_whatsapp_business.line import COMMAND

from jackfield.channel import (
    Address,
    Card,
    Channel,
    Contacts,
    ConversationId,
    Done,
    Facts,
    Labelled,
    Location,
    Media,
    MessageId,
    Show,
    Text,
)
from jackfield.testing import ChannelContract, FakePort, IdPair
from jackfield.testing.bench import NOW

SCRIPTED = f"{sys.executable} {Path(__file__).with_name('scripted_bridge.py')}"
CONFIG = {"phone": "4915550001", "lid": "900000000000001", "business_name": "Flowers"}
NOTICE = {"phone": "+49 1555 0001", "understood": "1"}
FILE = make_file(File(kind="image", path="/v/t62", key=b"k" * 32, plain=b"p" * 32, sealed=b"s" * 32, size=6))


class Linked(ChannelContract):
    """What is the same whatever the bridge is."""

    config = CONFIG
    run_ends_within = 5.0
    conversation = ConversationId("900000000000002@lid")
    addresses = (Address(kind="phone", value="+4915550002"),)
    facts = (Facts(conversation=ConversationId("1203@g.us"), group=True, last_inbound_at=NOW, now=NOW),)
    ids = (
        IdPair(
            parse=lambda text: parse_conversation(ConversationId(text)),
            make=make_conversation,
            samples=("900000000000002@lid", "4915550002@s.whatsapp.net", "120363000000000001@g.us"),
        ),
        IdPair(
            parse=lambda text: parse_message(MessageId(text)),
            make=lambda named: make_message(*named),
            samples=("900000000000002@lid/3EB0AA", "120363000000000001@g.us/AC12"),
        ),
        IdPair(parse=parse_file, make=make_file, samples=(FILE,)),
    )
    sendable = (
        (Text(body="Hello"),),
        (Location(latitude=52.5, longitude=13.4),),
        (Contacts(cards=(Card(name="Ada", phones=(Labelled(value="+441555"),)),)),),
        (Media(sort="document", ref="f_bill", mime="application/pdf", name="bill.pdf"),),
    )

    folder: ClassVar[Path]

    def open(self, config: Mapping[str, str]) -> tuple[Channel, FakePort]:
        channel, port = super().open(config)
        port.folder = self.folder
        port.add_file("f_bill", b"%PDF-1.4", name="bill.pdf", mime="application/pdf")
        return channel, port


class TestOnABridgeWithoutAnEngine(Linked):
    """The protocol is all that a bridge and its channel have in common."""

    kind = WhatsAppBusiness()
    answers: ClassVar[Mapping[str, Mapping[str, str]]] = {"whatsapp_business.notice": NOTICE}
    media = (FILE,)

    @pytest.fixture(autouse=True)
    def scripted(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(COMMAND, SCRIPTED)
        type(self).folder = tmp_path / "channel"
        self.folder.mkdir()
        (self.folder / "session.json").write_text(CONFIG["phone"])


@pytest.mark.parametrize("turns", [1, 2, 3, 5, 8, 13, 21])
async def test_a_page_that_is_closed_at_any_moment_loses_no_link(
    turns: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closed while the bridge that linked was being ended, it left the process running and wiped the link."""
    monkeypatch.setenv(COMMAND, SCRIPTED)
    port = FakePort()
    port.folder = tmp_path / "channel"
    login = WhatsAppBusiness().login("qr", port)
    assert isinstance(await login.submit(NOTICE), Show)
    await asyncio.sleep(0.2)  # by now it is linked, and nobody has asked
    waiting = asyncio.create_task(login.wait())
    for _ in range(turns):
        await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait({waiting})
    async with asyncio.timeout(10):
        assert isinstance(await login.wait(), Done)
    assert (port.folder / "session.json").exists()
