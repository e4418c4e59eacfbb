"""Contacts and labels."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from jackfield import ids
from jackfield.errors import Conflict
from jackfield.wire import commands as verbs
from jackfield.wire.commands import AnyAnswer
from jackfield.wire.views import ContactView, ConversationView, LabelView

from .call import Call
from .me import Name
from .paging import Page, Paged
from .registry import Api
from .workspaces import Colour, InWorkspace

api = Api("contacts")
labels_api = Api("labels")


class ContactsQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`q`: the beginning of a name, or of a phone number with or without its "+"."""

    workspace: str | None = None
    q: Annotated[str, Meta(max_length=200)] = ""


class ContactBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`attributes`: only those named change; null removes one."""

    name: Name | UnsetType = UNSET
    attributes: dict[str, str | None] = {}


class MergeBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`gone` becomes part of this contact."""

    gone: str


class UndoBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    merge: str


class LabelBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Name
    color: Colour


class NewLabel(LabelBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    workspace: str


@api.get("/contacts")
async def contacts(call: Call, query: ContactsQuery) -> Page[ContactView]:
    """People of a workspace, or of all of mine, found by name or number."""
    here = (
        call.visitor.roles
        if query.workspace is None
        else [call.visitor.must_see(ids.read("w", query.workspace))]
    )
    found, following = await call.parts.reading.contacts(here, query.q, after=query.after, limit=query.limit)
    return Page(items=tuple(found), next=following)


@api.get("/contacts/{contact}")
async def contact(call: Call, contact: str) -> ContactView:
    """One person, with all ids he is known by."""
    return await call.parts.reading.contact_for(call.visitor.roles, contact)


@api.get("/contacts/{contact}/conversations")
async def threads_with(call: Call, contact: str) -> Page[ConversationView]:
    """His conversations, newest first."""
    return Page(items=tuple(await call.parts.reading.threads_with(call.visitor.roles, contact)))


@api.patch("/contacts/{contact}", refuses=(Conflict,))
async def save_contact(call: Call, contact: str, body: ContactBody) -> AnyAnswer:
    """Name him, and change what is kept about him."""
    return await call.perform(
        verbs.SaveContact(contact=contact, name=body.name, attributes=dict(body.attributes))
    )


@api.post("/contacts/{contact}/merge", refuses=(Conflict,))
async def merge_contacts(call: Call, contact: str, body: MergeBody) -> AnyAnswer:
    """Say that two are one person. Answers `merged` with what undoes it."""
    return await call.perform(verbs.MergeContacts(gone=body.gone, into=contact))


@api.post("/contacts/unmerge", refuses=(Conflict,))
async def undo_merge(call: Call, body: UndoBody) -> AnyAnswer:
    """Take a merge back."""
    return await call.perform(verbs.UndoMerge(merge=body.merge))


@labels_api.get("/labels")
async def labels(call: Call, query: InWorkspace) -> Page[LabelView]:
    """The labels of a workspace."""
    workspace = call.visitor.must_see(ids.read("w", query.workspace))
    return Page(items=tuple(await call.parts.reading.labels(workspace)))


@labels_api.post("/labels", refuses=(Conflict,))
async def make_label(call: Call, body: NewLabel) -> AnyAnswer:
    """A new label. Answers `saved` with its id."""
    return await call.perform(verbs.SaveLabel(ws=body.workspace, name=body.name, color=body.color))


@labels_api.patch("/labels/{label}", refuses=(Conflict,))
async def change_label(call: Call, label: str, body: LabelBody) -> AnyAnswer:
    """Rename or recolour a label."""
    found = await call.parts.store.fetch("SELECT workspace_id FROM label WHERE id = $1", ids.read("l", label))
    workspace = call.visitor.must_see(found[0][0] if found else None, what="l")
    return await call.perform(
        verbs.SaveLabel(ws=ids.show("w", workspace), id=label, name=body.name, color=body.color)
    )


@labels_api.delete("/labels/{label}", refuses=(Conflict,))
async def delete_label(call: Call, label: str) -> AnyAnswer:
    """Take a label away, from all conversations too."""
    return await call.perform(verbs.DeleteLabel(label=label))
