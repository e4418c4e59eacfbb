"""People who may not write to us: the provider says of each whether it did what was asked.

Rules: Meta's page "Block users". Only who wrote within 24 hours can be blocked; at most 64,000 are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jackfield.channel import Address, BlockedPage, NotBlocked
from jackfield_whatsapp_api.errors import sentence
from jackfield_whatsapp_api.ids import Scope, address_of, peer_of
from jackfield_whatsapp_api.payload import Node, listed, node, text, whole

from .catalogue import after

PAGE = "100"
AT_ONCE = 50  # people in one call
SOME_FAILED = frozenset({139100})  # an answer with this error says of each person what was done

CODES: Mapping[int, str] = {
    131047: "block_needs_message",
    139101: "block_list_full",
    131021: "block_self",
}
"""The provider's code → our words ("error.<code>"); any other is FAILED."""
FAILED, NO_ADDRESS = "block_failed", "block_no_address"
WORDS = (*CODES.values(), FAILED, NO_ADDRESS)


def user(person: Address, scope: Scope) -> str:
    """The id the provider knows the person by; "" for one it does not take: a stranger's, a parent BSUID."""
    peer = peer_of(person.value)
    if peer is None or peer.kind != person.kind or address_of(peer, scope) != person:
        return ""
    return "" if peer.kind == "bsuid" and ".ENT." in peer.value else peer.value


def body(users: Sequence[str]) -> dict[str, Any]:
    return {"messaging_product": "whatsapp", "block_users": [{"user": one} for one in users]}


def not_done(answer: Node, people: Mapping[str, Address]) -> Iterator[NotBlocked]:
    """Those of `people` (by the id that was sent) whom the answer does not say to be done."""
    said = node(answer.get("block_users"))
    failed = {
        key: item
        for item in map(node, listed(said.get("failed_users")))
        for key in (text(item.get("input")), text(item.get("user_id")), text(item.get("wa_id")))
        if key
    }
    done = {
        key
        for name in ("added_users", "removed_users")
        for item in map(node, listed(said.get(name)))
        for key in (text(item.get("input")), text(item.get("user_id")), text(item.get("wa_id")))
        if key
    }
    for sent, person in people.items():
        names = {sent, sent.removeprefix("+")}
        if found := next((failed[name] for name in names if name in failed), None):
            yield _refused(person, found)
        elif not names & done:
            yield NotBlocked(person=person, code=FAILED)


def _refused(person: Address, item: Node) -> NotBlocked:
    error = next(map(node, listed(item.get("errors"))), node(None))
    code = CODES.get(whole(error.get("code")) or 0, FAILED)
    return NotBlocked(person=person, code=code, text=sentence(error))


def page(answer: Node, scope: Scope) -> BlockedPage:
    """Both forms the documents show: people one by one, or lists of them."""
    people: list[Address] = []
    for item in map(node, listed(answer.get("data"))):
        for said in map(node, listed(item.get("block_users")) or (item,)):
            peer = peer_of(text(said.get("user_id"))) or peer_of(text(said.get("wa_id") or said.get("input")))
            if peer:
                people.append(address_of(peer, scope))
    return BlockedPage(people=tuple(dict.fromkeys(people)), after=after(answer))
