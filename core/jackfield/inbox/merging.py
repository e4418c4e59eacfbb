"""Two contacts become one, and two again: what a merge moved is kept, so that it can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec
from msgspec import Struct

from jackfield.ids import new_id
from jackfield.store.indexes import (
    CONTACT,
    CONVERSATION,
    CONVERSATIONS_OF,
    IDENTITIES_OF,
    IDENTITY_BY_ID,
    MERGE,
    MERGES_INTO,
)
from jackfield.store.rows import ContactRow, MergeRow
from jackfield.store.uow import Need, Uow

from .columns import ATTRIBUTES, to_json
from .facts import peek


class Moved(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one contact gave to another. `name`: what the other was called, and by whom, before."""

    identities: tuple[int, ...] = ()
    conversations: tuple[int, ...] = ()
    attributes: tuple[str, ...] = ()
    name: tuple[str, str] | None = None
    avatar: int | None = None


class Merged(NamedTuple):
    into: ContactRow
    row: MergeRow


_MOVED = msgspec.json.Decoder(Moved)


def merge(uow: Uow, into: ContactRow, gone: ContactRow, *, by: int | None) -> Merged:
    """Everything of `gone` goes to `into`. Needs identity.whole of both; the caller then refreshes
    the conversations' names. `by`: the operator, None where the network said that they are one."""
    identities = uow.all(IDENTITIES_OF, gone.id)
    conversations = uow.all(CONVERSATIONS_OF, gone.id)
    has, brings = ATTRIBUTES.decode(into.attributes), ATTRIBUTES.decode(gone.attributes)
    new = {key: value for key, value in brings.items() if key not in has}
    takes_name = bool(gone.name) and (
        not into.name or (gone.named_by == "operator" and into.named_by == "network")
    )
    moved = Moved(
        identities=tuple(row.id for row in identities),
        conversations=tuple(row.id for row in conversations),
        attributes=tuple(new),
        name=(into.name, into.named_by) if takes_name else None,
        avatar=gone.avatar if into.avatar is None else None,
    )
    uow.edit(into)
    into.attributes = to_json({**has, **new}) if new else into.attributes
    into.avatar = into.avatar if moved.avatar is None else moved.avatar
    if takes_name:
        into.name, into.named_by = gone.name, gone.named_by
    for identity in identities:
        uow.edit(identity).contact_id = into.id
        uow.place(identity)
    for conversation in conversations:
        uow.edit(conversation).contact_id = into.id
        uow.place(conversation)
    uow.edit(gone).merged_into = into.id
    row = MergeRow(
        id=new_id(),
        workspace_id=into.workspace_id,
        into_id=into.id,
        gone_id=gone.id,
        moved=to_json(moved),
        by_id=by,
        at=uow.now,
    )
    uow.fresh(MERGE(row.id))
    return Merged(into, uow.add(row))


def undo_needs(uow: Uow, merge_id: int) -> Iterator[Need]:
    """What undo() needs, with identity.whole of both contacts."""
    yield MERGE(merge_id)
    row = peek(uow, MERGE, merge_id)
    if row is None:
        return
    for contact in (row.into_id, row.gone_id):
        yield CONTACT(contact)
        yield IDENTITIES_OF(contact)
        yield MERGES_INTO(contact)
        yield CONVERSATIONS_OF(contact)
    moved = _MOVED.decode(row.moved)
    for identity in moved.identities:
        yield IDENTITY_BY_ID(identity)
    for conversation in moved.conversations:
        yield CONVERSATION(conversation)


def undo(uow: Uow, row: MergeRow) -> tuple[ContactRow, ContactRow]:
    """Give back what a merge moved; answer (into, gone) for their conversations to be refreshed.

    Addresses learnt since then stay with `into`, and so does a conversation that was joined with
    another meanwhile: its messages cannot be told apart any more. A name or an attribute that was
    changed since then stays as it is. The caller looks that it was not undone before.
    """
    into, gone = uow.one(CONTACT, row.into_id), uow.one(CONTACT, row.gone_id)
    assert into is not None
    assert gone is not None
    moved = _MOVED.decode(row.moved)
    uow.edit(gone).merged_into = None
    uow.edit(row).undone_at = uow.now
    uow.edit(into)
    for number in moved.identities:
        identity = uow.one(IDENTITY_BY_ID, number)
        if identity is not None and identity.contact_id == into.id:
            uow.edit(identity).contact_id = gone.id
            uow.place(identity)
    for number in moved.conversations:
        conversation = uow.one(CONVERSATION, number)
        if (
            conversation is not None
            and conversation.merged_into is None
            and conversation.contact_id == into.id
        ):
            uow.edit(conversation).contact_id = gone.id
            uow.place(conversation)
    if moved.name is not None and into.name == gone.name:
        into.name, into.named_by = moved.name
    if moved.avatar is not None and into.avatar == moved.avatar:
        into.avatar = None
    has, brought = ATTRIBUTES.decode(into.attributes), ATTRIBUTES.decode(gone.attributes)
    kept = {k: v for k, v in has.items() if k not in moved.attributes or brought.get(k) != v}
    if kept != has:
        into.attributes = to_json(kept)
    return into, gone


def undone_between(uow: Uow, one: ContactRow, other: ContactRow) -> bool:
    """Whether a person took these two apart: what the network says does not merge them again."""
    return any(
        row.undone_at is not None and row.gone_id == gone.id
        for into, gone in ((one, other), (other, one))
        for row in (uow.all(MERGES_INTO, into.id) if uow.knows(MERGES_INTO, into.id) else ())
    )
