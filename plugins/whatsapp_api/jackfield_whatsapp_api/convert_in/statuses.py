"""What became of messages we sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from msgspec import Raw

from jackfield.channel import (
    Address,
    AnyEvent,
    Charge,
    ConversationId,
    Delete,
    Failure,
    Receipt,
    ReceiptLevel,
)
from jackfield_whatsapp_api.errors import failure
from jackfield_whatsapp_api.ids import group_of, make_conversation, make_message
from jackfield_whatsapp_api.payload import (
    Node,
    Odd,
    is_node,
    listed,
    name,
    need_id,
    node,
    raw,
    text,
    when,
    whole,
)

from .ground import Ground, txn_of
from .payments import payment

LEVELS: Mapping[str, ReceiptLevel] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "played": "played",
    "failed": "failed",
}
LATEST = 1 << 33  # seconds: later is no moment anybody means
FREE_ORIGINS = frozenset({"referral_conversion", "free_entry_point"})  # before and since 2025
KEPT = ("pricing", "conversation", "errors", "message_status")  # stored verbatim, never computed from


def status(item: Node, ground: Ground) -> Iterable[AnyEvent]:
    """Raises Odd for a status that says nothing of a message: without an id, or of an unknown kind."""
    if name(item.get("type")) == "payment":
        return payment(item, ground)
    own, said, at = need_id(item), name(item.get("status")).lower(), when(item.get("timestamp"), ground.at)
    conversation, person = recipient(item, ground)
    if said == "deleted" and conversation:
        return (Delete(at=at, conversation=conversation, target=make_message(own)),)
    level = LEVELS.get(said)
    if level is None:
        raise Odd(f"status {said!r} is not known" if said else "status is missing")
    receipt = Receipt(
        at=at,
        targets=(make_message(own),),
        level=level,
        conversation=conversation,
        person=person,
        failure=_failure(item) if level == "failed" else None,
        txn=txn_of(item),
        charge=_charge(item),
        free_until=_free_until(item),
        detail=_detail(item),
    )
    return (receipt,)


def recipient(item: Node, ground: Ground) -> tuple[ConversationId | None, tuple[Address, ...]]:
    """Which conversation, and who in it. In a group the person is a participant."""
    scope = ground.account.scope
    to, user, participant = (
        item.get("recipient_id"),
        item.get("recipient_user_id"),
        (item.get("recipient_participant_id"), item.get("recipient_participant_user_id")),
    )
    group = group_of(text(to)) if item.get("recipient_type") == "group" else None
    if group:
        someone = ground.book.person(*participant) if any(participant) else None
        return make_conversation(group), someone.addresses(scope) if someone and someone.peers else ()
    parent = item.get("recipient_parent_user_id") or item.get("parent_recipient_user_id")
    person = ground.book.person(to, user, parent)
    return (person.conversation(), person.addresses(scope)) if person.peers else (None, ())


def _failure(item: Node) -> Failure:
    for error in listed(item.get("errors")):
        if is_node(error):
            return failure(error)
    return failure(node(None))


def _charge(item: Node) -> Charge | None:
    pricing = node(item.get("pricing"))
    if not pricing:
        return None
    billable = pricing.get("billable")
    return Charge(
        category=name(pricing.get("category")),
        type=name(pricing.get("type")),
        billable=billable if isinstance(billable, bool) else None,
    )


def _free_until(item: Node) -> datetime | None:
    """The end of a free entry point: the only conversation the provider still names beside a status."""
    conversation = node(item.get("conversation"))
    origin = name(node(conversation.get("origin")).get("type"))
    until = whole(conversation.get("expiration_timestamp"))
    if origin not in FREE_ORIGINS or until is None or not 0 < until < LATEST:
        return None
    return datetime.fromtimestamp(until, UTC)


def _detail(item: Node) -> Raw:
    kept = {key: item[key] for key in KEPT if item.get(key) is not None}
    return raw(kept) if kept else Raw(b"null")
