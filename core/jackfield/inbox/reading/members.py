"""Who is in a group: as the network names them, and as the contacts they are, where they have written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Sequence

from msgspec import UNSET

from jackfield.channel import Address, Sender
from jackfield.ids import read
from jackfield.inbox.addresses import best_shown
from jackfield.inbox.columns import MEMBERS, many
from jackfield.inbox.views import maybe
from jackfield.store.rows import ContactRow, ConversationRow, IdentityRow
from jackfield.store.store import Store
from jackfield.wire.views import MemberView

from . import conversations


async def of(store: Store, workspaces: Container[int], conv: str) -> list[MemberView]:
    """Nobody for a conversation that is no group. Raises NotFound."""
    workspace, view = await conversations.one(store, workspaces, conv)
    (row,) = await store.rows(ConversationRow, "WHERE id = $1", read("c", view.id))
    members = many(MEMBERS, row.members)
    people = await _people(store, workspace, [one for member in members for one in member.addresses])
    return [_view(member, people) for member in members]


async def _people(store: Store, workspace: int, addresses: Sequence[Address]) -> dict[Address, ContactRow]:
    """The contacts behind addresses."""
    values: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for address in addresses:
        values[address.kind, address.scope].append(address.value)
    sql = f"WHERE workspace_id = $1 AND kind = $2 AND scope = $3 AND {store.any('value', '$4')}"
    identities = [
        identity
        for (kind, scope), wanted in values.items()
        for identity in await store.rows(IdentityRow, sql, workspace, kind, scope, wanted)
    ]
    numbers = sorted({one.contact_id for one in identities})
    rows = await store.rows(ContactRow, f"WHERE {store.any('id', '$1')}", numbers)
    contacts = {row.id: row for row in rows}
    return {
        Address(kind=one.kind, scope=one.scope, value=one.value): contacts[one.contact_id]
        for one in identities
        if one.contact_id in contacts
    }


def _view(member: Sender, people: dict[Address, ContactRow]) -> MemberView:
    contact = next((people[one] for one in member.addresses if one in people), None)
    name = "" if member.name is UNSET else member.name
    return MemberView(
        name=contact.name if contact is not None and contact.name else name,
        shown=best_shown(member.addresses),
        role=member.role,
        contact=None if contact is None else maybe("p", contact.id),
        avatar=None if contact is None else maybe("f", contact.avatar),
    )
