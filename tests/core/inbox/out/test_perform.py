"""Commands as a whole: rights, tenants, "once and only once", and state + events = state for each."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import get_args

import msgspec
import pytest
from inbox_reduce import events_of, reduce, snapshot
from inbox_world import Place, World
from msgspec import Struct

from jackfield.channel import Media, Text
from jackfield.errors import Conflict, Forbidden, NotFound, Problem
from jackfield.ids import new_id, show
from jackfield.inbox.columns import to_json
from jackfield.inbox.perform import Actor, digest_of
from jackfield.inbox.reading import Reading
from jackfield.store.rows import ContactRow, DoneRow, MessageRow, StreamRow, WorkspaceRow
from jackfield.wire.commands import (
    AnyCommand,
    Assign,
    CancelMessage,
    Close,
    DeleteLabel,
    DeleteMessage,
    EditMessage,
    LabelConversation,
    MarkRead,
    MarkUnread,
    MergeContacts,
    Merged,
    PinMessage,
    ReactToMessage,
    Reopen,
    RetryMessage,
    SaveContact,
    Saved,
    SaveDraft,
    SaveLabel,
    SendMessage,
    Sent,
    Snooze,
    StartConversation,
    Started,
    UndoMerge,
)
from jackfield.wire.views import Role

FAR = 4_000_000_000_000  # ms: some day in 2096


class Things(Struct, kw_only=True):
    """What commands can be about, in one workspace; ids as the outside writes them."""

    ws: str
    conv: str
    channel: str
    operator: str
    label: str
    contact: str
    other: str
    merge: str
    note: str
    failed: str
    queued: str
    inbound: str
    file: str


async def things(world: World, place: Place) -> Things:
    """Bring a workspace to where every command has something to do."""
    spare, gone = (
        ContactRow(id=new_id(), workspace_id=place.workspace, name=name, created_at=0)
        for name in ("Spare", "Gone")
    )
    await world.put(spare, gone)
    admin = world.actor("admin", place)
    merged = await world.inbox.perform(
        admin, MergeContacts(gone=show("p", gone.id), into=show("p", place.contact))
    )
    assert isinstance(merged, Merged)
    sent = SendMessage(conv=show("c", place.conversation), parts=(Text(body="one"), Text(body="two")))
    note = SendMessage(conv=sent.conv, parts=(Text(body="psst"),), mode="note")
    me = world.actor("operator", place)
    replies, notes = await world.inbox.perform(me, sent), await world.inbox.perform(me, note)
    assert isinstance(replies, Sent)
    assert isinstance(notes, Sent)
    failed = MessageRow(
        id=new_id(),
        workspace_id=place.workspace,
        channel_id=place.channel,
        conversation_id=place.conversation,
        pos=99,
        dir="out",
        kind="text",
        author_kind="operator",
        author_id=place.roles["operator"],
        parts=to_json((Text(body="no"),)),
        text="no",
        at=1,
        received_at=1,
        st="failed",
    )
    await world.put(failed)
    return Things(
        ws=show("w", place.workspace),
        conv=sent.conv,
        channel=show("ch", place.channel),
        operator=show("o", place.roles["operator"]),
        label=show("l", place.label),
        contact=show("p", place.contact),
        other=show("p", spare.id),
        merge=merged.merge,
        note=notes.messages[0],
        failed=show("m", failed.id),
        queued=replies.messages[0],
        inbound=show("m", place.inbound),
        file=show("f", place.file),
    )


COMMANDS: Mapping[type[AnyCommand], Callable[[Things], AnyCommand]] = {
    SendMessage: lambda t: SendMessage(conv=t.conv, parts=(Text(body="hi"),), reply_to=t.inbound),
    StartConversation: lambda t: StartConversation(channel=t.channel, phone="+79990000001", name="Anna"),
    EditMessage: lambda t: EditMessage(message=t.queued, text="better"),
    ReactToMessage: lambda t: ReactToMessage(message=t.note, emoji="👍"),
    PinMessage: lambda t: PinMessage(message=t.inbound, days=7),
    DeleteMessage: lambda t: DeleteMessage(message=t.note),
    RetryMessage: lambda t: RetryMessage(message=t.failed),
    CancelMessage: lambda t: CancelMessage(message=t.queued),
    MarkRead: lambda t: MarkRead(conv=t.conv, pos=2),
    MarkUnread: lambda t: MarkUnread(conv=t.conv),
    Assign: lambda t: Assign(conv=t.conv, to=t.operator),
    LabelConversation: lambda t: LabelConversation(conv=t.conv, add=(t.label,)),
    Snooze: lambda t: Snooze(conv=t.conv, until=FAR),
    Close: lambda t: Close(conv=t.conv),
    Reopen: lambda t: Reopen(conv=t.conv),
    SaveDraft: lambda t: SaveDraft(conv=t.conv, text="dear", reply_to=t.inbound),
    SaveLabel: lambda t: SaveLabel(ws=t.ws, name="New", color="#abcdef"),
    DeleteLabel: lambda t: DeleteLabel(label=t.label),
    SaveContact: lambda t: SaveContact(contact=t.contact, name="Ivan P.", attributes={"city": "Omsk"}),
    MergeContacts: lambda t: MergeContacts(gone=t.other, into=t.contact),
    UndoMerge: lambda t: UndoMerge(merge=t.merge),
}
ADMINS = (SaveLabel, DeleteLabel, MergeContacts, UndoMerge)

EVERY_COMMAND = pytest.mark.parametrize("kind", list(COMMANDS), ids=lambda kind: kind.__name__)


def test_the_table_has_every_command() -> None:
    assert set(COMMANDS) == set(get_args(AnyCommand))


@EVERY_COMMAND
async def test_state_and_events_are_the_new_state_and_twice_is_once(
    world: World, kind: type[AnyCommand]
) -> None:
    command = COMMANDS[kind](await things(world, world.here))
    if kind is MarkRead:  # an answer has marked all as read
        await world.do(MarkUnread(conv=world.here.conv))
    reading, workspace = Reading(world.store), world.here.workspace
    me = world.here.roles["admin"]
    before = await snapshot(reading, workspace, me=me)
    answer = await world.do(command, role="admin", cid="key")
    assert answer.seq == (await world.one(WorkspaceRow, workspace)).seq
    rows = await world.store.rows(
        StreamRow, "WHERE workspace_id = $1 AND seq > $2 ORDER BY seq", workspace, before.seq
    )
    after = await snapshot(reading, workspace, me=me)
    if kind not in (Reopen, PinMessage):  # nothing was to be done; the thread says it once it is done
        assert rows, "nothing was said of it"
    assert reduce(before, events_of(rows, me=me)) == after
    assert await world.do(command, role="admin", cid="key") == answer
    assert await snapshot(reading, workspace, me=me) == after


async def test_who_may_do_what(world: World) -> None:
    """A viewer only reads, an operator works, an admin also shapes what all share."""
    here = await things(world, world.here)
    for kind, make in COMMANDS.items():
        forbidden: set[Role] = {"viewer", "operator"} if kind in ADMINS else {"viewer"}
        for role in forbidden:
            refused = await refusal(world.do(make(here), role=role))
            assert isinstance(refused, Forbidden), f"{role}, {kind.__name__}: {refused!r}"
    for kind, make in COMMANDS.items():  # and nothing was done by those who may not
        await world.do(make(here), role="admin" if kind in ADMINS else "operator")


async def test_anothers_things_are_as_unknown_as_what_never_was(world: World) -> None:
    """Same error, same words, whoever asks: nothing leaks, not even that it exists."""
    there = await things(world, world.there)
    nothing = Things(
        **{
            name: show(value.partition("_")[0], new_id())
            for name, value in msgspec.structs.asdict(there).items()
        }
    )
    for kind, make in COMMANDS.items():
        for role in ("viewer", "owner"):
            foreign = await refusal(world.do(make(there), role=role))
            unknown = await refusal(world.do(make(nothing), role=role))
            assert isinstance(foreign, NotFound), f"{kind.__name__}: {foreign!r}"
            assert said(foreign) == said(unknown), kind.__name__


MIXED: Mapping[str, Callable[[Things, Things], AnyCommand]] = {
    "reply to": lambda h, t: SendMessage(conv=h.conv, parts=(Text(body="x"),), reply_to=t.inbound),
    "assign to": lambda h, t: Assign(conv=h.conv, to=t.operator),
    "label with": lambda h, t: LabelConversation(conv=h.conv, add=(t.label,)),
    "unlabel": lambda h, t: LabelConversation(conv=h.conv, remove=(t.label,)),
    "draft a reply to": lambda h, t: SaveDraft(conv=h.conv, text="x", reply_to=t.inbound),
    "merge": lambda h, t: MergeContacts(gone=t.contact, into=h.contact),
    "save label": lambda h, t: SaveLabel(ws=h.ws, name="x", color="#000000", id=t.label),
    "send file": lambda h, t: SendMessage(conv=h.conv, parts=(Media(sort="image", ref=t.file),)),
}


@pytest.mark.parametrize("what", list(MIXED))
async def test_a_command_cannot_reach_into_another_workspace(world: World, what: str) -> None:
    here, there = await things(world, world.here), await things(world, world.there)
    before = await world.count("stream")
    assert isinstance(await refusal(world.do(MIXED[what](here, there), role="admin")), NotFound)
    assert await world.count("stream") == before


@pytest.mark.parametrize("shown", ["", "c_", "x_0000000000005", "c_uuuuuuuuuuuuu", "c_zzzzzzzzzzzzz", "c_💥"])
async def test_what_is_no_id_names_nothing(world: World, shown: str) -> None:
    with pytest.raises(NotFound):
        await world.do(Close(conv=shown))


async def test_one_key_is_for_one_command(world: World) -> None:
    await world.do(Close(conv=world.here.conv), cid="key")
    with pytest.raises(Conflict) as caught:
        await world.do(Reopen(conv=world.here.conv), cid="key")
    assert caught.value.code == "cid_used"
    admin = await world.do(Reopen(conv=world.here.conv), cid="key", role="admin")  # his own key
    assert admin.seq > 0


@pytest.mark.parametrize("cid", ["", "x" * 65])
async def test_a_key_has_its_length(world: World, cid: str) -> None:
    assert (await refusal(world.do(Close(conv=world.here.conv), cid=cid))).code == "cid"


async def test_a_refused_command_may_be_tried_again_under_its_key(world: World) -> None:
    command = Snooze(conv=world.here.conv, until=1)
    with pytest.raises(Problem):
        await world.do(command, cid="key")
    assert await world.all(DoneRow) == []
    await world.do(Close(conv=world.here.conv), cid="key")


async def test_the_same_key_at_the_same_moment_is_done_once(world: World) -> None:
    command = SendMessage(conv=world.here.conv, parts=(Text(body="hi"),))
    answers = await asyncio.gather(*(world.do(command, cid="key") for _ in range(20)))
    sent = [answer for answer in answers if isinstance(answer, Sent)]
    assert len({answer.messages for answer in sent}) == 1
    assert len(sent) == 20
    assert len([message for message in await world.thread() if message.dir == "out"]) == 1


async def test_an_answer_lasts_though_what_it_was_about_is_gone(world: World) -> None:
    saved = await world.do(
        SaveLabel(ws=show("w", world.here.workspace), name="A", color="#000000"), role="admin", cid="a"
    )
    assert isinstance(saved, Saved)
    delete = DeleteLabel(label=saved.id)
    await world.do(delete, role="admin", cid="b")
    again = await world.do(
        SaveLabel(ws=show("w", world.here.workspace), name="A", color="#000000"), role="admin", cid="a"
    )
    assert isinstance(again, Saved)
    assert again.id == saved.id
    assert await world.count("label") == 3  # one of each workspace, and this one


def test_a_digest_does_not_depend_on_the_order_of_attributes() -> None:
    one = SaveContact(contact="p", attributes={"a": "1", "b": "2"})
    other = SaveContact(contact="p", attributes={"b": "2", "a": "1"})
    assert digest_of(one) == digest_of(other)
    assert digest_of(one) != digest_of(SaveContact(contact="p", attributes={"a": "1"}))


async def test_who_has_no_role_anywhere_finds_nothing(world: World) -> None:
    stranger = Actor(operator=new_id(), name="X", roles={})
    with pytest.raises(NotFound):
        await world.inbox.perform(stranger, Close(conv=world.here.conv))
    with pytest.raises(NotFound):
        await world.inbox.can_send(stranger, world.here.conv)
    with pytest.raises(NotFound):
        await world.inbox.typing(stranger, world.here.conv, "reply")


async def test_typing_is_shown_to_colleagues_and_only_a_reply_to_the_person(world: World) -> None:
    heard: list[dict[str, object]] = []
    told: list[bytes] = []
    world.bus.subscribe(f"eph.{world.here.workspace}", lambda data: heard.append(msgspec.json.decode(data)))
    world.bus.subscribe(f"typing.{world.here.channel}", told.append)
    await world.inbox.typing(world.actor(), world.here.conv, "note")
    await world.inbox.typing(world.actor(), world.here.conv, "reply")
    assert [said["d"] for said in heard] == [
        {"who": show("o", world.here.roles["operator"]), "name": "The operator", "mode": mode}
        for mode in ("note", "reply")
    ]
    assert {said["conv"] for said in heard} == {world.here.conv}
    assert told == [str(world.here.conversation).encode()]
    with pytest.raises(Forbidden):
        await world.inbox.typing(world.actor("viewer"), world.here.conv, "reply")


async def test_a_command_that_has_something_to_send_wakes_its_lane(world: World) -> None:
    woken: list[bytes] = []
    world.bus.subscribe(f"lane.{world.here.channel}", woken.append)
    await world.do(Close(conv=world.here.conv))
    assert woken == []
    await world.do(SendMessage(conv=world.here.conv, parts=(Text(body="hi"),)))
    assert len(woken) == 1


async def test_writing_first_finds_or_makes_the_conversation(world: World) -> None:
    channel = show("ch", world.here.channel)
    known = await world.do(StartConversation(channel=channel, phone="7 999 123-45-67"))
    assert isinstance(known, Started)
    assert known.conv == world.here.conv
    new = await world.do(StartConversation(channel=channel, phone="+7 999 000-00-01", name=" Anna "))
    assert isinstance(new, Started)
    again = await world.do(StartConversation(channel=channel, phone="+79990000001"))
    assert isinstance(again, Started)
    assert again.conv == new.conv
    can = await world.inbox.can_send(world.actor(), new.conv)
    assert (can.ok, can.reason, can.alternatives) == (False, "window_closed", ("template", "note"))


async def refusal(doing: Awaitable[object]) -> Problem:
    """The problem a command comes to."""
    try:
        await doing
    except Problem as problem:
        return problem
    pytest.fail("it was done")


def said(problem: Problem) -> tuple[object, ...]:
    return type(problem), problem.code, problem.detail, problem.data
