"""What a bridge and its channel say to each other: JSON over a websocket, whatever engine is behind it.

A bridge is a process of its own that holds one linked device. It connects to the channel's address with
its token in the header `Authorization: Bearer …`, and says Hello first. Every frame of the bridge that
must not be lost carries a number, rising by one, and is kept in its journal until the channel has
acknowledged that number; after a new connection it is said again. So the channel may hear a thing twice
and must not mind: events of the contract are made for that. Commands carry a `ref`, and are answered once
with Done or Failed under it; a command without an answer before the connection ends has an unknown outcome.

Structs are written as JSON objects with their kind under "type", each a text frame; bytes are base64, moments
RFC 3339. Binary frames are pieces of files (files.py). docs/bridge.md tells all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec import Struct

from jackfield.channel import AnyEvent

from .sayable import Sayable

VERSION = 1

LinkState = Literal[
    "unlinked",
    "linking",
    "link_expired",
    "link_failed",
    "needs_passkey",
    "linked",
    "syncing",
    "connected",
    "reconnecting",
    "replaced",
    "restricted",
    "temp_banned",
    "locked",
    "banned",
    "logged_out",
    "engine_outdated",
]
"""How a linked device is. `restricted`: new chats are barred, answers are not."""


class Frame(
    Struct, frozen=True, kw_only=True, tag_field="type", tag=lambda name: name.lower(), omit_defaults=True
):
    """One thing said. A receiver passes over fields it does not know."""


# -- the bridge says ---------------------------------------------------------------------------------------


class Hello(Frame, frozen=True, kw_only=True):
    """`built`: when the engine was (a day, ISO 8601), which says when servers will refuse it; `last`: the
    greatest number that was acknowledged to the bridge."""

    version: int
    engine: str
    engine_version: str
    network_version: str = ""
    built: str = ""
    last: int = 0


class Status(Frame, frozen=True, kw_only=True):
    """`until`: seconds since 1970 at which a ban ends; `code` and `text` are the network's."""

    state: LinkState
    code: str = ""
    text: str = ""
    until: int | None = None


class Code(Frame, frozen=True, kw_only=True):
    """Something to link with: a picture to scan, or characters to type on the phone."""

    kind: Literal["qr", "pair"]
    text: str
    seconds: float  # how long it can be used


class Linked(Frame, frozen=True, kw_only=True):
    """The device belongs to this account now. Digits only."""

    phone: str
    lid: str = ""
    name: str = ""
    platform: str = ""


class Heard(Frame, frozen=True, kw_only=True):
    """Events, with what the engine said as it was. Numbered and kept until it is acknowledged."""

    number: int
    events: tuple[AnyEvent, ...]
    raw: bytes = b""


class Done(Frame, frozen=True, kw_only=True):
    """`id`: of the message that was sent."""

    ref: str
    id: str = ""
    path: str = ""  # of a fetched file, where it is read; over the line its bytes go ahead of this
    mime: str = ""
    size: int | None = None


class Failed(Frame, frozen=True, kw_only=True):
    """`error`: the code of a ChannelError of the contract ("unavailable", "outcome_unknown" …)."""

    ref: str
    error: str
    text: str = ""
    code: str = ""


class Alive(Frame, frozen=True, kw_only=True):
    """The answer to Ask: milliseconds of a round trip to the network, None where none came back; seconds
    since the engine last heard anything; bytes of memory."""

    ref: str
    round_trip: float | None
    silent: float
    memory: int


FromBridge = Hello | Status | Code | Linked | Heard | Done | Failed | Alive


# -- the channel says --------------------------------------------------------------------------------------


class Ack(Frame, frozen=True, kw_only=True):
    """Everything up to this number is stored."""

    number: int


class Link(Frame, frozen=True, kw_only=True):
    """Begin to link: with a picture, or with characters for this phone (digits)."""

    ref: str
    phone: str = ""


class File(Struct, frozen=True, kw_only=True):
    """A file to be sent. `path`: where it lies on the side that reads this, for as long as the command lasts;
    over the line it is "", and the bytes go ahead of the command (files.py)."""

    path: str = ""
    mime: str
    name: str = ""
    size: int = 0


class Send(Frame, frozen=True, kw_only=True):
    """One message. `files` by the part's own refs."""

    ref: str
    to: str
    part: Sayable
    txn: str
    reply_to: str = ""
    files: Mapping[str, File] = {}


class React(Frame, frozen=True, kw_only=True):
    ref: str
    target: str
    emoji: str


class Change(Frame, frozen=True, kw_only=True):
    """Another text for a message of ours."""

    ref: str
    target: str
    text: str


class Revoke(Frame, frozen=True, kw_only=True):
    ref: str
    target: str


class Read(Frame, frozen=True, kw_only=True):
    """Everything in the chat up to this message was read."""

    ref: str
    upto: str


class Type(Frame, frozen=True, kw_only=True):
    ref: str
    to: str
    stopped: bool = False


class Fetch(Frame, frozen=True, kw_only=True):
    """Bring a file here. `file`: the reference of a Media part."""

    ref: str
    file: str


class Ask(Frame, frozen=True, kw_only=True):
    """Are you there, and is the network?"""

    ref: str


class Unlink(Frame, frozen=True, kw_only=True):
    """Give the linked device back, and forget its keys."""

    ref: str


class End(Frame, frozen=True, kw_only=True):
    """Let go of the connection, and end."""


Command = Link | Send | React | Change | Revoke | Read | Type | Fetch | Ask | Unlink
ToBridge = Ack | Command | End

_json = msgspec.json.Encoder()


def encode(frame: FromBridge | ToBridge) -> str:
    """As a text frame; binary ones are pieces of files."""
    return _json.encode(frame).decode()


from_bridge = msgspec.json.Decoder(FromBridge).decode
to_bridge = msgspec.json.Decoder(ToBridge).decode
