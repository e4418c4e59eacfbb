"""The past of a phone: chunks of conversations, and the names people gave themselves."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false
# (the package's stubs name their neighbours by paths that are not there)
from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from neonize.proto import Neonize_pb2 as neo

from jackfield.channel import AnyEvent, ConversationInfo, HistoryChunk, Message, Profile
from jackfield_whatsapp_business.engines.base import Names
from jackfield_whatsapp_business.ids import Peer, address_of, make_conversation, parse_peer

from . import heard
from .people import called

WHOLE = 100  # per cent


def chunk(said: Any, names: Names) -> Iterator[AnyEvent]:
    """Groups and names first, so that messages find them; then the messages, oldest first."""
    now = datetime.now(UTC)
    for name in said.pushnames:
        address = address_of(parse_peer(name.ID))
        if address is not None and name.pushname:
            known = called((address,), names)
            yield Profile(at=now, person=(address,), name=known or name.pushname)
    messages: list[Message] = []
    for conversation in said.conversations:
        chat = parse_peer(conversation.ID)
        if chat.group and conversation.name:
            yield ConversationInfo(at=now, conversation=make_conversation(chat), name=conversation.name)
        for entry in conversation.messages:
            messages += _message(chat, entry.message, names)
    messages.sort(key=lambda message: message.at)
    progress = said.progress if said.HasField("progress") else None
    yield HistoryChunk(at=now, messages=tuple(messages), progress=progress, done=progress == WHOLE)


def _message(chat: Peer, said: Any, names: Names) -> list[Message]:
    """As if the engine had heard it now."""
    member = said.participant or said.key.participant
    source = neo.MessageSource(
        Chat=_jid(chat),
        Sender=_jid(parse_peer(member) if chat.group and member else chat),
        IsFromMe=said.key.fromMe,
        IsGroup=chat.group,
    )
    info = neo.MessageInfo(
        MessageSource=source, ID=said.key.ID, Timestamp=said.messageTimestamp, Pushname=said.pushName
    )
    whole = neo.Message(Info=info, Message=said.message)
    return [event for event in heard.message(whole, names) if isinstance(event, Message)]


def _jid(peer: Peer) -> neo.JID:
    return neo.JID(User=peer.user, Server=peer.server, Device=0, RawAgent=0, Integrator=0, IsEmpty=False)
