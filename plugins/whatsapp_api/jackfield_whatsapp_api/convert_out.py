"""Outbound, pure: a part becomes the body of POST /{phone_number_id}/messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from jackfield.channel import (
    Call,
    Carousel,
    ChoiceMade,
    ChoiceOffered,
    Contacts,
    ConversationId,
    FormReply,
    Location,
    Media,
    MessageId,
    NotSupported,
    Order,
    Part,
    Poll,
    Product,
    Rejected,
    System,
    Template,
    Text,
    TxnId,
    Unreachable,
    Unsupported,
)

from . import limits
from .ids import parse_conversation, parse_message
from .out_cards import contact
from .out_choices import interactive
from .out_templates import template

Body = dict[str, Any]
Uploads = Mapping[str, str]
"""Files of ours that the provider has by now: our ref → its media id."""


def message(
    to: ConversationId, part: Part, txn: TxnId, *, reply_to: MessageId | None = None, uploads: Uploads
) -> Body:
    """Raises Rejected (a limit, named), NotSupported or Unreachable; nothing was sent then."""
    body = {**envelope(to), **content(part, uploads)}
    if reply_to:
        body["context"] = {"message_id": parse_message(reply_to)}
    body["biz_opaque_callback_data"] = limits.at_most("txn", txn, limits.TXN)
    return body


def reaction(to: ConversationId, target: MessageId, emoji: str) -> Body:
    """An empty emoji takes the reaction away."""
    said = {"message_id": parse_message(target), "emoji": emoji}
    return {**envelope(to), "type": "reaction", "reaction": said}


def read(upto: MessageId) -> Body:
    return {"messaging_product": "whatsapp", "status": "read", "message_id": parse_message(upto)}


def typing(upto: MessageId) -> Body:
    """The provider knows no typing without a message that is being answered, and marks it read."""
    return {**read(upto), "typing_indicator": {"type": "text"}}


def envelope(to: ConversationId) -> Body:
    """Whom it goes to, by the kind of id we know."""
    try:
        peer = parse_conversation(to)
    except ValueError as error:
        raise Rejected(str(error)) from None
    said: Body = {"messaging_product": "whatsapp", "recipient_type": "individual"}
    match peer.kind:
        case "bsuid":
            return {**said, "recipient": peer.value}
        case "phone" | "wa_id":
            return {**said, "to": peer.value}
        case "group":
            return {**said, "recipient_type": "group", "to": peer.value}
        case "unknown":
            raise Unreachable("the provider did not say who wrote this")
        case _:
            assert_never(peer.kind)


def files(part: Part) -> tuple[Media, ...]:
    """The files that must be uploaded before the part can be sent."""
    match part:
        case Media():
            return (part,)
        case Template() | ChoiceOffered():
            return (part.header_media,) if part.header_media else ()
        case _:
            return ()


def content(part: Part, uploads: Uploads) -> Body:
    """`type` and what belongs under it."""
    match part:
        case Text():
            return {"type": "text", "text": _text(part)}
        case Media():
            return _media(part, uploads)
        case Location():
            return {"type": "location", "location": _location(part)}
        case Contacts():
            limits.count("contacts", len(part.cards), limits.CONTACTS)
            return {"type": "contacts", "contacts": [contact(card) for card in part.cards]}
        case Template():
            return {"type": "template", "template": template(part, uploads)}
        case ChoiceOffered():
            return {"type": "interactive", "interactive": interactive(part, uploads)}
        case (
            ChoiceMade()
            | Product()
            | Carousel()
            | Order()
            | FormReply()
            | Poll()
            | Call()
            | System()
            | Unsupported()
        ):
            raise NotSupported(f"a part of type {part.__struct_config__.tag} cannot be sent on WhatsApp")
        case _:
            assert_never(part)


def _text(part: Text) -> Body:
    body = limits.some("text", part.body, limits.TEXT)
    return {"body": body, "preview_url": "https://" in body or "http://" in body}


def _media(part: Media, uploads: Uploads) -> Body:
    allowed = limits.FILES[part.sort]
    said: Body = {"id": uploads[part.ref]}
    if part.caption:
        if not allowed.caption:
            raise Rejected(f"{part.sort}: a caption is not allowed")
        said["caption"] = limits.at_most("caption", part.caption, allowed.caption)
    if part.sort == "document" and part.name:
        said["filename"] = part.name
    if part.sort == "voice":
        said["voice"] = True
    return {"type": allowed.word, allowed.word: said}


def _location(part: Location) -> Body:
    if abs(part.latitude) > 90 or abs(part.longitude) > 180:
        raise Rejected("location: latitude is from -90 to 90 degrees, longitude from -180 to 180")
    said: Body = {"latitude": part.latitude, "longitude": part.longitude}
    said |= {key: value for key, value in (("name", part.name), ("address", part.address)) if value}
    return said
