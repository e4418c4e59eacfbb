"""What became of a payment that was asked for in the chat: a line in the conversation."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from jackfield.channel import AnyEvent, Message, System
from jackfield_whatsapp_api.ids import make_message
from jackfield_whatsapp_api.payload import Node, name, node, number, raw, text, when

from .ground import Ground

CODES: Mapping[str, str] = {
    "new": "payment_pending",
    "pending": "payment_pending",
    "captured": "payment_captured",
    "failed": "payment_failed",
    "canceled": "payment_canceled",
}
OTHER = "payment_changed"
OFFSETS = (1, 10, 100, 1000, 10_000)  # parts of a unit


def payment(item: Node, ground: Ground) -> Iterator[AnyEvent]:
    """A status of the type `payment`: about the order, not about how far its message got."""
    to = ground.book.person(item.get("recipient_id"), item.get("recipient_user_id"))
    own = "news." + hashlib.sha256(bytes(raw(item))).hexdigest()[:40]
    yield Message(
        at=when(item.get("timestamp"), ground.at),
        conversation=to.conversation(),
        id=make_message(own),
        sender=to.sender(ground.account.scope),
        parts=(System(code=CODES.get(name(item.get("status")).lower(), OTHER), data=_data(item)),),
    )


def _data(item: Node) -> dict[str, str]:
    said = node(item.get("payment"))
    transaction = node(said.get("transaction"))
    price = " ".join(filter(None, (amount(node(said.get("amount"))), text(said.get("currency")))))
    found = {
        "payment": price or text(said.get("reference_id")) or "?",
        "reference": text(said.get("reference_id")),
        "transaction": text(transaction.get("id")),
        "provider": text(transaction.get("type")),
        "reason": text(node(said.get("error")).get("reason")),
    }
    return {key: value for key, value in found.items() if value}


def amount(said: Node) -> str:
    """A value in parts of a unit as a decimal: 21000 with the offset 100 is 210.00."""
    value, offset = number(said.get("value")), number(said.get("offset"))
    if value is None or offset not in OFFSETS:
        return ""
    return f"{value / offset:.{OFFSETS.index(int(offset))}f}"
