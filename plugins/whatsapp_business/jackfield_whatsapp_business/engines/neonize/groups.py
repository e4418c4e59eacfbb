"""Groups: what they are called, who is in them, and who came and went."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
# (the package's stubs name their neighbours by paths that are not there)
from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec import UNSET
from neonize.proto import Neonize_pb2 as neo

from jackfield.channel import AnyEvent, ConversationInfo, Message, Sender, System
from jackfield_whatsapp_business.engines.base import Names
from jackfield_whatsapp_business.ids import make_conversation, make_message

from .heard import moment
from .people import called, peer_of, people


def change(heard: neo.GroupInfoEvent, names: Names) -> Iterator[AnyEvent]:
    """Its name, its description, and who came and went: the members themselves have to be asked for."""
    chat = peer_of(heard.JID)
    if chat is None:
        return
    at, conversation = moment(heard.Timestamp), make_conversation(chat)
    if heard.HasField("Name"):
        yield ConversationInfo(at=at, conversation=conversation, name=heard.Name.Name)
    if heard.HasField("Topic"):
        yield ConversationInfo(at=at, conversation=conversation, about=heard.Topic.Topic)
    by = people(heard.Sender)
    moves = (
        ("group_joined", "added", heard.Join),
        ("group_left", "removed", heard.Leave),
        ("group_promoted", "who", heard.Promote),
        ("group_demoted", "who", heard.Demote),
    )
    for code, named, members in moves:
        for place, member in enumerate(members):
            who = people(member)
            shown = called(who, names) or (who[0].value if who else member.User)
            yield Message(
                at=at,
                conversation=conversation,
                id=make_message(chat, f"{code}-{heard.Timestamp}-{place}-{member.User}"),
                sender=Sender(addresses=by, name=called(by, names) or UNSET) if by else Sender(from_me=True),
                parts=(System(code=code, data={named: shown}),),
                group=True,
            )


def whole(info: neo.GroupInfo, at: datetime, names: Names) -> ConversationInfo | None:
    """All that the engine knows of a group."""
    chat = peer_of(info.JID)
    if chat is None:
        return None
    return ConversationInfo(
        at=at,
        conversation=make_conversation(chat),
        name=info.GroupName.Name,
        about=info.GroupTopic.Topic,
        members=tuple(_members(info, names)),
    )


def _members(info: neo.GroupInfo, names: Names) -> Iterator[Sender]:
    for member in info.Participants:
        addresses = people(member.LID, member.JID, member.PhoneNumber)
        if addresses:
            name = called(addresses, names) or member.DisplayName
            yield Sender(
                addresses=addresses,
                name=name or UNSET,
                role="owner" if member.IsSuperAdmin else "admin" if member.IsAdmin else "",
            )
