"""Whose words, in which chat: the engine's addresses as ours."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import UNSET, Struct, UnsetType
from neonize.proto.Neonize_pb2 import JID, MessageSource

from jackfield.channel import Address, Sender
from jackfield_whatsapp_business.ids import GROUP, LID, PHONE, Peer, address_of

KNOWN = frozenset({PHONE, LID, GROUP})


class Said(Struct, frozen=True, kw_only=True):
    """`chat`: a direct one by the person's LID where it is said. `other`: whom a direct chat is with."""

    chat: Peer
    sender: Sender
    other: tuple[Address, ...] = ()

    @property
    def group(self) -> bool:
        return self.chat.group


def peer_of(jid: JID) -> Peer | None:
    """None for what is nobody: an empty address, a broadcast, a newsletter."""
    server = PHONE if jid.Server == "c.us" else jid.Server
    if jid.IsEmpty or not jid.User or server not in KNOWN:
        return None
    return Peer(jid.User, server)


def people(*jids: JID) -> tuple[Address, ...]:
    """The addresses of one person, the LID before the phone number."""
    found = [address for jid in jids if (peer := peer_of(jid)) and (address := address_of(peer))]
    return tuple(sorted(dict.fromkeys(found), key=lambda address: address.kind != "lid"))


def said(source: MessageSource, name: str = "") -> Said | None:
    """None for chats that are no conversations: status, broadcasts, newsletters."""
    chat = peer_of(source.Chat)
    if chat is None:
        return None
    sender = people(source.Sender, source.SenderAlt)
    shown: str | UnsetType = name or UNSET
    if source.IsFromMe:
        other = () if chat.group else people(source.Chat, source.RecipientAlt)
        return Said(chat=_strongest(chat, other), sender=Sender(from_me=True), other=other)
    other = () if chat.group else people(source.Chat, source.Sender, source.SenderAlt)
    return Said(
        chat=_strongest(chat, other),
        sender=Sender(addresses=sender or other, name=shown),
        other=other,
    )


def _strongest(chat: Peer, other: Iterable[Address]) -> Peer:
    """A direct chat is known by the LID, whichever address the message came under."""
    if chat.group:
        return chat
    return next((Peer(address.value, LID) for address in other if address.kind == "lid"), chat)
