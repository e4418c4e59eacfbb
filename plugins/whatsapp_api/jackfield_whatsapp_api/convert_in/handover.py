"""Conversations that the provider's own agent holds: what was said meanwhile, and who took over."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from jackfield.channel import AnyEvent, Message, System
from jackfield_whatsapp_api.ids import make_message
from jackfield_whatsapp_api.payload import Node, Odd, is_node, listed, name, node, raw, text, when

from .ground import Ground, each, unknown
from .messages import echoed, inbound, spoken
from .statuses import status

TURNS = {"control_passed": "control_passed", "control_taken": "control_taken"}


def standby(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    """The field `standby`: the usual lists, one level deeper."""
    nested = value.get("standby")
    for said in listed(nested) if nested is not None else (value,):
        if not is_node(said):
            yield unknown("standby", said, ground, "not an object")
            continue
        yield from each("standby.messages", said.get("messages"), ground, inbound)
        yield from each("standby.message_echoes", said.get("message_echoes"), ground, _agent)
        yield from each("standby.statuses", said.get("statuses"), ground, status)


def _agent(item: Node, ground: Ground) -> Iterator[AnyEvent]:
    return spoken(item, echoed(item, ground, origin="bot"), ground)


def handovers(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    """The field `messaging_handovers`: one turn, or a list of them under the field's own name."""
    yield from each("messaging_handovers", value.get("messaging_handovers", value), ground, _handover)


def _handover(item: Node, ground: Ground) -> Iterator[AnyEvent]:
    turn = name(item.get("type")) or next((key for key in TURNS if is_node(item.get(key))), "")
    if turn not in TURNS:
        raise Odd("neither control_passed nor control_taken")
    sender = node(item.get("sender"))
    who = ground.book.person(
        sender.get("phone_number") or sender.get("wa_id") or item.get("wa_id"),
        sender.get("user_id") or item.get("user_id"),
    )
    if not who.peers:
        raise Odd("the person is not named")
    roles = {key: text(said) for key, said in node(item.get(turn)).items() if text(said)}
    own = "news." + hashlib.sha256(bytes(raw(item))).hexdigest()[:40]
    yield Message(
        at=when(item.get("timestamp"), ground.at),
        conversation=who.conversation(),
        id=make_message(own),
        sender=who.sender(ground.account.scope),
        parts=(System(code=turn, data=roles),),
    )
