"""Whose words, in which chat: the engine's addresses as ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import UNSET, Struct, UnsetType, structs
from neonize.proto.Neonize_pb2 import JID, Contact, MessageSource

from jackfield.channel import Address, Media, Part, Sender, Text
from jackfield_whatsapp_business.engines.base import Known, Names
from jackfield_whatsapp_business.ids import GROUP, LID, PHONE, Peer, address_of, parse_peer, peer_at

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


def called(addresses: Iterable[Address], names: Names) -> str:
    """What somebody is called on this side, by whichever address; "": he is not known."""
    peers = (peer_at(address) for address in addresses)
    return next((name for peer in peers if peer is not None and (name := names(peer))), "")


def mentioning(part: Part, mentioned: Iterable[str], names: Names) -> Part:
    """Who is mentioned stands in a text as the digits of his address: put his name there, if it is known."""
    match part:
        case Text(body=body):
            return structs.replace(part, body=_with_names(body, mentioned, names))
        case Media(caption=caption) if caption:
            return structs.replace(part, caption=_with_names(caption, mentioned, names))
        case _:
            return part


def _with_names(text: str, mentioned: Iterable[str], names: Names) -> str:
    for address in mentioned:
        peer = parse_peer(address)
        if name := names(peer):
            text = text.replace(f"@{peer.user}", f"@{name}")
    return text


def nobody(_: Peer) -> str:
    """Names, where none are known."""
    return ""


def said(source: MessageSource, name: str = "", names: Names = nobody) -> Said | None:
    """Where and by whom; None for chats that are no conversations: status, broadcasts, newsletters. `name`:
    as he calls himself, for whom we do not call otherwise."""
    chat = peer_of(source.Chat)
    if chat is None:
        return None
    sender = people(source.Sender, source.SenderAlt)
    if source.IsFromMe:
        other = () if chat.group else people(source.Chat, source.RecipientAlt)
        return Said(chat=_strongest(chat, other), sender=Sender(from_me=True), other=other)
    other = () if chat.group else people(source.Chat, source.Sender, source.SenderAlt)
    shown: str | UnsetType = called(sender or other, names) or name or UNSET
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


def known(contacts: Iterable[Contact]) -> Iterator[Known]:
    """Whom the owner has in his address book, and businesses as the network calls them."""
    for contact in contacts:
        peer, info = peer_of(contact.JID), contact.Info
        if peer is None or peer.group:
            continue
        if name := info.FullName or info.FirstName:
            yield Known(peer, name, "book")
        elif info.BusinessName:
            yield Known(peer, info.BusinessName, "business")
