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
    Profile,
    Reaction,
    Receipt,
    ReceiptLevel,
    Referral,
    SamePerson,
    Seen,
    Sender,
    System,
    Typing,
    Unsupported,
)
from jackfield_whatsapp_business.engines.base import Names
from jackfield_whatsapp_business.ids import Peer, make_conversation, make_message, make_picture

from .content import part_of, raw_of
from .people import Said, called, mentioning, peer_of, people, said

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

_LEVELS: dict[int, ReceiptLevel] = {1: "delivered", 4: "read", 6: "played", 9: "delivered"}
"""Kinds of receipts that say how far a message of ours got: DELIVERED, READ, PLAYED, and INACTIVE, which is
what a device says that nobody is looking at."""

_READ_ON_THE_PHONE = frozenset({5, 7})  # READ_SELF, PLAYED_SELF


def message(heard: neo.Message, names: Names) -> Iterator[AnyEvent]:
    """A message, or what a message does to another one."""
    info: neo.MessageInfo = heard.Info
    content = cast("Content", heard.Message)  # the package's stubs lose its type
    where = said(info.MessageSource, info.VerifiedName.Details.verifiedName or info.Pushname, names)
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
        yield Edit(at=at, conversation=conversation, target=target, parts=(_part(edited, names),), id=number)
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
        part = _protocol_part(protocol) if protocol is not None else _part(content, names)
        yield _said(where, number, at, content, part)


def undecryptable(heard: neo.UndecryptableMessage, names: Names) -> Iterator[AnyEvent]:
    """The phone has it and companions do not: media to be viewed once, or a message without its keys."""
    where = said(heard.Info.MessageSource, heard.Info.Pushname, names)
    if where is None:
        return
    note = "open it on the phone" if heard.IsUnavailable else "waiting for this message"
    part = Unsupported(kind="view_once" if heard.IsUnavailable else "undecryptable", note=note)
    number = make_message(where.chat, heard.Info.ID)
    yield _said(where, number, moment(heard.Info.Timestamp), Content(), part)


def receipt(heard: neo.Receipt) -> Iterator[AnyEvent]:
    """How far messages of ours got; and how far the owner has read what others wrote, on the phone."""
    where = said(heard.MessageSource)
    if where is None:
        return
    at = moment(heard.Timestamp)
    targets = tuple(make_message(where.chat, number) for number in heard.MessageIDs)
    if heard.Type in _READ_ON_THE_PHONE:
        yield Seen(at=at, conversation=make_conversation(where.chat), upto=targets)
    level = _LEVELS.get(heard.Type)
    if level is None or where.sender.from_me:
        return
    yield Receipt(
        at=at,
        targets=targets,
        level=level,
        conversation=make_conversation(where.chat),
        person=where.sender.addresses,
    )


def typing(heard: neo.ChatPresence, now: datetime, names: Names) -> Iterator[AnyEvent]:
    where = said(heard.MessageSource, names=names)
    if where is None or where.sender.from_me:
        return
    paused, audio = heard.State == neo.ChatPresence.PAUSED, heard.Media == neo.ChatPresence.AUDIO
    yield Typing(
        at=now,
        conversation=make_conversation(where.chat),
        sender=where.sender,
        mode="stopped" if paused else "recording" if audio else "typing",
    )


def call(heard: Any, outcome: str, names: Names) -> Iterator[AnyEvent]:
    """A call offered or ended: a companion can only say that there was one. Whichever comes first makes its
    message; the end corrects it."""
    meta = heard.basicCallMeta
    caller = people(getattr(meta, "from"), meta.callCreator, meta.callCreatorAlt)
    chat = next(
        (Peer(one.value, "lid") for one in caller if one.kind == "lid"), peer_of(getattr(meta, "from"))
    )
    if chat is None:
        return
    at, conversation = moment(meta.timestamp), make_conversation(chat)
    number, ringing = make_message(chat, f"call-{meta.callID}"), outcome == "offer"
    parts: tuple[Part, ...] = (Call(id=meta.callID, outcome="ringing" if ringing else "missed"),)
    yield Message(
        at=at,
        conversation=conversation,
        id=number,
        sender=Sender(addresses=caller, name=called(caller, names) or UNSET),
        parts=parts,
    )
    if not ringing:
        yield Edit(at=at, conversation=conversation, target=number, parts=parts)


def picture(heard: neo.Picture) -> Iterator[AnyEvent]:
    """Somebody, or a group, has another picture, or none any more."""
    peer = peer_of(heard.JID)
    if peer is None:
        return
    at = moment(heard.Timestamp)
    ref = "" if heard.Remove else make_picture(peer, heard.Timestamp)
    if peer.group:
        yield ConversationInfo(at=at, conversation=make_conversation(peer), avatar=ref)
    else:
        yield Profile(at=at, person=people(heard.JID), avatar=ref)


def moment(seconds: int) -> datetime:
    """The engine says seconds; where it says milliseconds (some versions do), that is taken off."""
    return datetime.fromtimestamp(seconds / 1000 if seconds > 1 << 40 else seconds, UTC)


def _part(content: Content, names: Names) -> Part:
    """What it says, with the names of those who are mentioned in it."""
    context = _context(content)
    return mentioning(part_of(content), context.mentionedJID if context is not None else (), names)


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
