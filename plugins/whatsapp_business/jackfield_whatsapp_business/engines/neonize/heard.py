"""What the engine hears, as events of the contract. Pure: one function for each kind of event.

Nothing is dropped: a message of a kind that is not known has an opaque part, and what concerns nobody
(keys that are shared, settings) is left out by name.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
# (the package's stubs name their neighbours by paths that are not there)
from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast

from msgspec import UNSET
from neonize.proto import Neonize_pb2 as neo
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message as Content
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import ProtocolMessage

from jackfield.channel import (
    AnyEvent,
    Call,
    ConversationInfo,
    Delete,
    Edit,
    Message,
    MessageId,
    Part,
    Reaction,
    Receipt,
    ReceiptLevel,
    Referral,
    SamePerson,
    Sender,
    System,
    Typing,
    Unsupported,
)
from jackfield_whatsapp_business.ids import Peer, make_conversation, make_message

from .content import part_of, raw_of
from .people import Said, peer_of, people, said

QUIET = frozenset({"senderKeyDistributionMessage", "messageContextInfo"})
"""Fields that say nothing to a person."""

_OUR_BUSINESS = frozenset(
    {
        ProtocolMessage.APP_STATE_SYNC_KEY_SHARE,
        ProtocolMessage.APP_STATE_SYNC_KEY_REQUEST,
        ProtocolMessage.APP_STATE_FATAL_EXCEPTION_NOTIFICATION,
        ProtocolMessage.HISTORY_SYNC_NOTIFICATION,
        ProtocolMessage.INITIAL_SECURITY_NOTIFICATION_SETTING_SYNC,
        ProtocolMessage.PEER_DATA_OPERATION_REQUEST_MESSAGE,
        ProtocolMessage.PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE,
        ProtocolMessage.LID_MIGRATION_MAPPING_SYNC,
    }
)
"""Between the phone and its companions."""

_LEVELS: dict[int, ReceiptLevel] = {1: "delivered", 4: "read", 6: "played"}
"""Kinds of receipts that say how far a message of ours got: DELIVERED, READ, PLAYED."""

READ_ON_THE_PHONE = 5


def message(heard: neo.Message) -> Iterator[AnyEvent]:
    """A message, or what a message does to another one."""
    info: neo.MessageInfo = heard.Info
    content = cast("Content", heard.Message)  # the package's stubs lose its type
    where = said(info.MessageSource, info.Pushname)
    if where is None:
        return
    at = moment(info.Timestamp)
    yield from _same_person(info.MessageSource, at)
    protocol: ProtocolMessage | None = (
        content.protocolMessage if content.HasField("protocolMessage") else None
    )
    number = make_message(where.chat, info.ID)
    conversation = make_conversation(where.chat)
    if protocol is not None and protocol.type in _OUR_BUSINESS:
        return
    if heard.IsEdit or (protocol is not None and protocol.type == ProtocolMessage.MESSAGE_EDIT):
        edited = protocol.editedMessage if protocol is not None else content
        target = _target(where, protocol.key.ID if protocol is not None else info.ID)
        yield Edit(at=at, conversation=conversation, target=target, parts=(part_of(edited),), id=number)
    elif protocol is not None and protocol.type == ProtocolMessage.REVOKE:
        target = _target(where, protocol.key.ID)
        yield Delete(at=at, conversation=conversation, target=target, id=number)
    elif content.HasField("reactionMessage"):
        reaction = content.reactionMessage
        yield Reaction(
            at=at,
            conversation=conversation,
            target=_target(where, reaction.key.ID),
            sender=where.sender,
            emoji=reaction.text,
            id=number,
        )
    elif not _quiet(content):
        part = _protocol_part(protocol) if protocol is not None else part_of(content)
        yield _said(where, number, at, content, part)


def undecryptable(heard: neo.UndecryptableMessage) -> Iterator[AnyEvent]:
    """The phone has it and companions do not: media to be viewed once, or a message without its keys."""
    where = said(heard.Info.MessageSource, heard.Info.Pushname)
    if where is None:
        return
    note = "open it on the phone" if heard.IsUnavailable else "waiting for this message"
    part = Unsupported(kind="view_once" if heard.IsUnavailable else "undecryptable", note=note)
    number = make_message(where.chat, heard.Info.ID)
    yield _said(where, number, moment(heard.Info.Timestamp), Content(), part)


def receipt(heard: neo.Receipt) -> Iterator[AnyEvent]:
    """How far messages of ours got. READ_SELF is the owner's reading on the phone: see read_on_phone()."""
    where = said(heard.MessageSource)
    level = _LEVELS.get(heard.Type)
    if where is None or level is None:
        return
    yield Receipt(
        at=moment(heard.Timestamp),
        targets=tuple(make_message(where.chat, number) for number in heard.MessageIDs),
        level=level,
        conversation=make_conversation(where.chat),
        person=where.sender.addresses,
    )


def typing(heard: neo.ChatPresence, now: datetime) -> Iterator[AnyEvent]:
    where = said(heard.MessageSource)
    if where is None or where.sender.from_me:
        return
    paused, audio = heard.State == neo.ChatPresence.PAUSED, heard.Media == neo.ChatPresence.AUDIO
    yield Typing(
        at=now,
        conversation=make_conversation(where.chat),
        sender=where.sender,
        mode="stopped" if paused else "recording" if audio else "typing",
    )


