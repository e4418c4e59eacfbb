"""Calls: one message per call, corrected when the call ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from jackfield.channel import AnyEvent, Call, Edit, Message
from jackfield_whatsapp_api.ids import make_message
from jackfield_whatsapp_api.payload import Node, listed, name, need_id, number, when

from .ground import Ground, txn_of
from .messages import Said, echoed, heard

Outcome = Literal["ringing", "answered", "missed", "rejected", "failed", "ended"]

STATUSES: Mapping[str, Outcome] = {
    "RINGING": "ringing",
    "ACCEPTED": "answered",
    "REJECTED": "rejected",
    "MISSED": "missed",
    "NO_ANSWER": "missed",
}


def call(item: Node, ground: Ground) -> Iterator[AnyEvent]:
    """One of `calls`: it begins (connect) or is over (terminate)."""
    ours = item.get("direction") == "BUSINESS_INITIATED"
    said = echoed(item, ground, origin="api") if ours else heard(item, ground)
    yield from _told(item, said, ground, _outcome(item, ours), number(item.get("duration")))


def call_status(item: Node, ground: Ground) -> Iterator[AnyEvent]:
    """One of `statuses` of the field `calls`: a call of ours rings, is accepted or refused."""
    to = {"to": item.get("recipient_id"), "to_user_id": item.get("recipient_user_id")}
    outcome = STATUSES.get(name(item.get("status")).upper(), "failed")
    yield from _told(item, echoed(to, ground, origin="api"), ground, outcome, None)


def _told(
    item: Node, said: Said, ground: Ground, outcome: Outcome, duration: float | None
) -> Iterator[AnyEvent]:
    """Whichever news of a call comes first makes its message; later ones correct it."""
    own, at, txn = need_id(item), when(item.get("timestamp"), ground.at), txn_of(item)
    parts = (Call(id=own, outcome=outcome, duration=duration),)
    yield Message(
        at=at,
        conversation=said.conversation,
        id=make_message(own),
        sender=said.sender,
        parts=parts,
        group=said.group,
        txn=txn,
        origin=said.origin,
        peer=said.peer,
    )
    if outcome != "ringing":
        yield Edit(at=at, conversation=said.conversation, target=make_message(own), parts=parts)


def _outcome(item: Node, ours: bool) -> Outcome:
    if name(item.get("event")).lower() != "terminate":
        return "ringing"
    said = name(item.get("status")).upper()
    if said in STATUSES:
        return STATUSES[said]
    if said == "COMPLETED" or number(item.get("duration")):
        return "ended"
    return "failed" if ours or listed(item.get("errors")) else "missed"
