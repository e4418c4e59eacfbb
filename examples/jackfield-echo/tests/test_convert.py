"""Conversion, case by case."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from jackfield_echo.convert import TEXT_MAX, Unreadable, answer, read, text_of
from jackfield_echo.ids import make_conversation

from jackfield.channel import (
    ChannelError,
    Location,
    Message,
    NotSupported,
    Part,
    Rejected,
    Text,
    TxnId,
    Unrecognised,
)

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_a_message_is_read_with_its_sender_and_time() -> None:
    said = {"id": "1", "from": "ada", "name": "Ada", "text": "Hello", "at": "2026-01-01T10:00:00+02:00"}
    (event,) = read(json.dumps(said).encode(), NOW)
    assert isinstance(event, Message)
    assert event.parts == (Text(body="Hello"),)
    assert event.sender.name == "Ada"
    assert event.sender.addresses[0].value == "ada"
    assert event.at == datetime(2026, 1, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "item",
    [
        b"{}",
        b"7",
        b'{"id": "", "from": "ada"}',
        b'{"id": "1"}',
        b'{"id": "1", "from": "a", "at": "2026-01-01"}',
    ],
)
def test_an_item_that_is_no_message_is_kept_with_the_reason(item: bytes) -> None:
    (event,) = read(item, NOW)
    assert isinstance(event, Unrecognised)
    assert bytes(event.raw) == item
    assert event.note


@pytest.mark.parametrize("body", [b"", b"[", b"[]", b"hello", b"\xff"])
def test_what_is_no_json_says_so(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(body, NOW)


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        ((), Rejected),
        ((Text(body="a"), Text(body="b")), Rejected),
        ((Text(body="x" * (TEXT_MAX + 1)),), Rejected),
        ((Location(latitude=1, longitude=2),), NotSupported),
    ],
)
def test_what_cannot_be_sent_is_refused(parts: tuple[Part, ...], error: type[ChannelError]) -> None:
    with pytest.raises(error):
        text_of(parts)


def test_the_answer_has_the_same_words_and_comes_once_for_one_txn() -> None:
    first, second = (answer(make_conversation("ada"), "Hello", TxnId("t1"), NOW) for _ in range(2))
    assert first.parts == (Text(body="Hello"),)
    assert first.id == second.id
    assert not first.sender.from_me
