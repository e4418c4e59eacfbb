"""What we say, as the engine's message classes. Pure: files are uploaded before, and given here."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# (the package's stubs name their neighbours by paths that are not there)
from __future__ import annotations

from typing import Any, NamedTuple, assert_never

from neonize.proto.waCommon.WACommon_pb2 import MessageKey
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import (
    AudioMessage,
    ContactMessage,
    ContactsArrayMessage,
    ContextInfo,
    DocumentMessage,
    ExtendedTextMessage,
    ImageMessage,
    LocationMessage,
    Message,
    ProtocolMessage,
    ReactionMessage,
    StickerMessage,
    VideoMessage,
)

from jackfield.channel import (
    Card,
    Contacts,
    Labelled,
    Location,
    Media,
    Rejected,
    Text,
)
from jackfield_whatsapp_business.ids import MediaKind, Named
from jackfield_whatsapp_business.sayable import Sayable


class Uploaded(NamedTuple):
    """A file as the network keeps it."""

    url: str
    path: str
    key: bytes
    plain: bytes
    sealed: bytes
    size: int


def kind_of(media: Media) -> MediaKind:
    """What the network calls a file of this sort, as it seals it."""
    match media.sort:
        case "image" | "sticker":
            return "image"
        case "video" | "gif" | "round":
            return "video"
        case "audio" | "voice":
            return "audio"
        case "document":
            return "document"
        case _:
            assert_never(media.sort)


def content(part: Sayable, file: Uploaded | None, answers: Named | None, author: str) -> Message:
    """`answers`: the message this is a reply to, and `author` who wrote it (an address, "" for ourselves).

    Raises Rejected: a file without its bytes.
    """
    context = _context(answers, author)
    match part:
        case Text():
            return _text(part.body, context)
        case Media():
            if file is None:
                raise Rejected("the file was not handed over")
            return _media(part, file, context)
        case Location():
            place = LocationMessage(
                degreesLatitude=part.latitude,
                degreesLongitude=part.longitude,
                name=part.name,
                address=part.address,
                contextInfo=context,
            )
            return Message(locationMessage=place)
        case Contacts():
            return _contacts(part, context)
        case _:
            assert_never(part)


def reaction(target: Named, *, ours: bool, author: str, emoji: str, at_ms: int) -> Message:
    """An empty emoji takes it away. `author`: who wrote it, in a group."""
    said = ReactionMessage(key=_key(target, ours=ours, author=author), text=emoji, senderTimestampMS=at_ms)
    return Message(reactionMessage=said)


def edit(target: Named, text: str, *, at_ms: int) -> Message:
    changed = ProtocolMessage(
        key=_key(target, ours=True, author=""),
        type=ProtocolMessage.MESSAGE_EDIT,
        editedMessage=_text(text, None),
        timestampMS=at_ms,
    )
    return Message(protocolMessage=changed)


def revoke(target: Named) -> Message:
    gone = ProtocolMessage(key=_key(target, ours=True, author=""), type=ProtocolMessage.REVOKE)
    return Message(protocolMessage=gone)


def vcard(card: Card) -> str:
    """A card as phones read it."""
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"N:;{_escaped(card.name)};;;", f"FN:{_escaped(card.name)}"]
    lines += [f"TEL{_type(one)}{_waid(one)}:{_escaped(one.value)}" for one in card.phones]
    lines += [f"EMAIL{_type(one)}:{_escaped(one.value)}" for one in card.emails]
    lines += [f"URL:{_escaped(one.value)}" for one in card.urls]
    lines += [f"ADR{_type(one)}:;;{_escaped(one.value)};;;;" for one in card.addresses]
    given = (("ORG", card.organisation), ("TITLE", card.title), ("BDAY", card.birthday))
    lines += [f"{key}:{_escaped(value)}" for key, value in given if value]
    return "\n".join([*lines, "END:VCARD"])


def _text(body: str, context: ContextInfo | None) -> Message:
    if context is None:
        return Message(conversation=body)
    return Message(extendedTextMessage=ExtendedTextMessage(text=body, contextInfo=context))


def _media(part: Media, file: Uploaded, context: ContextInfo | None) -> Message:
    stored: dict[str, Any] = {
        "URL": file.url,
        "directPath": file.path,
        "mediaKey": file.key,
        "fileSHA256": file.plain,
        "fileEncSHA256": file.sealed,
        "fileLength": file.size,
        "mimetype": part.mime,
        "contextInfo": context,
    }
    box: dict[str, Any] = {"width": part.width or 0, "height": part.height or 0}
    seconds = round(part.duration or 0)
    match part.sort:
        case "image":
            return Message(imageMessage=ImageMessage(caption=part.caption, **box, **stored))
        case "sticker":
            return Message(stickerMessage=StickerMessage(**box, **stored))
        case "round":
            return Message(ptvMessage=VideoMessage(seconds=seconds, **box, **stored))
        case "video" | "gif":
            film = VideoMessage(
                caption=part.caption, seconds=seconds, gifPlayback=part.sort == "gif", **box, **stored
            )
            return Message(videoMessage=film)
        case "audio" | "voice":
            return Message(audioMessage=AudioMessage(PTT=part.sort == "voice", seconds=seconds, **stored))
        case "document":
            said = DocumentMessage(caption=part.caption, fileName=part.name, title=part.name, **stored)
            return Message(documentMessage=said)
        case _:
            assert_never(part.sort)


def _contacts(part: Contacts, context: ContextInfo | None) -> Message:
    cards = [ContactMessage(displayName=card.name, vcard=vcard(card)) for card in part.cards]
    if len(cards) == 1:
        cards[0].contextInfo.CopyFrom(context or ContextInfo())
        return Message(contactMessage=cards[0])
    shown = ", ".join(card.name for card in part.cards)
    many = ContactsArrayMessage(displayName=shown, contacts=cards, contextInfo=context)
    return Message(contactsArrayMessage=many)


def _context(answers: Named | None, author: str) -> ContextInfo | None:
    if answers is None:
        return None
    return ContextInfo(
        stanzaID=answers.number,
        participant=author,
        quotedMessage=Message(conversation=""),
    )


def _key(target: Named, *, ours: bool, author: str) -> MessageKey:
    return MessageKey(
        remoteJID=str(target.chat),
        fromMe=ours,
        ID=target.number,
        participant=author if target.chat.group and not ours else "",
    )


def _type(one: Labelled) -> str:
    return f";TYPE={one.label}" if one.label.isalpha() else ""


def _waid(one: Labelled) -> str:
    digits = one.address or "".join(sign for sign in one.value if sign.isdigit())
    return f";waid={digits}" if digits else ""


def _escaped(value: str) -> str:
    for sign in ("\\", ";", ","):
        value = value.replace(sign, f"\\{sign}")
    return value.replace("\n", "\\n")
