"""The channel as core uses it."""

from __future__ import annotations

import asyncio

import pytest
from jackfield_echo.ids import make_conversation
from jackfield_echo.kind import EchoKind

from jackfield.channel import ChannelId, ConversationId, Message, Text, TxnId, Unreachable
from jackfield.testing import FakePort

CONFIG = {"name": "Front desk", "secret": "a long shared secret"}


def test_what_is_sent_comes_back_from_the_person_it_was_sent_to() -> None:
    port = FakePort()
    channel = EchoKind().open(ChannelId("1"), CONFIG, port)
    sent = asyncio.run(channel.send(make_conversation("ada"), [Text(body="Hello")], TxnId("t1")))
    (back,) = port.events
    assert isinstance(back, Message)
    assert back.conversation == make_conversation("ada")
    assert back.parts == (Text(body="Hello"),)
    assert back.id != sent


def test_a_conversation_of_another_channel_cannot_be_reached() -> None:
    channel = EchoKind().open(ChannelId("1"), CONFIG, FakePort())
    with pytest.raises(Unreachable):
        asyncio.run(channel.send(ConversationId("group:7"), [Text(body="Hello")], TxnId("t1")))
