"""Who is who: addresses lead to one contact and one conversation; merging can be undone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from inbox_line import IVAN, IVAN_BSUID, OLGA, OLGA_BSUID, Line, another_line, at, ours, receipt, said
from inbox_reduce import Verify

from jackfield.channel import Address, ConversationId, Profile, SamePerson
from jackfield.ids import new_id, show
from jackfield.inbox.addresses import best_shown, shown
from jackfield.inbox.identity import identity_need, refresh_conversations, resolve, usable, whole
from jackfield.inbox.merging import merge, undo, undo_needs
from jackfield.inbox.reading import Reading
from jackfield.store.indexes import CONTACT, MERGE
from jackfield.store.rows import (
    ContactRow,
    ConversationRow,
    DraftRow,
    IdentityRow,
    MergeRow,
    MessageRow,
    OutboxRow,
    PeerRow,
)
from jackfield.store.uow import Need, Uow
from jackfield.wire.stream import ContactMerged, ConversationMerged

BY_BSUID = "bsuid:RU.111"
BY_PHONE = "phone:+79991234567"


async def people(line: Line) -> list[ContactRow]:
    return await line.all(ContactRow, "WHERE merged_into IS NULL ORDER BY id")


async def threads(line: Line) -> list[ConversationRow]:
    return await line.all(ConversationRow, "WHERE merged_into IS NULL ORDER BY id")


async def both(line: Line) -> None:
    """Ivan by his number, and Ivan by his BSUID: so far two people."""
    await line.take(said("by number", key="m1", name="Ivan"))
    await line.take(said("by name", key="m2", minute=1, by=[IVAN_BSUID], peer=BY_BSUID))
    assert len(await people(line)) == len(await threads(line)) == 2


# -- addresses -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "written"),
    [
        (IVAN, "+7 999 123-45-67"),
        (Address(kind="phone", value="+4930123456"), "+49 30 123456"),
        (Address(kind="phone", value="12"), "12"),
        (Address(kind="phone", value="nonsense"), "nonsense"),
        (Address(kind="username", value="ivan"), "@ivan"),
        (Address(kind="email", value="a@b.example"), "a@b.example"),
        (IVAN_BSUID, "RU.111"),
    ],
)
def test_an_address_is_written_as_one_would(address: Address, written: str) -> None:
    assert shown(address) == written


def test_what_a_person_can_read_stands_for_him() -> None:
    username = Address(kind="username", value="ivan")
    assert best_shown([IVAN_BSUID, username, IVAN]) == "+7 999 123-45-67"
    assert best_shown([IVAN_BSUID, username]) == "@ivan"
    assert best_shown([IVAN_BSUID]) == ""


def test_addresses_that_cannot_be_kept_are_left_out() -> None:
    bad = [
        Address(kind="", value="x"),
        Address(kind="phone", value=""),
        Address(kind="phone", value="\x00"),
        Address(kind="k" * 21, value="x"),
        Address(kind="phone", value="9" * 201),
        Address(kind="bsuid", scope="s" * 81, value="x"),
    ]
    assert usable((*bad, IVAN, IVAN)) == (IVAN,)


# -- one person ------------------------------------------------------------------------------------


async def test_a_new_address_beside_a_known_one_is_learnt(line: Line) -> None:
    await line.take(said("hi", key="m1", by=[IVAN]))
    async with Verify(Reading(line.store), line.workspace, line.stream):
        await line.take(said("me again", key="m2", minute=1, by=[IVAN_BSUID, IVAN], peer=BY_BSUID))
    (contact,) = await people(line)
    found = await line.all(IdentityRow, "WHERE contact_id = $1 ORDER BY kind", contact.id)
    assert [(row.kind, row.scope, row.value) for row in found] == [
        ("bsuid", "acme", "RU.111"),
        ("phone", "", "+79991234567"),
    ]
    assert all(row.source == show("ch", line.channel) for row in found)


async def test_a_second_peer_of_a_person_is_the_same_conversation(line: Line) -> None:
    await line.take(said("hi", key="m1", by=[IVAN]))
    await line.take(said("me again", key="m2", minute=1, by=[IVAN_BSUID, IVAN], peer=BY_BSUID))
    (thread,) = await threads(line)
    assert thread.peer == BY_BSUID  # answers go to the newest
    assert [row.peer for row in await line.all(PeerRow, "ORDER BY id")] == [BY_PHONE, BY_BSUID]
    assert thread.unread == 2


async def test_an_old_peer_in_a_late_message_does_not_win(line: Line) -> None:
    await line.take(said("new", key="m2", minute=5, by=[IVAN_BSUID, IVAN], peer=BY_BSUID))
    await line.take(said("late", key="m1", minute=1, by=[IVAN]))
    assert [row.peer for row in await threads(line)] == [BY_BSUID]


async def test_two_addresses_of_two_people_make_them_one(line: Line) -> None:
    await both(line)
    async with Verify(Reading(line.store), line.workspace, line.stream) as told:
        await line.take(said("me", key="m3", minute=2, by=[IVAN_BSUID, IVAN], peer=BY_BSUID))
    (contact,) = await people(line)
    (thread,) = await threads(line)
    assert contact.name == thread.name == "Ivan"
    assert (thread.unread, thread.last_pos, thread.contact_id) == (3, 3, contact.id)
    messages = await line.all(MessageRow, "WHERE conversation_id = $1 ORDER BY pos", thread.id)
    assert [row.text for row in messages] == ["by number", "by name", "me"]
    assert [row.pos for row in messages] == [1, 2, 3]
    kinds = [type(event) for _, event in told.events]
    assert ContactMerged in kinds
    assert ConversationMerged in kinds
    view = await Reading(line.store).contact_for({line.workspace}, show("p", contact.id))
    assert len(view.merged) == 1
    assert len(view.identities) == 2


async def test_a_person_who_goes_on_after_joining_writes_into_the_one_thread(line: Line) -> None:
    await both(line)
    await line.take(SamePerson(at=at(2), known_as=(IVAN_BSUID, IVAN)))
    await line.take(
        said("a", key="m3", minute=3, by=[IVAN]),
        said("b", key="m4", minute=4, by=[IVAN_BSUID], peer=BY_BSUID),
    )
    (thread,) = await threads(line)
    assert thread.last_pos == 4


async def test_a_thread_that_was_joined_leads_to_the_one_it_went_on_in(line: Line) -> None:
    await both(line)
    first, second = await threads(line)
    await line.take(SamePerson(at=at(2), known_as=(IVAN_BSUID, IVAN)))
    for number in (first.id, second.id):
        _, view = await Reading(line.store).conversation_for({line.workspace}, show("c", number))
        assert view.id == show("c", first.id)


async def test_joining_takes_drafts_and_what_has_to_leave_along(line: Line) -> None:
    await both(line)
    first, second = await threads(line)
    operator, message = new_id(), (await line.one(MessageRow, "WHERE text = 'by name'")).id
    await line.put(
        DraftRow(
            id=new_id(),
            workspace_id=line.workspace,
            conversation_id=second.id,
            operator_id=operator,
            text="I was going to",
            at=1,
        ),
        OutboxRow(
            id=new_id(),
            workspace_id=line.workspace,
            channel_id=line.channel,
            conversation_id=second.id,
            message_id=message,
            op="read",
            state="waiting",
            due_at=0,
            created_at=0,
        ),
    )
    async with Verify(Reading(line.store), line.workspace, line.stream, me=operator):
        await line.take(SamePerson(at=at(2), known_as=(IVAN_BSUID, IVAN)))
    assert (await line.one(DraftRow)).conversation_id == first.id
    assert (await line.one(OutboxRow)).conversation_id == first.id
    assert (await threads(line))[0].drafts == f"[[{operator},1]]"


async def test_who_moved_is_answered_at_the_new_address(line: Line) -> None:
    await line.take(said("old number", key="m1"))
    new = ConversationId("phone:+79997654321")
    moved = SamePerson(
        at=at(1), known_as=(IVAN, OLGA), moved=True, was=ConversationId(BY_PHONE), conversation=new
    )
    async with Verify(Reading(line.store), line.workspace, line.stream):
        await line.take(moved)
    (thread,) = await threads(line)
    assert (thread.peer, thread.shown) == (new, "+7 999 765-43-21")
    await line.take(said("new number", key="m2", minute=2, by=[OLGA], peer=new))
    assert len(await threads(line)) == 1


async def test_a_receipt_tells_an_address_too(line: Line) -> None:
    await line.take(ours("hello", key="o1"))
    await line.take(receipt("delivered", "o1", person=[IVAN_BSUID, IVAN]))
    await line.take(said("hi", key="m1", minute=1, by=[IVAN_BSUID], peer=BY_BSUID))
    assert len(await people(line)) == len(await threads(line)) == 1


async def test_a_number_with_a_new_owner_is_not_the_old_one(line: Line) -> None:
    """A BSUID is given once per person: another one with the same number is somebody else."""
    await line.take(said("I am Ivan", key="m1", by=[IVAN_BSUID, IVAN], peer=BY_BSUID, name="Ivan"))
    await line.take(
        said("I am Olga", key="m2", minute=9, by=[OLGA_BSUID, IVAN], peer="bsuid:RU.222", name="Olga")
    )
    ivan, olga = await people(line)
    assert (ivan.name, olga.name) == ("Ivan", "Olga")
    assert len(await threads(line)) == 2
    number = await line.one(IdentityRow, "WHERE kind = 'phone'")
    assert number.contact_id == olga.id
    assert [row.shown for row in await threads(line)] == ["", "+7 999 123-45-67"]


async def test_scopes_keep_addresses_apart(line: Line) -> None:
    elsewhere = Address(kind="bsuid", scope="other", value=IVAN_BSUID.value)
    await line.take(said("a", key="m1", by=[IVAN_BSUID], peer=BY_BSUID))
    await line.take(said("b", key="m2", by=[elsewhere], peer="bsuid:other"))
    assert len(await people(line)) == 2


async def test_workspaces_share_nobody(line: Line) -> None:
    other = await another_line(line, "other")
    await line.take(said("hi", key="m1", name="Ivan"))
    await other.take(said("hi", key="m1", name="Ivan for others"))
    names = {row.workspace_id: row.name for row in await line.all(ContactRow)}
    assert names == {line.workspace: "Ivan", other.workspace: "Ivan for others"}
    assert len(await line.all(MessageRow)) == 2


# -- names -----------------------------------------------------------------------------------------


async def test_the_networks_name_is_followed(line: Line) -> None:
    await line.take(said("a", key="m1", name="Ivan"))
    await line.take(said("b", key="m2", minute=1))
    assert [row.name for row in await threads(line)] == ["Ivan"]  # not said is not empty
    await line.take(said("c", key="m3", minute=2, name=""))
    assert [row.name for row in await threads(line)] == [""]
    page, _ = await Reading(line.store).contacts([line.workspace])
    assert [view.name for view in page] == [""]


async def test_an_operators_name_stays(line: Line) -> None:
    await line.take(said("a", key="m1", name="Ivan"))
    await line.store.writer.do(Named(line.workspace, (await people(line))[0].id, "Uncle Vanya"))
    await line.take(
        said("b", key="m2", minute=1, name="Ivan P."), Profile(at=at(2), person=(IVAN,), name="I")
    )
    assert [row.name for row in await people(line)] == ["Uncle Vanya"]
    assert [row.name for row in await threads(line)] == ["Uncle Vanya"]


async def test_a_profile_is_kept_and_what_is_empty_is_gone(line: Line) -> None:
    await line.take(Profile(at=at(0), person=(IVAN,), name="Ivan", attributes={"username": "v", "x": "1"}))
    await line.take(Profile(at=at(1), person=(IVAN,), about="at sea", attributes={"x": ""}))
    view = (await Reading(line.store).contacts([line.workspace]))[0][0]
    assert view.attributes == {"username": "v", "about": "at sea"}
    assert await threads(line) == []


# -- merging by hand, and undoing ------------------------------------------------------------------


class Named:
    """A work: an operator names a contact."""

    def __init__(self, workspace: int, contact: int, name: str) -> None:
        self.workspace, self._contact, self._name = workspace, contact, name

    def needs(self, uow: Uow) -> Iterator[Need]:
        yield from whole(self._contact)

    def apply(self, uow: Uow) -> None:
        row = uow.one(CONTACT, self._contact)
        assert row is not None
        uow.edit(row)
        row.name, row.named_by = self._name, "operator"
        refresh_conversations(uow, row)


class ByHand:
    """A work: an operator merges two contacts."""

    def __init__(self, workspace: int, into: int, gone: int) -> None:
        self.workspace, self._into, self._gone = workspace, into, gone

    def needs(self, uow: Uow) -> Iterator[Need]:
        yield from whole(self._into)
        yield from whole(self._gone)

    def apply(self, uow: Uow) -> int:
        into, gone = uow.one(CONTACT, self._into), uow.one(CONTACT, self._gone)
        assert into is not None
        assert gone is not None
        done = merge(uow, into, gone, by=7)
        refresh_conversations(uow, into)
        return done.row.id


class Undone:
    """A work: a merge is taken back."""

    def __init__(self, workspace: int, number: int) -> None:
        self.workspace, self._number = workspace, number

    def needs(self, uow: Uow) -> Iterator[Need]:
        yield from undo_needs(uow, self._number)

    def apply(self, uow: Uow) -> None:
        row = uow.one(MERGE, self._number)
        assert row is not None
        for contact in undo(uow, row):
            refresh_conversations(uow, contact)


async def test_a_merge_that_is_undone_leaves_everything_as_it_was(line: Line) -> None:
    await line.take(said("a", key="m1", name="Ivan"), Profile(at=at(0), person=(IVAN,), about="old"))
    await line.take(
        said("b", key="m2", by=[OLGA], name="Olga", peer="phone:+79997654321"),
        Profile(at=at(0), person=(OLGA,), about="new", attributes={"username": "olga"}),
    )
    before = await state_of(line)
    into, gone = await people(line)
    async with Verify(Reading(line.store), line.workspace, line.stream):
        number = await line.store.writer.do(ByHand(line.workspace, into.id, gone.id))
    view = await Reading(line.store).contact_for({line.workspace}, show("p", gone.id))
    assert (view.id, len(view.identities)) == (show("p", into.id), 2)
    assert view.attributes == {"about": "old", "username": "olga"}
    assert len(await threads(line)) == 2  # two threads of one person, both shown
    async with Verify(Reading(line.store), line.workspace, line.stream):
        await line.store.writer.do(Undone(line.workspace, number))
    assert await state_of(line) == before


async def test_what_a_person_took_apart_is_not_put_together_again(line: Line) -> None:
    await both(line)
    await line.take(SamePerson(at=at(2), known_as=(IVAN_BSUID, IVAN)))
    (row,) = await line.all(MergeRow)
    async with Verify(Reading(line.store), line.workspace, line.stream):
        await line.store.writer.do(Undone(line.workspace, row.id))
    assert len(await people(line)) == 2
    await line.take(said("me", key="m3", minute=3, by=[IVAN_BSUID, IVAN], peer=BY_BSUID))
    assert len(await people(line)) == 2


async def state_of(line: Line) -> Sequence[object]:
    reading = Reading(line.store)
    found, _ = await reading.contacts([line.workspace])
    return [
        [(view.id, view.name, view.attributes, [one.id for one in view.identities]) for view in found],
        [(row.id, row.contact_id, row.name, row.shown) for row in await threads(line)],
    ]


class Resolved:
    """A work: resolve addresses, as somebody without a delivery does it."""

    def __init__(self, line: Line, *addresses: Address) -> None:
        self.workspace, self._facts, self._addresses = line.workspace, line.facts, addresses

    def needs(self, uow: Uow) -> Iterator[Need]:
        for address in self._addresses:
            yield identity_need(self.workspace, address)

    def apply(self, uow: Uow) -> int | None:
        contact = resolve(uow, self._facts, self._addresses)
        return None if contact is None else contact.id


async def test_nobody_is_made_of_no_address(line: Line) -> None:
    assert await line.store.writer.do(Resolved(line)) is None
    assert await line.store.writer.do(Resolved(line, IVAN)) == (await people(line))[0].id


async def test_who_wrote_under_a_number_and_then_under_another_address_has_one_conversation(
    line: Line,
) -> None:
    """The network tells late that both are one: answers go where he wrote last."""
    lid = Address(kind="lid", value="1")
    await line.take(said("hi", key="m1", peer="79991234567@phone"))
    await line.take(
        SamePerson(at=at(1), known_as=(lid, IVAN)),
        said("it is me", key="m2", minute=1, by=[lid, IVAN], peer="1@lid"),
        ours("I know", key="m3", minute=2, peer="79991234567@phone"),
    )
    (conversation,) = await line.store.rows(ConversationRow, "WHERE merged_into IS NULL")
    assert (conversation.peer, conversation.last_pos) == ("1@lid", 3)
    (contact,) = await line.store.rows(ContactRow, "WHERE merged_into IS NULL")
    assert conversation.contact_id == contact.id