def call(heard: Any, outcome: str) -> Iterator[AnyEvent]:
    """A call offered or ended: a companion can only say that there was one."""
    meta = heard.basicCallMeta
    caller = people(getattr(meta, "from"), meta.callCreator, meta.callCreatorAlt)
    chat = next(
        (Peer(one.value, "lid") for one in caller if one.kind == "lid"), peer_of(getattr(meta, "from"))
    )
    if chat is None:
        return
    part = Call(id=meta.callID, outcome="ringing" if outcome == "offer" else "missed")
    yield Message(
        at=moment(meta.timestamp),
        conversation=make_conversation(chat),
        id=make_message(chat, f"call-{meta.callID}-{outcome}"),
        sender=Sender(addresses=caller),
        parts=(part,),
    )


def group(heard: neo.GroupInfoEvent) -> Iterator[AnyEvent]:
    """A group's name, its description, and who came and went."""
    chat = peer_of(heard.JID)
    if chat is None:
        return
    at, conversation = moment(heard.Timestamp), make_conversation(chat)
    if heard.HasField("Name"):
        yield ConversationInfo(at=at, conversation=conversation, name=heard.Name.Name)
    if heard.HasField("Topic"):
        yield ConversationInfo(at=at, conversation=conversation, about=heard.Topic.Topic)
    moves = (
        ("group_joined", "added", heard.Join),
        ("group_left", "removed", heard.Leave),
        ("group_promoted", "who", heard.Promote),
        ("group_demoted", "who", heard.Demote),
    )
    for code, named, members in moves:
        for place, member in enumerate(members):
            who = people(member)
            shown = who[0].value if who else member.User
            yield Message(
                at=at,
                conversation=conversation,
                id=make_message(chat, f"{code}-{heard.Timestamp}-{place}-{member.User}"),
                sender=Sender(addresses=people(heard.Sender))
                if people(heard.Sender)
                else Sender(from_me=True),
                parts=(System(code=code, data={named: shown}),),
                group=True,
            )


def group_members(info: neo.GroupInfo, at: datetime) -> ConversationInfo | None:
    """All that the engine knows of a group."""
    chat = peer_of(info.JID)
    if chat is None:
        return None
    members = tuple(
        Sender(addresses=addresses, name=member.DisplayName or UNSET)
        for member in info.Participants
        if (addresses := people(member.LID, member.JID, member.PhoneNumber))
    )
    return ConversationInfo(
        at=at,
        conversation=make_conversation(chat),
        name=info.GroupName.Name,
        about=info.GroupTopic.Topic,
        members=members,
    )


def moment(seconds: int) -> datetime:
    """The engine says seconds; where it says milliseconds (some versions do), that is taken off."""
    return datetime.fromtimestamp(seconds / 1000 if seconds > 1 << 40 else seconds, UTC)


def _said(where: Said, number: MessageId, at: datetime, content: Content, part: Part) -> Message:
    context = _context(content)
    quoted = context.stanzaID if context is not None else ""
    return Message(
        at=at,
        conversation=make_conversation(where.chat),
        id=number,
        sender=where.sender,
        parts=(part,),
        group=where.group,
        reply_to=_target(where, quoted) if quoted else None,
        origin="phone" if where.sender.from_me else "person",
        forwarded=context is not None and context.isForwarded,
        referral=_referral(context),
        peer=where.other if where.sender.from_me else (),
    )


def _target(where: Said, number: str) -> MessageId:
    return make_message(where.chat, number)


def _context(content: Content) -> Any:
    """What a message answers, and where it comes from: in whichever field it has."""
    for _, value in content.ListFields():
        if hasattr(value, "contextInfo") and value.HasField("contextInfo"):
            return value.contextInfo
    return None


def _referral(context: Any) -> Referral | None:
    if context is None or not context.HasField("externalAdReply"):
        return None
    ad = context.externalAdReply
    if not (ad.sourceURL or ad.sourceID or ad.ctwaClid):
        return None
    return Referral(
        source=ad.sourceType or "ad",
        id=ad.sourceID,
        url=ad.sourceURL,
        headline=ad.title,
        body=ad.body,
        click_id=ad.ctwaClid,
    )


def _quiet(content: Content) -> bool:
    return all(field.name in QUIET for field, _ in content.ListFields())


def _protocol_part(protocol: Any) -> Part:
    if protocol.type == ProtocolMessage.EPHEMERAL_SETTING:
        return System(code="disappearing", data={"seconds": str(protocol.ephemeralExpiration)})
    whole = Content(protocolMessage=protocol)
    return Unsupported(kind="protocol", note=ProtocolMessage.Type.Name(protocol.type), raw=raw_of(whole))


def _same_person(source: neo.MessageSource, at: datetime) -> Iterator[SamePerson]:
    """A LID and a phone number beside each other are one person's; the conversation goes by the LID."""
    pair = (
        people(source.Chat, source.RecipientAlt)
        if source.IsFromMe
        else people(source.Sender, source.SenderAlt)
    )
    if len({address.kind for address in pair}) == 2:
        yield SamePerson(at=at, known_as=pair)
