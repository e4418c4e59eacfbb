"""Ids of the web bridge: conversations and messages by the network's own addresses, references to files.

A conversation is its chat's address: a person's LID where it is known, else the phone number; a group's own.
A message is named with its chat, since two people may give two messages one id.
"""

from __future__ import annotations

import base64
from typing import Literal, NamedTuple

import msgspec
from msgspec import Struct

from jackfield.channel import Address, ConversationId, MessageId, Rejected

PHONE, LID, GROUP = "s.whatsapp.net", "lid", "g.us"

MediaKind = Literal["image", "video", "audio", "document"]


class NoId(Rejected, ValueError):
    """The text names nothing on this network."""


class Peer(NamedTuple):
    """user@server, without a device."""

    user: str
    server: str

    def __str__(self) -> str:
        return f"{self.user}@{self.server}"

    @property
    def group(self) -> bool:
        return self.server == GROUP


def parse_peer(text: str) -> Peer:
    """Raises NoId for what is no address of the network."""
    user, at, server = text.rpartition("@")
    user = user.partition(":")[0]
    if not at or not user or not server:
        raise NoId(f"{text!r} is no address of WhatsApp")
    return Peer(user, server)


def make_conversation(peer: Peer) -> ConversationId:
    return ConversationId(str(peer))


def parse_conversation(conversation: ConversationId) -> Peer:
    """Raises NoId."""
    return parse_peer(conversation)


def make_message(chat: Peer, number: str) -> MessageId:
    return MessageId(f"{chat}/{number}")


class Named(NamedTuple):
    chat: Peer
    number: str


def parse_message(message: MessageId) -> Named:
    """Raises NoId."""
    chat, slash, number = message.partition("/")
    if not slash or not number:
        raise NoId(f"{message!r} is no message of WhatsApp")
    return Named(parse_peer(chat), number)


def address_of(peer: Peer) -> Address | None:
    """How a person is known by it; None for a group."""
    match peer.server:
        case "lid":
            return Address(kind="lid", value=peer.user)
        case "s.whatsapp.net":
            return Address(kind="phone", value=f"+{peer.user}")
        case _:
            return None


def peer_at(address: Address) -> Peer | None:
    """The other way round; None for an address of another network."""
    match address.kind:
        case "lid":
            return Peer(address.value, LID)
        case "phone":
            return Peer(address.value.removeprefix("+"), PHONE)
        case _:
            return None


class File(Struct, frozen=True, kw_only=True):
    """All that is needed to fetch a file and to open it; `key` opens this file and nothing else."""

    kind: MediaKind
    path: str
    key: bytes
    plain: bytes  # SHA-256 of the file
    sealed: bytes  # and of what is stored
    size: int


def make_file(file: File) -> str:
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(file)).decode()


def parse_file(ref: str) -> File:
    """Raises NoId."""
    try:
        return msgspec.msgpack.decode(base64.urlsafe_b64decode(ref), type=File)
    except (ValueError, msgspec.DecodeError) as error:
        raise NoId("this is no file of WhatsApp") from error


PICTURE = "picture:"


def make_picture(peer: Peer, stamp: int) -> str:
    """The picture of a person or a group, to be asked for when it is fetched. `stamp`: when it changed,
    seconds; another picture is another reference."""
    return f"{PICTURE}{peer}/{stamp}"


def picture_of(ref: str) -> Peer | None:
    """None: the reference is of a file of a message."""
    return parse_peer(ref.removeprefix(PICTURE).partition("/")[0]) if ref.startswith(PICTURE) else None
