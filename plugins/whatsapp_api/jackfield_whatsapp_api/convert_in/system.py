"""System messages: a person has another number, another id, another device."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from msgspec import structs

from jackfield.channel import AnyEvent, Message, SamePerson, System
from jackfield_whatsapp_api.ids import address_of, make_conversation, make_message
from jackfield_whatsapp_api.payload import Node, name, need_id, need_node, node, text, when

from .ground import Ground
from .people import Person, person, ranked

CODES: Mapping[str, str] = {
    "user_changed_number": "number_changed",
    "customer_changed_number": "number_changed",  # until 2023
    "user_changed_user_id": "user_id_changed",
    "customer_identity_changed": "identity_changed",
    "user_identity_changed": "identity_changed",
}


def system(item: Node, ground: Ground) -> Iterator[AnyEvent]:
    """First who is who from now on, then a line in the conversation that goes on."""
    said = need_node(item, "system")
    own, at = need_id(item), when(item.get("timestamp"), ground.at)
    was, now = _before(item, said, ground), _after(said)
    yield from same_person(was, now, ground, at=at)
    goes_on = now if now.peers else was
    code = CODES.get(name(said.get("type")), "notice")
    yield Message(
        at=at,
        conversation=goes_on.conversation(),
        id=make_message(own),
        sender=goes_on.sender(ground.account.scope),
        parts=(System(code=code, text=text(said.get("body")), data=_data(item, said)),),
    )


def same_person(was: Person, now: Person, ground: Ground, *, at: datetime) -> Iterator[SamePerson]:
    """Each address that was left, with those in its place. What was not replaced goes on beside them."""
    if not was.peers or not now.peers:
        return
    scope, kinds = ground.account.scope, {peer.kind for peer in now.peers}
    going_on = structs.replace(
        now,
        peers=ranked((*now.peers, *(peer for peer in was.peers if peer.kind not in kinds))),
    )
    left = [peer for peer in was.peers if peer not in going_on.peers]
    for old in left:
        yield SamePerson(
            at=at,
            known_as=(address_of(old, scope), *going_on.addresses(scope)),
            moved=True,
            conversation=going_on.conversation(),
            was=make_conversation(old),
        )
    if not left and len(going_on.peers) > 1:
        yield SamePerson(at=at, known_as=going_on.addresses(scope))


def _before(item: Node, said: Node, ground: Ground) -> Person:
    previous = said.get("previous_user_id") or item.get("previous_user_id")
    parent = said.get("previous_parent_user_id") or item.get("previous_parent_user_id")
    if previous or parent:
        return person(wa_id=item.get("from"), user_id=previous, parent=parent)
    if item.get("from") is None and item.get("from_user_id") is None:
        return person(wa_id=said.get("customer"))
    return ground.book.person(item.get("from"), item.get("from_user_id"), item.get("from_parent_user_id"))


def _after(said: Node) -> Person:
    return person(
        wa_id=said.get("wa_id") or said.get("new_wa_id"),
        user_id=said.get("user_id"),
        parent=said.get("parent_user_id"),
    )


def _data(item: Node, said: Node) -> dict[str, str]:
    """What else was said, for whoever looks closer."""
    found = {key: text(value) for key, value in said.items() if key not in {"body", "type"}}
    found["hash"] = text(node(item.get("identity")).get("hash")) or text(said.get("identity"))
    return {key: value for key, value in found.items() if value}
