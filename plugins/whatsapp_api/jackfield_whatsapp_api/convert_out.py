"""Outbound, pure: a part becomes the body of POST /{phone_number_id}/messages."""

from __future__ import annotations

from typing import Any, assert_never

from msgspec import UNSET

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

from . import limits, out_files
from .errors import NeedsPhone
from .ids import Peer, parse_conversation, parse_message
from .out_cards import contact, place
from .out_choices import interactive
from .out_files import Uploads
from .out_products import carousel, products
from .out_templates import template

Body = dict[str, Any]

MARKETING = "marketing_messages"
"""The edge for templates of this category, of accounts that have it; everything else goes to MESSAGES."""
MESSAGES = "messages"


def message(
    to: ConversationId, part: Part, txn: TxnId, *, reply_to: MessageId | None = None, uploads: Uploads
) -> Body:
    """Raises Rejected (a limit, named), NotSupported or Unreachable; nothing was sent then."""
    said = envelope(to)
    _fits(parse_conversation(to), part)
    body = {**said, **content(part, uploads)}
    if reply_to:
        body["context"] = {"message_id": parse_message(reply_to)}
    body["biz_opaque_callback_data"] = limits.at_most("txn", txn, limits.TXN)
    return body


def reaction(to: ConversationId, target: MessageId, emoji: str) -> Body:
    """An empty emoji takes the reaction away."""
    said = {"message_id": parse_message(target), "emoji": emoji}
    return {**envelope(to), "type": "reaction", "reaction": said}


def pin(to: ConversationId, target: MessageId, days: int) -> Body:
    """Keep a message at the head of a group for so many days; 0 takes it down."""
    said = envelope(to)
    if said["recipient_type"] != "group":
        raise NotSupported("only groups pin messages")
    if not 0 <= days <= limits.PIN_DAYS:
        raise Rejected(f"pin: {days} days, from 1 to {limits.PIN_DAYS} are allowed")
    what: Body = {"type": "pin" if days else "unpin", "message_id": parse_message(target)}
    return {**said, "type": "pin", "pin": {**what, "expiration_days": days} if days else what}


def edge(part: Part, *, marketing: bool) -> str:
    """Where a part goes to. `marketing`: the account sends its marketing over the API made for it."""
    wanted = marketing and isinstance(part, Template) and part.category.lower() == "marketing"
    return MARKETING if wanted else MESSAGES


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


def _fits(peer: Peer, part: Part) -> None:
    """What the kind of recipient rules out, whatever is in the part."""
    if peer.kind == "group" and not isinstance(part, Text | Media | Template):
        raise NotSupported("a group takes texts, files and templates")
    if isinstance(part, Template) and part.category.lower() == "authentication":
        if peer.kind == "group":
            raise NotSupported("a group takes no authentication templates")
        if peer.kind == "bsuid":
            raise NeedsPhone("an authentication template is sent to a phone number, not to a BSUID")


def content(part: Part, uploads: Uploads) -> Body:
    """`type` and what belongs under it."""
    match part:
        case Text():
            kind, said = "text", _text(part)
        case Media():
            kind, said = out_files.message(part, uploads)
        case Location():
            kind, said = "location", place(part)
        case Contacts():
            limits.count("contacts", len(part.cards), limits.CONTACTS)
            return {"type": "contacts", "contacts": [contact(card) for card in part.cards]}
        case Template():
            kind, said = "template", template(part, uploads)
        case ChoiceOffered():
            kind, said = "interactive", interactive(part, uploads)
        case Product():
            kind, said = "interactive", products(part)
        case Carousel():
            kind, said = "interactive", carousel(part, uploads)
        case ChoiceMade() | Order() | FormReply() | Poll() | Call() | System() | Unsupported():
            raise NotSupported(f"a part of type {part.__struct_config__.tag} cannot be sent on WhatsApp")
        case _:
            assert_never(part)
    return {"type": kind, kind: said}


def _text(part: Text) -> Body:
    body = limits.some("text", part.body, limits.TEXT)
    linked = "https://" in body or "http://" in body
    return {"body": body, "preview_url": linked if part.preview is UNSET else part.preview}
