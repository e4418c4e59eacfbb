"""JSON text columns: written and read in one place each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec

from jackfield.channel import AnyEvent, Failure, Part, Referral, Sender
from jackfield.wire.views import LastMessage, MediaView, Quote, ReactionView, RemarkView

T = TypeVar("T")

Version = tuple[int, tuple[Part, ...]]
"""When a message began to say so, and what it said."""

_encode = msgspec.json.Encoder().encode

PARTS = msgspec.json.Decoder(tuple[Part, ...])
MEDIA = msgspec.json.Decoder(tuple[MediaView, ...])
REACTIONS = msgspec.json.Decoder(tuple[ReactionView, ...])
VERSIONS = msgspec.json.Decoder(tuple[Version, ...])
LAST = msgspec.json.Decoder(LastMessage)
QUOTE = msgspec.json.Decoder(Quote)
FAILURE = msgspec.json.Decoder(Failure)
REFERRAL = msgspec.json.Decoder(Referral)
EVENT: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)
ATTRIBUTES = msgspec.json.Decoder(dict[str, str])
NUMBERS = msgspec.json.Decoder(tuple[int, ...])
ABILITIES = msgspec.json.Decoder(tuple[str, ...])
SAID = msgspec.json.Decoder(dict[str, RemarkView])
MARKS = msgspec.json.Decoder(tuple[tuple[int, int], ...])

MEMBERS = msgspec.json.Decoder(tuple[Sender, ...])

NOTHING = "[]"  # a list column without values

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def to_json(value: Any) -> str:
    return _encode(value).decode()


def from_json(decoder: msgspec.json.Decoder[T], text: str) -> T | None:
    """The value of a column in which "" is none."""
    return decoder.decode(text) if text else None


def many(decoder: msgspec.json.Decoder[tuple[T, ...]], text: str) -> tuple[T, ...]:
    """The values of a list column; most are empty and cost nothing."""
    return () if text == NOTHING else decoder.decode(text)


def ms(moment: datetime) -> int:
    """Milliseconds since 1970. A moment without a zone is taken as UTC: the contract wants it aware."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // _MS


def clip(text: str, length: int) -> str:
    """What a text column can hold: no NUL (PostgreSQL refuses it), at most `length` characters."""
    if "\x00" in text:
        text = text.replace("\x00", "\ufffd")
    return text if len(text) <= length else text[: length - 1] + "…"
