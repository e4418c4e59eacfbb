"""Ids this plugin makes, and the only place that takes them apart again."""

from __future__ import annotations

import re
from typing import Literal, NewType, cast, get_args

from msgspec import Struct

from jackfield.channel import Address, ConversationId, MessageId

PeerKind = Literal["bsuid", "phone", "wa_id", "group", "unknown"]
Scope = NewType("Scope", str)
"""The business portfolio a BSUID belongs to: the same person has another one at another portfolio."""

BSUID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")
PHONE = re.compile(r"\+?([0-9]{5,17})")
PHONE_FILL = str.maketrans("", "", " -().\u00a0")
LONGEST = 180  # characters of an address; a longer one is not an address
KINDS = frozenset(get_args(PeerKind))


class Peer(Struct, frozen=True, kw_only=True):
    """Whom a conversation is with. `value`: a BSUID, "+" and digits, another WhatsApp id, a group's id."""

    kind: PeerKind
    value: str


UNKNOWN = Peer(kind="unknown", value="sender")
"""Messages that do not say who sent them meet in one conversation: seen, though they cannot be answered."""


def make_conversation(peer: Peer) -> ConversationId:
    return ConversationId(f"{peer.kind}:{peer.value}")


def parse_conversation(conversation: ConversationId) -> Peer:
    """The peer of an id that make_conversation made. Raises ValueError for any other."""
    kind, _, value = conversation.partition(":")
    if kind not in KINDS or not value:
        raise ValueError(f"not a conversation of WhatsApp: {conversation[:80]!r}")
    return Peer(kind=cast("PeerKind", kind), value=value)


def make_message(wamid: str) -> MessageId:
    return MessageId(wamid)


def parse_message(message: MessageId) -> str:
    """The provider's id: "wamid.…" for a message, "wacid.…" for a call."""
    return str(message)


def phone(value: str) -> str:
    """ "+" and digits, or "" where it is not a phone number. The API says numbers without the "+"."""
    found = PHONE.fullmatch(value.translate(PHONE_FILL))
    return f"+{found[1]}" if found else ""


def peer_of(value: str) -> Peer | None:
    """What kind of id a provider's `from`, `to` or `user_id` is; None where it is none."""
    value = value.strip()
    if not value or len(value) > LONGEST:
        return None
    if BSUID.fullmatch(value):
        return Peer(kind="bsuid", value=value)
    if number := phone(value):
        return Peer(kind="phone", value=number)
    return Peer(kind="wa_id", value=value)


def group_of(value: str) -> Peer | None:
    """The group with this id; None where it is none."""
    return Peer(kind="group", value=value) if 0 < len(value) <= LONGEST else None


def address_of(peer: Peer, scope: Scope) -> Address:
    """The peer as an address of a person; only what the portfolio issued is scoped to it."""
    return Address(kind=peer.kind, value=peer.value, scope="" if peer.kind == "phone" else scope)
