"""Blocking: people who may not write to us. The provider keeps the list, a contact says that he is on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from jackfield import ids
from jackfield.channel import Address, Blocks, Channel, ChannelError, Starts
from jackfield.errors import Conflict, Refused
from jackfield.inbox.addresses import shown
from jackfield.store.rows import ContactRow, ConversationRow, IdentityRow
from jackfield.web.auth.sessions import note
from jackfield.web.works import SetBlocked

from .asking import REFUSES, answer_of, lacks, open_channel
from .call import Call
from .channels import about
from .registry import Api

api = Api("blocking")

Word = Annotated[str, Meta(min_length=1, max_length=200)]


class BlockedQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`after`: as the page before said."""

    after: Annotated[str, Meta(max_length=1000)] = ""


class BlockedPerson(Struct, frozen=True, kw_only=True):
    """`shown`: the address as one would write it. `contact` None: nobody we know."""

    address: Address
    shown: str
    contact: str | None = None
    name: str = ""


class BlockedPeople(Struct, frozen=True, kw_only=True):
    """`after`: what to ask with for more; "": this was the end."""

    items: tuple[BlockedPerson, ...]
    after: str = ""


class AddressBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: Word
    value: Word
    scope: Annotated[str, Meta(max_length=80)] = ""


@api.get("/channels/{channel}/blocked", refuses=REFUSES)
async def blocked(call: Call, channel: str, query: BlockedQuery) -> BlockedPeople:
    """Who may not write to us, a page at a time."""
    row, line = await open_channel(call, channel, "operator")
    if not isinstance(line, Blocks):
        raise lacks("blocks")
    page = await answer_of(line.blocked(query.after))
    known = await _known(call, row.workspace_id, page.people)
    people = [
        BlockedPerson(
            address=address,
            shown=shown(address),
            contact=None if (contact := known.get(address)) is None else ids.show("p", contact.id),
            name="" if contact is None else contact.name,
        )
        for address in page.people
    ]
    return BlockedPeople(items=tuple(people), after=page.after)


@api.delete("/channels/{channel}/blocked", refuses=REFUSES)
async def unblock_address(call: Call, channel: str, body: AddressBody) -> None:
    """Let an address of the list write to us again."""
    row, line = await open_channel(call, channel, "operator")
    address = Address(kind=body.kind, value=body.value, scope=body.scope)
    await _ask(line, address, blocked=False)
    contact = (await _known(call, row.workspace_id, [address])).get(address)
    await _keep(call, row.workspace_id, row.id, None if contact is None else contact.id, blocked=False)


@api.post("/conversations/{conversation}/block", refuses=REFUSES)
async def block(call: Call, conversation: str) -> None:
    """Let the person of this conversation write to us no more."""
    await _decide(call, conversation, blocked=True)


@api.delete("/conversations/{conversation}/block", refuses=REFUSES)
async def unblock(call: Call, conversation: str) -> None:
    """Let him write to us again."""
    await _decide(call, conversation, blocked=False)


async def _decide(call: Call, conversation: str, *, blocked: bool) -> None:
    store = call.parts.store
    _, view = await call.parts.reading.conversation_for(call.visitor.roles, conversation)
    (row,) = await store.rows(ConversationRow, "WHERE id = $1", ids.read("c", view.id))
    call.visitor.must_be("operator", row.workspace_id, what="c")
    _, line = await open_channel(call, view.channel, "operator")
    if row.contact_id is None or row.is_group:
        raise Conflict("nobody alone is in this conversation", code="nobody_to_block")
    identities = await store.rows(IdentityRow, "WHERE contact_id = $1 ORDER BY id DESC", row.contact_id)
    address = _reached_by(line, row, identities)
    if address is None:
        raise Conflict("no address of this person is known", code="nobody_to_block")
    await _ask(line, address, blocked=blocked)
    await _keep(call, row.workspace_id, row.channel_id, row.contact_id, blocked=blocked)


async def _ask(line: Channel, address: Address, *, blocked: bool) -> None:
    """Raises the provider's refusal as a problem."""
    if not isinstance(line, Blocks):
        raise lacks("blocks")
    refused = await answer_of(line.block([address]) if blocked else line.unblock([address]))
    if refused:
        said = refused[0]
        raise Refused(said.text, code="not_blocked" if blocked else "not_unblocked", remote_code=said.code)


async def _keep(call: Call, workspace: int, channel: int, contact: int | None, *, blocked: bool) -> None:
    if contact is not None:
        work = SetBlocked(workspace=workspace, channel=channel, contact=contact, blocked=blocked)
        await call.parts.store.writer.do(work)
    what = "person.blocked" if blocked else "person.unblocked"
    await note(call.visitor.operator, what, workspace=workspace, data=about(ids.show("ch", channel)))


def _reached_by(line: Channel, row: ConversationRow, identities: Sequence[IdentityRow]) -> Address | None:
    """The address this conversation goes to; else one that was learnt on its channel, the newest first."""
    addresses = [Address(kind=one.kind, value=one.value, scope=one.scope) for one in identities]
    if isinstance(line, Starts):
        for address in addresses:
            try:
                if line.conversation_with(address) == row.peer:
                    return address
            except ChannelError:
                continue  # an address of another network
    learnt_here = [one.source == ids.show("ch", row.channel_id) for one in identities]
    return next((address for address, here in zip(addresses, learnt_here, strict=True) if here), None)


async def _known(call: Call, workspace: int, people: Sequence[Address]) -> dict[Address, ContactRow]:
    """The contacts of a workspace behind addresses."""
    store = call.parts.store
    if not people:
        return {}
    found = await store.rows(
        IdentityRow,
        f"WHERE workspace_id = $1 AND {store.any('value', '$2')}",
        workspace,
        [person.value for person in people],
    )
    numbers = list({one.contact_id for one in found})
    contacts = await store.rows(ContactRow, f"WHERE {store.any('id', '$1')}", numbers)
    by_id = {contact.id: contact for contact in contacts}
    owners = {
        Address(kind=one.kind, value=one.value, scope=one.scope): by_id.get(one.contact_id) for one in found
    }
    return {address: owner for address in people if (owner := owners.get(address)) is not None}
