"""Who is who in one change: BSUID first, phone beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import UNSET, Struct, UnsetType

from jackfield.channel import Address, ConversationId, Sender
from jackfield_whatsapp_api.ids import UNKNOWN, Peer, PeerKind, Scope, address_of, make_conversation, peer_of
from jackfield_whatsapp_api.payload import listed, node, text

RANK: tuple[PeerKind, ...] = ("bsuid", "phone", "wa_id", "group", "unknown")


class Person(Struct, frozen=True, kw_only=True):
    """One person as far as a payload says. `peers` strongest first; none where nothing is known."""

    peers: tuple[Peer, ...] = ()
    name: str | UnsetType = UNSET
    username: str = ""

    def conversation(self) -> ConversationId:
        return make_conversation(self.peers[0] if self.peers else UNKNOWN)

    def addresses(self, scope: Scope) -> tuple[Address, ...]:
        return tuple(address_of(peer, scope) for peer in self.peers or (UNKNOWN,))

    def sender(self, scope: Scope) -> Sender:
        return Sender(addresses=self.addresses(scope), name=self.name)


class Book(Struct, frozen=True, kw_only=True):
    """The `contacts` of one change."""

    scope: Scope = Scope("")
    people: tuple[Person, ...] = ()

    @classmethod
    def read(cls, contacts: object, scope: Scope) -> Book:
        return cls(scope=scope, people=tuple(_listed_people(contacts)))

    def person(self, wa_id: object = None, user_id: object = None, parent: object = None) -> Person:
        """The person with these ids, with what the contacts add. No id at all: the only contact there is."""
        said = person(wa_id=wa_id, user_id=user_id, parent=parent)
        if not said.peers:
            return self.people[0] if len(self.people) == 1 else said
        return _merged(said, self._known(said))

    def _known(self, said: Person) -> Person | None:
        for peer in said.peers:  # strongest first
            for known in self.people:
                if peer in known.peers:
                    return known
        return None


def person(*, wa_id: object = None, user_id: object = None, parent: object = None) -> Person:
    """A person from loose values. The BSUID at the parent portfolio counts only if there is nothing else."""
    found = [peer for peer in (_bsuid(user_id), peer_of(text(wa_id))) if peer]
    last = _bsuid(parent)
    return Person(peers=ranked(found or ([last] if last else [])))


def _bsuid(value: object) -> Peer | None:
    peer = peer_of(value) if isinstance(value, str) else None
    return peer if peer and peer.kind == "bsuid" else None


def ranked(peers: Iterable[Peer]) -> tuple[Peer, ...]:
    """Each once, strongest first."""
    return tuple(sorted(dict.fromkeys(peers), key=lambda peer: RANK.index(peer.kind)))


def _listed_people(contacts: object) -> Iterator[Person]:
    for item in listed(contacts):
        contact = node(item)
        profile = node(contact.get("profile"))
        said = person(
            wa_id=contact.get("wa_id"), user_id=contact.get("user_id"), parent=contact.get("parent_user_id")
        )
        label = profile.get("name")
        if said.peers:
            yield Person(
                peers=said.peers,
                name=label if isinstance(label, str) else UNSET,
                username=text(profile.get("username")) or text(contact.get("username")),
            )


def _merged(said: Person, known: Person | None) -> Person:
    """What the item says, filled up from the contact. Two different BSUIDs are two people: not merged."""
    if known is None or _disagree(said, known):
        return said
    return Person(
        peers=ranked((*said.peers, *known.peers)),
        name=known.name,
        username=known.username,
    )


def _disagree(one: Person, other: Person) -> bool:
    """Whether they have an address of the same kind with different values."""
    theirs = {peer.kind: peer.value for peer in other.peers}
    return any(theirs.get(peer.kind, peer.value) != peer.value for peer in one.peers)
