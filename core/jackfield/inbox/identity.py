"""Who is who: addresses lead to contacts, and two contacts that are one person become one.

An address is learnt from whatever names it beside a known one. The strongest address decides: where a
phone number comes with an id its network issues once per person, and that id contradicts the one of
the contact who had the number, the number has a new owner and moves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from msgspec import UNSET, UnsetType

from jackfield.channel import Address
from jackfield.ids import new_id
from jackfield.store.indexes import CONTACT, CONVERSATIONS_OF, IDENTITIES_OF, IDENTITY, MERGES_INTO
from jackfield.store.rows import ContactRow, ConversationRow, IdentityRow
from jackfield.store.uow import Need, Uow

from .addresses import best_shown
from .columns import clip
from .facts import ChannelFacts, Look, one, peek
from .merging import merge, undone_between
from .views import address_of

ONCE_PER_PERSON = frozenset({"bsuid", "lid"})  # another value is another person
KIND_MAX, SCOPE_MAX, VALUE_MAX, NAME_MAX = 20, 80, 200, 300  # characters, as the columns have them


@lru_cache(maxsize=4096)  # asked at every step of taking one message in
def usable(addresses: tuple[Address, ...]) -> tuple[Address, ...]:
    """The addresses that can be kept, each once, in their order."""
    return tuple(address for address in dict.fromkeys(addresses) if _fits(address))


def _fits(address: Address) -> bool:
    return (
        0 < len(address.kind) <= KIND_MAX
        and 0 < len(address.value) <= VALUE_MAX
        and len(address.scope) <= SCOPE_MAX
        and "\x00" not in f"{address.kind}{address.scope}{address.value}"
    )


def whole(contact: int) -> Iterator[Need]:
    """All that a change to a contact touches or shows."""
    yield CONTACT(contact)
    yield IDENTITIES_OF(contact)
    yield MERGES_INTO(contact)
    yield CONVERSATIONS_OF(contact)


def identity_need(workspace: int, address: Address) -> Need:
    return IDENTITY(workspace, address.kind, address.scope, address.value)


def identity_at(uow: Uow, workspace: int, address: Address, *, look: Look = peek) -> IdentityRow | None:
    return look(uow, IDENTITY, workspace, address.kind, address.scope, address.value)


def known(uow: Uow, workspace: int, addresses: Sequence[Address], *, look: Look = one) -> list[ContactRow]:
    """The contacts these addresses lead to, strongest first, each once."""
    found: dict[int, ContactRow] = {}
    for address in addresses:
        identity = identity_at(uow, workspace, address, look=look)
        contact = identity and look(uow, CONTACT, identity.contact_id)
        if contact:
            found.setdefault(contact.id, contact)
    return list(found.values())


def is_news(
    uow: Uow,
    workspace: int,
    addresses: Sequence[Address],
    people: Sequence[ContactRow],
    name: str | UnsetType,
) -> bool:
    """Whether the addresses or the name change anything about the people they lead to."""
    if len(people) != 1 or any(identity_at(uow, workspace, address) is None for address in addresses):
        return True
    return _takes_name(people[0], name)


def resolve(
    uow: Uow,
    facts: ChannelFacts,
    addresses: tuple[Address, ...],
    *,
    name: str | UnsetType = UNSET,
    also: ContactRow | None = None,
) -> ContactRow | None:
    """The one contact of these addresses; made, completed or merged as the addresses say.

    `also`: somebody else this is known to be, whatever the addresses say. None: there is no address
    and nobody else.
    """
    addresses = usable(addresses)
    people = known(uow, facts.workspace, addresses)
    if also is not None and all(also.id != one.id for one in people):
        people.append(also)
    if not people and not addresses:
        return None
    if not is_news(uow, facts.workspace, addresses, people, name):
        return people[0]
    contact = people[0] if people and not _contradicts(uow, people[0], addresses) else None
    changed = contact is None
    if contact is None:
        contact = add_contact(uow, facts.workspace)
    for other in people:
        if other is contact or _contradicts(uow, other, addresses) or undone_between(uow, contact, other):
            continue
        contact = merge(uow, *_elder_first(contact, other), by=None).into
        changed = True
    changed |= _learn(uow, facts, contact, addresses)
    changed |= rename(uow, contact, name)
    if changed:
        refresh_conversations(uow, contact)
    return contact


def add_contact(uow: Uow, workspace: int) -> ContactRow:
    contact = ContactRow(id=new_id(), workspace_id=workspace, created_at=uow.now)
    uow.fresh(*whole(contact.id))
    return uow.add(contact)


def rename(uow: Uow, contact: ContactRow, name: str | UnsetType) -> bool:
    """Take the name the network says, unless an operator gave one. Answers whether it changed."""
    if not _takes_name(contact, name):
        return False
    uow.edit(contact).name = _clean(name)
    return True


def refresh_conversations(uow: Uow, contact: ContactRow) -> None:
    """Show a contact's name, picture and best address in his conversations. Needs whole(contact)."""
    shown = best_shown(newest_addresses(uow, contact.id))
    for conversation in uow.all(CONVERSATIONS_OF, contact.id):
        seen = (conversation.name, conversation.shown, conversation.avatar)
        if not conversation.is_group and seen != (contact.name, shown, contact.avatar):
            uow.edit(conversation)
            conversation.name, conversation.shown = contact.name, shown
            conversation.avatar = contact.avatar


