"""Conversations that the provider's own agent holds: what was said meanwhile, and who took over."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Literal

from jackfield.channel import AnyEvent, ConversationInfo, Message, System
from jackfield_whatsapp_api.ids import make_message
from jackfield_whatsapp_api.payload import Node, Odd, is_node, listed, name, node, raw, text, when

from .ground import Ground, each, unknown
from .messages import echoed, inbound, spoken
from .statuses import status

Holder = Literal["", "agent"]

TURNS = ("control_passed", "control_taken")
LINES: Mapping[Holder, str] = {"": "control_passed", "agent": "control_taken"}
"""Who answers from now on → the words of the catalogue."""


def standby(value: Node, ground: Ground) -> Iterator[AnyEvent]:
    """The field `standby`: the usual lists, one level deeper."""
    nested = value.get("standby")
    for said in listed(nested) if nested is not None else (value,):
        if not is_node(said):
            yield unknown("standby", said, ground, "not an object")
            continue
        yield from each("standby.messages", said.get("messages"), ground, _overheard)
        yield from each("standby.message_echoes", said.get("message_echoes"), ground, _agent)
        yield from each("standby.statuses", said.get("statuses"), ground, status)


def _overheard(item: Node, ground: Ground) -> Iterator[AnyEvent]:
    """What comes this way is the agent's to answer."""
    for event in inbound(item, ground):
        yield event
        if isinstance(event, Message) and not event.group:
            yield ConversationInfo(at=event.at, conversation=event.conversation, group=False, holder="agent")


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
    at, holder = when(item.get("timestamp"), ground.at), held_by(turn, roles)
    own = "news." + hashlib.sha256(bytes(raw(item))).hexdigest()[:40]
    yield Message(
        at=at,
        conversation=who.conversation(),
        id=make_message(own),
        sender=who.sender(ground.account.scope),
        parts=(System(code=LINES[holder], data=roles),),
    )
    yield ConversationInfo(at=at, conversation=who.conversation(), group=False, holder=holder)


def held_by(turn: str, roles: Mapping[str, str]) -> Holder:
    """Who answers after a turn: as the new owner's role says, else not who answered before. Where no
    role is said, what is passed is passed to us, and what is taken is taken from us."""
    said = {key.partition("_")[0]: role for key, role in roles.items() if key.endswith("role")}
    if role := said.get("new"):
        return "agent" if "agent" in role.lower() else ""
    if role := said.get("previous"):
        return "" if "agent" in role.lower() else "agent"
    return "" if turn == "control_passed" else "agent"
