"""What became of messages we sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Raw

from jackfield.channel import (
    Address,
    AnyEvent,
    ConversationId,
    Delete,
    Failure,
    Receipt,
    ReceiptLevel,
)
from jackfield_whatsapp_api.errors import failure
from jackfield_whatsapp_api.ids import group_of, make_conversation, make_message
from jackfield_whatsapp_api.payload import Node, Odd, is_node, listed, name, need_id, node, raw, text, when

from .ground import Ground, txn_of

LEVELS: Mapping[str, ReceiptLevel] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "played": "played",
    "failed": "failed",
}
KEPT = ("pricing", "conversation", "errors", "message_status")  # stored verbatim, never computed from


def status(item: Node, ground: Ground) -> Iterable[AnyEvent]:
    """Raises Odd for a status that says nothing of a message: without an id, or of an unknown kind."""
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


def _detail(item: Node) -> Raw:
    kept = {key: item[key] for key in KEPT if item.get(key) is not None}
    return raw(kept) if kept else Raw(b"null")
