"""From the provider's words to Jackfield's and back: pure, and one bad item spoils no other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct

from jackfield.channel import (
    Address,
    AnyEvent,
    ConversationId,
    Message,
    NotSupported,
    Part,
    Rejected,
    Sender,
    Text,
    TxnId,
    Unrecognised,
    Unsupported,
)

from .ids import make_conversation, make_message, parse_conversation

ADDRESS = "echo"  # the kind of address a person of this network has
TEXT_MAX = 4096  # characters

NotEmpty = Annotated[str, Meta(min_length=1)]


class Unreadable(ValueError):
    """The body is not what the provider sends; the text says why."""


class Said(Struct, frozen=True, kw_only=True):
    """One message as the provider writes it. Without a text it is of a sort we cannot show."""

    id: NotEmpty
    sender: NotEmpty = msgspec.field(name="from")
    name: str = ""
    text: str | None = None
    at: Annotated[datetime, Meta(tz=True)] | None = None


def read(body: bytes, now: datetime) -> tuple[AnyEvent, ...]:
    """Every message of a body: one object, or an array of them. Raises Unreadable."""
    try:
        if body.lstrip().startswith(b"["):
            items = msgspec.json.decode(body, type=list[Raw])
        else:
            items = [msgspec.json.decode(body, type=Raw)]
    except (msgspec.DecodeError, RecursionError) as err:
        raise Unreadable(str(err)) from None
    if not items:
        raise Unreadable("an array without messages")
    return tuple(read_item(Raw(bytes(item)), now) for item in items)


def read_item(raw: Raw, now: datetime) -> AnyEvent:
    """One message; Unrecognised, with the reason, if it is not one."""
    try:
        said = msgspec.json.decode(raw, type=Said)
    except (msgspec.DecodeError, RecursionError) as err:
        return Unrecognised(at=now, kind="item", raw=raw, note=str(err))
    return Message(
        at=said.at or now,
        conversation=make_conversation(said.sender),
        id=make_message("in", said.id),
        sender=Sender(addresses=(Address(kind=ADDRESS, value=said.sender),), name=said.name),
        parts=(Unsupported(kind="item", raw=raw) if said.text is None else Text(body=said.text),),
    )


def text_of(parts: Sequence[Part]) -> str:
    """What to send. Raises NotSupported for anything but text, Rejected for what breaks a limit."""
    if len(parts) != 1:
        raise Rejected(f"one part a message, not {len(parts)}")
    part = parts[0]
    if not isinstance(part, Text):
        raise NotSupported(f"only text can be sent, not {type(part).__name__}")
    if len(part.body) > TEXT_MAX:
        raise Rejected(f"{len(part.body)} characters; {TEXT_MAX} are allowed")
    return part.body


def answer(to: ConversationId, text: str, txn: TxnId, now: datetime) -> Message:
    """What the other side says to `text`. Sent twice under one txn it is still one answer."""
    return Message(
        at=now,
        conversation=to,
        id=make_message("answer", txn),
        sender=Sender(addresses=(Address(kind=ADDRESS, value=parse_conversation(to)),)),
        parts=(Text(body=text),),
    )
