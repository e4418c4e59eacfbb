"""The work with a conversation: whose it is, how far it is, its labels, drafts, read marks, people."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from inbox_world import HOUR, World

from jackfield.channel import Text
from jackfield.errors import Conflict, Invalid, NotFound, Problem
from jackfield.ids import new_id, read, show
from jackfield.store.rows import (
    ContactRow,
    ConversationRow,
    DraftRow,
    IdentityRow,
    LabelRow,
    MembershipRow,
    OperatorRow,
    OutboxRow,
)
from jackfield.wire.commands import (
    AnyCommand,
    Assign,
    Close,
    DeleteLabel,
    LabelConversation,
    MarkRead,
    MarkUnread,
    MergeContacts,
    Merged,
    Reopen,
    SaveContact,
    Saved,
    SaveDraft,
    SaveLabel,
    SendMessage,
    Snooze,
    UndoMerge,
)


async def story(world: World) -> list[dict[str, Any]]:
    """What the thread tells of the conversation."""
    return [msgspec.json.decode(row.parts)[0] for row in await world.thread() if row.dir == "system"]


async def code_of(world: World, command: AnyCommand, problem: type[Problem], role: Any = "admin") -> str:
    with pytest.raises(problem) as caught:
        await world.do(command, role=role)
    return caught.value.code


async def counters(world: World) -> dict[str, int]:
    found = await world.store.fetch(
        "SELECT key, n FROM counter WHERE workspace_id = $1 AND n <> 0", world.here.workspace
    )
    return {str(key): int(n) for key, n in found}


# -- workflow ------------------------------------------------------------------------------------


async def test_the_thread_tells_who_did_what(world: World) -> None:
    conv, me = world.here.conv, show("o", world.here.roles["operator"])
    admin = show("o", world.here.roles["admin"])
    until = await world.now() + HOUR
    for command in (
        Assign(conv=conv, to=admin),
        Assign(conv=conv, to=admin),  # nothing new, nothing told
        Snooze(conv=conv, until=until),
        Reopen(conv=conv),
        LabelConversation(conv=conv, add=(show("l", world.here.label),)),
        Close(conv=conv),
        Close(conv=conv),
        Assign(conv=conv, to=None),
    ):
        await world.do(command)
    by = {"by": me, "by_name": "The operator"}
    assert [(one["code"], one.get("data")) for one in await story(world)] == [
        ("assigned", {**by, "to": admin, "to_name": "The admin"}),
        ("snoozed", {**by, "until": str(until)}),
        ("reopened", by),
        ("labelled", {**by, "labels": "VIP"}),
        ("closed", by),
        ("unassigned", by),
    ]


async def test_the_story_is_neither_unread_nor_news(world: World) -> None:
    before = await world.conversation()
    await world.do(Close(conv=world.here.conv))
    after = await world.conversation()
    for name in ("unread", "last_message", "last_at", "read_pos"):
        assert getattr(after, name) == getattr(before, name), name
    assert after.last_pos == before.last_pos + 1
    await world.do(MarkRead(conv=world.here.conv, pos=after.last_pos))
    await world.do(Reopen(conv=world.here.conv))
    row = await world.conversation()
    assert (row.unread, row.read_pos) == (0, row.last_pos)  # what was read stays read


async def test_a_conversation_is_given_to_who_may_work_on_it(world: World) -> None:
    conv = world.here.conv
    viewer = show("o", world.here.roles["viewer"])
    assert await code_of(world, Assign(conv=conv, to=viewer), Invalid) == "viewer"
    stranger = show("o", world.there.roles["operator"])
    assert await code_of(world, Assign(conv=conv, to=stranger), NotFound) == "not_found"
    gone = OperatorRow(id=new_id(), email="x@y.example", name="X", disabled=True, created_at=0)
    await world.put(gone)
    await world.put(
        MembershipRow(id=new_id(), workspace_id=world.here.workspace, operator_id=gone.id, role="operator")
    )
    assert await code_of(world, Assign(conv=conv, to=show("o", gone.id)), NotFound) == "not_found"


async def test_a_snooze_needs_a_time_to_come(world: World) -> None:
    command = Snooze(conv=world.here.conv, until=await world.now() - 1)
    assert await code_of(world, command, Invalid) == "in_the_past"


async def test_counters_follow_the_work(world: World) -> None:
    await world.do(MarkUnread(conv=world.here.conv))
    me = show("o", world.here.roles["operator"])
    await world.do(Assign(conv=world.here.conv, to=me))
    counted = await counters(world)
    assert (counted["open"], counted["unread"], counted[f"unread:{me}"]) == (1, 1, 1)
    assert "unread:none" not in counted
    await world.do(Close(conv=world.here.conv))
    assert await counters(world) == {}


async def test_a_command_about_a_joined_conversation_is_about_the_one_it_went_on_in(world: World) -> None:
    place = world.here
    other = new_id()
    await world.converse(place.workspace, place.channel, None, other, new_id(), peer="x", name="x")
    await world.change(ConversationRow, other, merged_into=place.conversation)
    await world.do(Close(conv=show("c", other)))
    assert (await world.conversation()).status == "closed"
    assert (await world.one(ConversationRow, other)).status == "open"
    (message,) = await world.say(SendMessage(conv=show("c", other), parts=(Text(body="hi"),)))
    assert message.conversation_id == place.conversation


# -- read marks ----------------------------------------------------------------------------------


async def test_reading_counts_what_came_in_meanwhile(world: World) -> None:
    """A message that arrives while one reads stays unread: it was not on the screen."""
    second, third = await world.more_inbound("two"), await world.more_inbound("three")
    await world.do(MarkRead(conv=world.here.conv, pos=second.pos))
    row = await world.conversation()
    assert (row.unread, row.read_pos) == (1, second.pos)
    await world.do(MarkRead(conv=world.here.conv, pos=third.pos + 100))
    row = await world.conversation()
    assert (row.unread, row.read_pos) == (0, third.pos)
    await world.do(MarkRead(conv=world.here.conv, pos=1))  # late: lowers nothing
    row = await world.conversation()
    assert (row.unread, row.read_pos) == (0, third.pos)


async def test_the_provider_is_told_once_of_the_newest(world: World) -> None:
    await world.do(MarkRead(conv=world.here.conv, pos=1))
    second = await world.more_inbound()
    third = await world.more_inbound()
    await world.do(MarkRead(conv=world.here.conv, pos=second.pos))
    await world.do(MarkRead(conv=world.here.conv, pos=third.pos))
    await world.do(MarkRead(conv=world.here.conv, pos=third.pos))
    (row,) = await world.all(OutboxRow)
    assert (row.op, row.message_id, row.state) == ("read", third.id, "waiting")


async def test_a_channel_without_read_marks_is_not_told(world: World) -> None:
    from scripted_channel import Plain

    world.channels[world.here.channel] = Plain()
    await world.do(MarkRead(conv=world.here.conv, pos=1))
    assert await world.all(OutboxRow) == []
    assert (await world.conversation()).unread == 0


async def test_marked_unread_until_it_is_read(world: World) -> None:
    await world.do(MarkRead(conv=world.here.conv, pos=1))
    await world.do(MarkUnread(conv=world.here.conv))
    row = await world.conversation()
    assert (row.unread, row.marked_unread) == (0, True)
    await world.do(MarkRead(conv=world.here.conv, pos=1))
    assert not (await world.conversation()).marked_unread


# -- drafts --------------------------------------------------------------------------------------


async def test_a_draft_is_kept_changed_and_dropped(world: World) -> None:
    conv, inbound = world.here.conv, show("m", world.here.inbound)
    await world.do(SaveDraft(conv=conv, text="de"))
    await world.do(SaveDraft(conv=conv, text="dear", reply_to=inbound))
    (draft,) = await world.all(DraftRow)
    assert (draft.text, draft.reply_id) == ("dear", world.here.inbound)
    assert len(msgspec.json.decode((await world.conversation()).drafts)) == 1
    await world.do(SaveDraft(conv=conv, text=" "))
    assert await world.all(DraftRow) == []
    assert (await world.conversation()).drafts == "[]"
    await world.do(SaveDraft(conv=conv, text=""))  # there was none


# -- labels --------------------------------------------------------------------------------------


async def test_labels_go_on_and_off(world: World) -> None:
    conv, label = world.here.conv, show("l", world.here.label)
    await world.do(LabelConversation(conv=conv, add=(label, label)))
    await world.do(LabelConversation(conv=conv, add=(label,)))
    assert msgspec.json.decode((await world.conversation()).labels) == [world.here.label]
    assert await world.count("conversation_label") == 1
    await world.do(LabelConversation(conv=conv, remove=(label,)))
    assert (await world.conversation()).labels == "[]"
    assert [one["code"] for one in await story(world)] == ["labelled", "unlabelled"]


async def test_a_label_has_a_name_of_its_own(world: World) -> None:
    ws = show("w", world.here.workspace)
    saved = await world.do(SaveLabel(ws=ws, name=" New ", color="#00ff00"), role="admin")
    assert isinstance(saved, Saved)
    label = await world.one(LabelRow, read("l", saved.id))
    assert (label.name, label.color) == ("New", "#00ff00")
    assert await code_of(world, SaveLabel(ws=ws, name="vip", color="#000000"), Conflict) == "label_exists"
    assert await code_of(world, SaveLabel(ws=ws, name="  ", color="#000000"), Invalid) == "empty"
    rename = SaveLabel(ws=ws, name="Vip!", color="#000000", id=show("l", world.here.label))
    await world.do(rename, role="admin")
    assert (await world.one(LabelRow, world.here.label)).name == "Vip!"


async def test_a_deleted_label_is_put_on_nothing_but_comes_off_and_frees_its_name(world: World) -> None:
    conv, label = world.here.conv, show("l", world.here.label)
    await world.do(LabelConversation(conv=conv, add=(label,)))
    await world.do(DeleteLabel(label=label), role="admin")
    assert await code_of(world, LabelConversation(conv=conv, add=(label,)), NotFound) == "not_found"
    await world.do(LabelConversation(conv=conv, remove=(label,)))
    assert (await world.conversation()).labels == "[]"
    ws = show("w", world.here.workspace)
    await world.do(SaveLabel(ws=ws, name="VIP", color="#000000"), role="admin")


# -- people --------------------------------------------------------------------------------------


async def test_a_name_an_operator_gives_is_shown_in_the_conversations(world: World) -> None:
    contact = show("p", world.here.contact)
    await world.do(SaveContact(contact=contact, name=" Ivan Petrov "))
    row = await world.one(ContactRow, world.here.contact)
    assert (row.name, row.named_by) == ("Ivan Petrov", "operator")
    assert (await world.conversation()).name == "Ivan Petrov"


async def test_attributes_are_set_and_removed_within_limits(world: World) -> None:
    contact = show("p", world.here.contact)
    await world.do(SaveContact(contact=contact, attributes={"city": "Omsk", "age": "40"}))
    await world.do(SaveContact(contact=contact, attributes={"age": None, "none": None}))
    row = await world.one(ContactRow, world.here.contact)
    assert msgspec.json.decode(row.attributes) == {"city": "Omsk"}
    assert row.name == "Ivan"
    for attributes, code in (
        ({"": "x"}, "empty"),
        ({"k" * 65: "x"}, "too_long"),
        ({"k": "x" * 2001}, "too_long"),
        ({f"k{n}": "x" for n in range(100)}, "too_many_attributes"),
    ):
        command = SaveContact(contact=contact, attributes=dict(attributes))
        assert await code_of(world, command, Invalid) == code


async def test_a_merge_can_be_undone_once(world: World) -> None:
    place = world.here
    other = ContactRow(id=new_id(), workspace_id=place.workspace, name="Vanya", created_at=0)
    await world.put(other)
    identity = IdentityRow(
        id=new_id(),
        workspace_id=place.workspace,
        contact_id=other.id,
        kind="email",
        value="i@example.org",
        source="test",
        at=0,
    )
    await world.put(identity)
    gone, into = show("p", other.id), show("p", place.contact)
    merged = await world.do(MergeContacts(gone=gone, into=into), role="admin")
    assert isinstance(merged, Merged)
    assert (await world.one(IdentityRow, identity.id)).contact_id == place.contact
    assert await code_of(world, SaveContact(contact=gone, name="x"), NotFound) == "not_found"
    await world.do(UndoMerge(merge=merged.merge), role="admin")
    assert (await world.one(IdentityRow, identity.id)).contact_id == other.id
    assert await code_of(world, UndoMerge(merge=merged.merge), Conflict) == "undone"
    assert await code_of(world, MergeContacts(gone=into, into=into), Invalid) == "same_contact"


async def test_of_merges_upon_each_other_the_last_is_undone_first(world: World) -> None:
    place = world.here
    second, third = (
        ContactRow(id=new_id(), workspace_id=place.workspace, name=name, created_at=0) for name in "bc"
    )
    await world.put(second, third)
    ids = [show("p", number) for number in (place.contact, second.id, third.id)]
    first = await world.do(MergeContacts(gone=ids[2], into=ids[1]), role="admin")
    last = await world.do(MergeContacts(gone=ids[1], into=ids[0]), role="admin")
    assert isinstance(first, Merged)
    assert isinstance(last, Merged)
    assert await code_of(world, UndoMerge(merge=first.merge), Conflict) == "merged_again"
    await world.do(UndoMerge(merge=last.merge), role="admin")
    await world.do(UndoMerge(merge=first.merge), role="admin")
