"""Pictures of people and groups: shown from the moment they are here, the newest of them."""

from __future__ import annotations

from jackfield.store.indexes import CONTACT, CONVERSATION
from jackfield.store.rows import ContactRow, FileRow
from jackfield.store.uow import Needs, Uow

from .identity import refresh_conversations, whole


def picture_needs(uow: Uow, contact: int | None, conversation: int | None) -> Needs:
    """What show_picture() needs for a file of a person, or of a group."""
    if conversation is not None:
        yield CONVERSATION(conversation)
    while contact is not None:
        yield from whole(contact)
        row = uow.peek(CONTACT, contact)
        contact = None if row is None else row.merged_into


def show_picture(uow: Uow, file: FileRow) -> None:
    """It has arrived. One that was asked for later may be here already."""
    group = None if file.conversation_id is None else uow.one(CONVERSATION, file.conversation_id)
    if group is not None and file.id > (group.avatar or 0):
        uow.edit(group).avatar = file.id
    contact = _living(uow, file.contact_id)
    if contact is not None and file.id > (contact.avatar or 0):
        uow.edit(contact).avatar = file.id
        refresh_conversations(uow, contact)


def _living(uow: Uow, number: int | None) -> ContactRow | None:
    """A contact, or the one he is by now."""
    row = None if number is None else uow.one(CONTACT, number)
    while row is not None and row.merged_into is not None:
        row = uow.one(CONTACT, row.merged_into)
    return row