def newest_addresses(uow: Uow, contact: int) -> list[Address]:
    """The addresses of a contact as far as they are loaded, what was learnt last first."""
    rows = uow.all(IDENTITIES_OF, contact) if uow.knows(IDENTITIES_OF, contact) else []
    return [address_of(row) for row in sorted(rows, key=lambda row: (-row.at, -row.id))]


def live_conversations(uow: Uow, contact: int, channel: int) -> list[ConversationRow]:
    """The direct conversations of a contact on a channel, oldest first."""
    if not uow.knows(CONVERSATIONS_OF, contact):
        return []
    rows = uow.all(CONVERSATIONS_OF, contact)
    return sorted(
        (row for row in rows if row.channel_id == channel and row.merged_into is None and not row.is_group),
        key=lambda row: row.id,
    )


def _clean(name: str | UnsetType) -> str:
    return "" if name is UNSET else clip(name.strip(), NAME_MAX)


def _takes_name(contact: ContactRow, name: str | UnsetType) -> bool:
    return name is not UNSET and contact.named_by == "network" and contact.name != _clean(name)


def _elder_first(one: ContactRow, other: ContactRow) -> tuple[ContactRow, ContactRow]:
    """Who stays, who goes: a name given by an operator weighs most, then age."""
    first, second = sorted((one, other), key=lambda row: (row.named_by != "operator", row.id))
    return first, second


def _contradicts(uow: Uow, contact: ContactRow, addresses: Sequence[Address]) -> bool:
    """Whether the addresses say that this is somebody else."""
    said: dict[tuple[str, str], set[str]] = {}
    for address in addresses:
        if address.kind in ONCE_PER_PERSON:
            said.setdefault((address.kind, address.scope), set()).add(address.value)
    if not said or not uow.knows(IDENTITIES_OF, contact.id):
        return False
    has = uow.all(IDENTITIES_OF, contact.id)
    for (kind, scope), values in said.items():
        own = {row.value for row in has if (row.kind, row.scope) == (kind, scope)}
        if own and own.isdisjoint(values):
            return True
    return False


def _learn(uow: Uow, facts: ChannelFacts, contact: ContactRow, addresses: Iterable[Address]) -> bool:
    """Put the addresses under a contact; what led to nobody else before, and what changed its owner."""
    learnt = False
    for address in addresses:
        identity = identity_at(uow, facts.workspace, address, look=one)
        if identity is None:
            uow.add(
                IdentityRow(
                    id=new_id(),
                    workspace_id=facts.workspace,
                    contact_id=contact.id,
                    kind=address.kind,
                    scope=address.scope,
                    value=address.value,
                    source=facts.source,
                    at=uow.now,
                )
            )
            learnt = True
        elif identity.contact_id != contact.id and not _kept_apart(uow, contact, identity):
            _take_over(uow, identity, contact)
            learnt = True
    return learnt


def _take_over(uow: Uow, identity: IdentityRow, contact: ContactRow) -> None:
    """The address has a new owner."""
    before = uow.one(CONTACT, identity.contact_id)
    uow.edit(identity)
    identity.contact_id, identity.at = contact.id, uow.now
    uow.place(identity)
    if before is not None:
        refresh_conversations(uow, before)


def _kept_apart(uow: Uow, contact: ContactRow, identity: IdentityRow) -> bool:
    """Whether a person took the two apart: then the network does not put them together again."""
    owner = uow.one(CONTACT, identity.contact_id)
    return owner is not None and undone_between(uow, contact, owner)
