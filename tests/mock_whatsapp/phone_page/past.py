"""What was said on a phone before it was linked, as its companions are told."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# (the engine's stubs name their neighbours by paths that are not there)
from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message
from neonize.proto.waHistorySync.WAWebProtobufsHistorySync_pb2 import HistorySync

from mock_whatsapp.devices import Account, Group

WHOLE = 100  # per cent


class Said(NamedTuple):
    """`at`: seconds since 1970."""

    id: str
    by: Account
    at: int
    message: Message


class Remembered(NamedTuple):
    """One chat of the owner's, oldest message first."""

    owner: Account
    peer: Account | Group
    said: Sequence[Said]

    @property
    def people(self) -> list[Account]:
        """Whom the owner talks to there."""
        members = self.peer.members if isinstance(self.peer, Group) else (self.peer,)
        return [one for one in members if one is not self.owner]


def chunks(past: Sequence[Remembered]) -> Iterator[HistorySync]:
    """One for each chat, so that progress is seen."""
    for place, chat in enumerate(past, start=1):
        progress = WHOLE * place // len(past)
        chunk = HistorySync(syncType=HistorySync.RECENT, chunkOrder=place, progress=progress)
        group = isinstance(chat.peer, Group)
        address = str(chat.peer.jid if isinstance(chat.peer, Group) else chat.peer.jid())
        conversation = chunk.conversations.add(ID=address, name=chat.peer.name)
        for one in chat.said:
            said = conversation.messages.add().message
            said.key.remoteJID, said.key.fromMe, said.key.ID = address, one.by is chat.owner, one.id
            said.messageTimestamp = one.at
            said.message.CopyFrom(one.message)
            if group and one.by is not chat.owner:
                said.key.participant = said.participant = str(one.by.jid())
        for person in chat.people:
            chunk.pushnames.add(ID=str(person.jid()), pushname=person.name)
        yield chunk
