"""People: their names and attributes, one person out of two, two out of one again."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET, Struct

from jackfield.errors import Conflict, Invalid, NotFound
from jackfield.ids import read, show
from jackfield.inbox.columns import ATTRIBUTES, clip, to_json
from jackfield.inbox.identity import refresh_conversations, whole
from jackfield.inbox.merging import merge, undo, undo_needs
from jackfield.inbox.policy import at_most
from jackfield.inbox.wishes import BLOCKED
from jackfield.store.indexes import CONTACT, MERGE
from jackfield.store.rows import ContactRow
from jackfield.store.uow import Need, Uow
from jackfield.wire.commands import MergeContacts, Merged, SaveContact, UndoMerge

from ._verb import DID, Outcome, Scene

MOST = 100  # attributes of one contact
KEY_MAX, VALUE_MAX = 64, 2000  # characters


class ContactSaving(Struct, frozen=True):
    scene: Scene
    command: SaveContact

    def needs(self, uow: Uow) -> Iterator[Need]:
        return whole(read("p", self.command.contact))

    def apply(self, uow: Uow) -> Outcome:
        contact = contact_in(uow, self.scene.workspace, self.command.contact)
        attributes = _changed(ATTRIBUTES.decode(contact.attributes), self.command.attributes)
        if self.command.name is not UNSET:
            at_most("name", self.command.name, 200)
            uow.edit(contact)
            contact.name, contact.named_by = clip(self.command.name.strip(), 300), "operator"
            refresh_conversations(uow, contact)
        uow.edit(contact).attributes = to_json(attributes)
        return DID


class Merging(Struct, frozen=True):
    scene: Scene
    command: MergeContacts

    def needs(self, uow: Uow) -> Iterator[Need]:
        yield from whole(read("p", self.command.into))
        yield from whole(read("p", self.command.gone))

    def apply(self, uow: Uow) -> Outcome:
        into = contact_in(uow, self.scene.workspace, self.command.into)
        gone = contact_in(uow, self.scene.workspace, self.command.gone)
        if into.id == gone.id:
            raise Invalid("a contact cannot be merged with itself", code="same_contact", field="gone")
        merged = merge(uow, into, gone, by=self.scene.by.id)
        refresh_conversations(uow, merged.into)
        return Outcome(Merged(seq=0, merge=show("mg", merged.row.id)))


class Unmerging(Struct, frozen=True):
    scene: Scene
    command: UndoMerge

    def needs(self, uow: Uow) -> Iterator[Need]:
        return undo_needs(uow, read("mg", self.command.merge))

    def apply(self, uow: Uow) -> Outcome:
        row = uow.one(MERGE, read("mg", self.command.merge))
        if row is None or row.workspace_id != self.scene.workspace:
            raise NotFound(what="mg")
        if row.undone_at is not None:
            raise Conflict("this merge was undone before", code="undone")
        into, gone = uow.one(CONTACT, row.into_id), uow.one(CONTACT, row.gone_id)
        if into is None or gone is None or into.merged_into is not None or gone.merged_into != into.id:
            raise Conflict("one of the two was merged again since: undo that first", code="merged_again")
        for contact in undo(uow, row):
            refresh_conversations(uow, contact)
        return DID


def contact_in(uow: Uow, workspace: int, shown: str) -> ContactRow:
    """The contact of this workspace. Raises NotFound for another's, and for one merged away."""
    contact = uow.one(CONTACT, read("p", shown))
    if contact is None or contact.workspace_id != workspace or contact.merged_into is not None:
        raise NotFound(what="p")
    return contact


def _changed(has: dict[str, str], changes: dict[str, str | None]) -> dict[str, str]:
    attributes = dict(has)
    for key, value in changes.items():
        at_most("attribute", key, KEY_MAX)
        if key.startswith(BLOCKED):
            raise Invalid("blocking is asked of the provider", code="reserved", field=key)
        if value is None:
            attributes.pop(key, None)
            continue
        if len(value) > VALUE_MAX:
            raise Invalid(
                f"an attribute has at most {VALUE_MAX} characters",
                code="too_long",
                field=key,
                limit=VALUE_MAX,
            )
        attributes[key] = clip(value, VALUE_MAX)
    if len(attributes) > max(MOST, len(has)):
        raise Invalid(
            f"a contact has at most {MOST} attributes",
            code="too_many_attributes",
            field="attributes",
            limit=MOST,
        )
    return attributes
