"""Stories of the way out, and of what happens by itself: every command, wakings, people, channels.

Each is played twice in one: what was there, and what is then done. Together with inbox_stories.py they
become the fixtures of the page's reducers; a command without a story fails the tests of both languages.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, get_args

from inbox_reduce import Verify, plain
from inbox_world import HOUR, Put, World
from msgspec import Struct
from scripted_channel import Able

from jackfield.bus.memory import MemoryBus
from jackfield.channel import OutcomeUnknown, Rejected, Text
from jackfield.ids import new_id, read, show
from jackfield.inbox.clock import Clock
from jackfield.inbox.derive import derive
from jackfield.inbox.lane import Tempo
from jackfield.inbox.outbox import Outbox
from jackfield.inbox.protection.pausing import Pausing, Resuming
from jackfield.inbox.reading import Reading
from jackfield.inbox.views import operator_view
from jackfield.settings import Settings
from jackfield.store import tables
from jackfield.store.rows import (
    ChannelRow,
    ContactRow,
    ConversationRow,
    IdentityRow,
    MessageRow,
    OperatorRow,
    OutboxRow,
    StreamRow,
)
from jackfield.store.store import open_store
from jackfield.web.works import Announce, ChangeChannel, RemoveChannel, SetRole
from jackfield.wire.commands import (
    AnyAnswer,
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
    SaveDraft,
    SaveLabel,
    SendMessage,
    Sent,
    Snooze,
    StartConversation,
    Started,
    UndoMerge,
)
from jackfield.wire.stream import Notice, OperatorChanged
from jackfield.wire.views import Role

VERBS: frozenset[str] = frozenset(str(verb.__struct_config__.tag) for verb in get_args(AnyCommand))
OWNER = "process 1"
QUICK = Tempo(send_within=1.0, idle=0.5, first_retry=0.02, most_retry=0.05)
REFUSED = Rejected("no such number", remote_code="100")


class Stage(World):
    """A world that has one more workspace for each story, and notes what is commanded there."""

    name = ""
    done: list[AnyCommand]

    async def set(self, name: str) -> None:
        self.name, self.done, self.channel = name, [], Able()
        self.here = await self.place(name)
        self.channels[self.here.channel] = self.channel

    async def do(self, command: AnyCommand, *, role: Role = "admin", cid: str | None = "next") -> AnyAnswer:
        self.done.append(command)
        key = f"{self.name}.{len(self.done)}" if cid == "next" else cid
        return await super().do(command, role=role, cid=key)

    # -- what stories are made of ----------------------------------------------------------------

    async def message_said(self, text: str = "Good day", **more: Any) -> str:
        answer = await self.do(SendMessage(conv=self.here.conv, parts=(Text(body=text),), **more))
        assert isinstance(answer, Sent)
        return answer.messages[0]

    async def sent(self, text: str = "Good day") -> str:
        message = await self.message_said(text)
        await self.leaves(message, "sent")
        return message

    async def leaves(self, message: str, st: str, *script: str | BaseException) -> None:
        """The lane runs until the message is in this state."""
        self.channel.script = list(script)

        async def is_there() -> bool:
            return (await self.message(number)).st == st

        number = read("m", message)
        await self.lane_until(is_there)

    async def lane_until(self, look: Callable[[], Awaitable[bool]]) -> None:
        await self.change(ChannelRow, self.here.channel, lease_owner=OWNER)
        async with (
            asyncio.timeout(10),
            Outbox(self.store, self.bus, self.channels.get, owner=OWNER, tempo=QUICK) as outbox,
        ):
            outbox.start(self.here.channel, self.here.workspace)
            while not await look():  # noqa: ASYNC110  # the database has no event
                await asyncio.sleep(0.005)

    async def lane_ends(self) -> None:
        """The lane runs until nothing is left to do."""

        async def nothing_left() -> bool:
            found = await self.store.fetch(
                "SELECT COUNT(*) FROM outbox WHERE channel_id = $1 AND state IN ('waiting', 'sending')",
                self.here.channel,
            )
            return int(found[0][0]) == 0

        await self.lane_until(nothing_left)

    async def olga(self) -> str:
        """A second person, with a conversation of her own."""
        now = await self.now()
        contact, conversation, inbound, identity = (new_id() for _ in range(4))
        await self.put(
            ContactRow(id=contact, workspace_id=self.here.workspace, name="Olga", created_at=now),
            IdentityRow(
                id=identity,
                workspace_id=self.here.workspace,
                contact_id=contact,
                kind="phone",
                value="+79997654321",
                source="test",
                at=now,
            ),
        )
        await self.converse(
            self.here.workspace,
            self.here.channel,
            contact,
            conversation,
            inbound,
            peer="phone:+79997654321",
            name="olga",
        )
        return show("p", contact)

    @property
    def contact(self) -> str:
        return show("p", self.here.contact)

    @property
    def label(self) -> str:
        return show("l", self.here.label)

    def who(self, role: Role) -> str:
        return show("o", self.here.roles[role])


class VerbStory(Struct, frozen=True, kw_only=True):
    """`then` is what is verified; what `given` answers is handed to it."""

    name: str
    given: Callable[[Stage], Awaitable[Any]] | None = None
    then: Callable[[Stage, Any], Awaitable[object]]


# -- what was there --------------------------------------------------------------------------------


async def _failed(stage: Stage) -> str:
    message = await stage.message_said()
    await stage.leaves(message, "failed", REFUSED)
    return message


async def _unknown(stage: Stage) -> str:
    message = await stage.message_said()
    await stage.leaves(message, "unknown", OutcomeUnknown("no answer"))
    return message


async def _in_an_hour(stage: Stage) -> str:
    return await stage.message_said(due_at=await stage.now() + HOUR)


async def _due(stage: Stage) -> str:
    message = await _in_an_hour(stage)
    past = await stage.now() - 1
    await stage.change(MessageRow, read("m", message), due_at=past)
    (row,) = await stage.store.rows(OutboxRow, "WHERE message_id = $1", read("m", message))
    await stage.change(OutboxRow, row.id, due_at=past)
    return message


async def _note(stage: Stage) -> str:
    return await stage.message_said("he is nice", mode="note")


async def _reacted(stage: Stage) -> None:
    await stage.do(ReactToMessage(message=show("m", stage.here.inbound), emoji="👍"))
    await stage.lane_ends()


async def _pinned(stage: Stage) -> None:
    await stage.do(PinMessage(message=show("m", stage.here.inbound), days=7))
    await stage.lane_ends()


async def _snoozed(stage: Stage) -> None:
    await stage.do(Snooze(conv=stage.here.conv, until=await stage.now() + HOUR))


async def _overslept(stage: Stage) -> None:
    await _snoozed(stage)
    await stage.change(ConversationRow, stage.here.conversation, snoozed_until=await stage.now() - 1)


async def _draft(stage: Stage) -> None:
    await stage.do(SaveDraft(conv=stage.here.conv, text="Dear"))


async def _merged(stage: Stage) -> str:
    answer = await stage.do(MergeContacts(gone=await stage.olga(), into=stage.contact))
    assert isinstance(answer, Merged)
    return answer.merge


async def _joined(stage: Stage) -> int:
    operator = OperatorRow(id=new_id(), email=f"new@{stage.name}.example", name="New", created_at=0)
    await stage.store.writer.do(Put(0, [operator]))
    return operator.id


# -- what then happens -----------------------------------------------------------------------------


async def _send(stage: Stage, **more: Any) -> None:
    await stage.message_said(**more)


async def _react_away(stage: Stage) -> None:
    await stage.do(ReactToMessage(message=show("m", stage.here.inbound), emoji=""))
    await stage.lane_ends()


async def _pin_away(stage: Stage) -> None:
    await stage.do(PinMessage(message=show("m", stage.here.inbound), days=0))
    await stage.lane_ends()


async def _edit(stage: Stage, message: str) -> None:
    await stage.do(EditMessage(message=message, text="Good evening"))
    await stage.lane_ends()


async def _delete(stage: Stage, message: str) -> None:
    await stage.do(DeleteMessage(message=message))
    await stage.lane_ends()


async def _refused_edit(stage: Stage, message: str) -> None:
    await stage.do(EditMessage(message=message, text="Good evening"))
    stage.channel.script = [REFUSED]
    await stage.lane_ends()


async def _retry(stage: Stage, message: str) -> None:
    await stage.do(RetryMessage(message=message))
    await stage.leaves(message, "sent")


async def _start(stage: Stage) -> None:
    phone, channel = "+79995550011", show("ch", stage.here.channel)
    answer = await stage.do(StartConversation(channel=channel, phone=phone, name="Vera"))
    assert isinstance(answer, Started)


async def _rename(stage: Stage) -> None:
    number = stage.here.roles["operator"]
    await tables.Operator.filter(id=number).update(name="Anna-Maria")
    (row,) = await stage.store.rows(OperatorRow, "WHERE id = $1", number)
    event = OperatorChanged(operator=operator_view(row, role="operator"))
    await stage.store.writer.do(Announce(workspace=stage.here.workspace, event=event))


async def _notice(stage: Stage) -> None:
    said = Notice(channel=show("ch", stage.here.channel), severity="warning", code="quality", at=1)
    await stage.store.writer.do(Announce(workspace=stage.here.workspace, event=said))


def _role(stage: Stage, operator: int, role: Role | None) -> Awaitable[None]:
    return stage.store.writer.do(SetRole(workspace=stage.here.workspace, operator=operator, role=role))


def _channel(stage: Stage, **change: Any) -> Awaitable[ChannelRow]:
    return stage.store.writer.do(
        ChangeChannel(workspace=stage.here.workspace, channel=stage.here.channel, **change)
    )


def _paused(stage: Stage) -> Awaitable[ChannelRow]:
    return stage.store.writer.do(
        Pausing(workspace=stage.here.workspace, channel=stage.here.channel, reason="banned")
    )


def _cancel(stage: Stage, message: str) -> Awaitable[AnyAnswer]:
    return stage.do(CancelMessage(message=message))


STORIES = (
    VerbStory(name="says", then=lambda on, _: _send(on)),
    VerbStory(name="notes", then=lambda on, _: _send(on, mode="note")),
    VerbStory(
        name="says-two-things",
        then=lambda on, _: on.do(SendMessage(conv=on.here.conv, parts=(Text(body="one"), Text(body="two")))),
    ),
    VerbStory(
        name="answers",
        then=lambda on, _: _send(on, reply_to=show("m", on.here.inbound), seen_pos=1),
    ),
    VerbStory(name="says-later", then=lambda on, _: _in_an_hour(on)),
    VerbStory(name="says-what-was-a-draft", given=_draft, then=lambda on, _: _send(on)),
    VerbStory(
        name="reopens-by-saying",
        given=lambda on: on.do(Close(conv=on.here.conv)),
        then=lambda on, _: _send(on),
    ),
    VerbStory(
        name="leaves", given=lambda on: on.message_said(), then=lambda on, said: on.leaves(said, "sent")
    ),
    VerbStory(
        name="is-refused",
        given=lambda on: on.message_said(),
        then=lambda on, said: on.leaves(said, "failed", REFUSED),
    ),
    VerbStory(
        name="nobody-knows",
        given=lambda on: on.message_said(),
        then=lambda on, said: on.leaves(said, "unknown", OutcomeUnknown("no answer")),
    ),
    VerbStory(name="its-time-has-come", given=_due, then=lambda on, _: Clock(on.store, on.bus).queue()),
    VerbStory(name="starts", then=lambda on, _: _start(on)),
    VerbStory(name="edits-a-note", given=_note, then=_edit),
    VerbStory(name="edits", given=lambda on: on.sent(), then=_edit),
    VerbStory(name="edits-in-vain", given=lambda on: on.sent(), then=_refused_edit),
    VerbStory(name="deletes-a-note", given=_note, then=_delete),
    VerbStory(name="deletes", given=lambda on: on.sent(), then=_delete),
    VerbStory(name="reacts", then=lambda on, _: _reacted(on)),
    VerbStory(name="reacts-no-more", given=_reacted, then=lambda on, _: _react_away(on)),
    VerbStory(name="pins", then=lambda on, _: _pinned(on)),
    VerbStory(name="pins-no-more", given=_pinned, then=lambda on, _: _pin_away(on)),
    VerbStory(name="retries", given=_failed, then=_retry),
    VerbStory(name="retries-what-nobody-knows", given=_unknown, then=_retry),
    VerbStory(name="cancels-what-was-for-later", given=_in_an_hour, then=_cancel),
    VerbStory(name="cancels-what-has-not-left", given=lambda on: on.message_said(), then=_cancel),
    VerbStory(name="gives-up", given=_unknown, then=_cancel),
    VerbStory(name="reads", then=lambda on, _: on.do(MarkRead(conv=on.here.conv, pos=1))),
    VerbStory(
        name="marks-unread",
        given=lambda on: on.do(MarkRead(conv=on.here.conv, pos=1)),
        then=lambda on, _: on.do(MarkUnread(conv=on.here.conv)),
    ),
    VerbStory(name="gives-to", then=lambda on, _: on.do(Assign(conv=on.here.conv, to=on.who("operator")))),
    VerbStory(
        name="gives-to-nobody",
        given=lambda on: on.do(Assign(conv=on.here.conv, to=on.who("operator"))),
        then=lambda on, _: on.do(Assign(conv=on.here.conv, to=None)),
    ),
    VerbStory(name="labels", then=lambda on, _: on.do(LabelConversation(conv=on.here.conv, add=(on.label,)))),
    VerbStory(
        name="labels-no-more",
        given=lambda on: on.do(LabelConversation(conv=on.here.conv, add=(on.label,))),
        then=lambda on, _: on.do(LabelConversation(conv=on.here.conv, remove=(on.label,))),
    ),
    VerbStory(name="snoozes", then=lambda on, _: _snoozed(on)),
    VerbStory(name="wakes", given=_overslept, then=lambda on, _: Clock(on.store, on.bus).wake()),
    VerbStory(name="closes", then=lambda on, _: on.do(Close(conv=on.here.conv))),
    VerbStory(
        name="reopens",
        given=lambda on: on.do(Close(conv=on.here.conv)),
        then=lambda on, _: on.do(Reopen(conv=on.here.conv)),
    ),
    VerbStory(name="drafts", then=lambda on, _: _draft(on)),
    VerbStory(
        name="drafts-no-more", given=_draft, then=lambda on, _: on.do(SaveDraft(conv=on.here.conv, text=""))
    ),
    VerbStory(
        name="makes-a-label",
        then=lambda on, _: on.do(SaveLabel(ws=show("w", on.here.workspace), name="Gold", color="#ffcc00")),
    ),
    VerbStory(
        name="renames-a-label",
        then=lambda on, _: on.do(
            SaveLabel(ws=show("w", on.here.workspace), name="VIPs", color="#ffcc00", id=on.label)
        ),
    ),
    VerbStory(
        name="deletes-a-label",
        given=lambda on: on.do(LabelConversation(conv=on.here.conv, add=(on.label,))),
        then=lambda on, _: on.do(DeleteLabel(label=on.label)),
    ),
    VerbStory(
        name="names-a-contact",
        then=lambda on, _: on.do(SaveContact(contact=on.contact, name="Vanya", attributes={"city": "Riga"})),
    ),
    VerbStory(
        name="merges",
        given=lambda on: on.olga(),
        then=lambda on, gone: on.do(MergeContacts(gone=gone, into=on.contact)),
    ),
    VerbStory(name="takes-apart", given=_merged, then=lambda on, merge: on.do(UndoMerge(merge=merge))),
    VerbStory(name="joins", given=_joined, then=lambda on, who: _role(on, who, "viewer")),
    VerbStory(name="gets-another-role", then=lambda on, _: _role(on, on.here.roles["operator"], "viewer")),
    VerbStory(name="leaves-the-workspace", then=lambda on, _: _role(on, on.here.roles["operator"], None)),
    VerbStory(name="is-called-otherwise", then=lambda on, _: _rename(on)),
    VerbStory(name="renames-a-channel", then=lambda on, _: _channel(on, name="Front desk")),
    VerbStory(name="stops-a-channel", then=lambda on, _: _channel(on, enabled=False)),
    VerbStory(
        name="removes-a-channel",
        then=lambda on, _: on.store.writer.do(
            RemoveChannel(workspace=on.here.workspace, channel=on.here.channel)
        ),
    ),
    VerbStory(name="pauses-a-channel", then=lambda on, _: _paused(on)),
    VerbStory(
        name="goes-on",
        given=_paused,
        then=lambda on, _: on.store.writer.do(
            Resuming(workspace=on.here.workspace, channel=on.here.channel, by=on.here.roles["admin"])
        ),
    ),
    VerbStory(name="is-warned", then=lambda on, _: _notice(on)),
)


class Told(Struct, frozen=True, kw_only=True):
    """A story as it was verified. `turn`: when `then` began, in ms; `verbs`: the commands in it."""

    verify: Verify
    turn: int
    verbs: tuple[str, ...]

    def fixture(self, name: str) -> dict[str, Any]:
        return {
            "name": name,
            "verbs": sorted(set(self.verbs)),
            "before": plain(self.verify.before),
            "events": [{"seq": seq, "d": plain(event)} for seq, event in self.verify.events],
            "after": plain(self.verify.after),
        }


async def play(stage: Stage, story: VerbStory, stream: list[StreamRow]) -> Told:
    """Tell a story in a workspace of its own, verified."""
    await stage.set(story.name)
    given = None if story.given is None else await story.given(stage)
    await asyncio.sleep(0.002)  # what is done now is not of the same millisecond
    turn, before = await stage.now(), len(stage.done)
    me = stage.here.roles["admin"]
    verify = Verify(Reading(stage.store), stage.here.workspace, stream, me=me)
    async with verify:
        await story.then(stage, given)
    verbs = tuple(str(type(command).__struct_config__.tag) for command in stage.done[before:])
    return Told(verify=verify, turn=turn, verbs=verbs)


@asynccontextmanager
async def open_stage(settings: Settings) -> AsyncGenerator[tuple[Stage, list[StreamRow]]]:
    stream: list[StreamRow] = []
    async with open_store(settings, derive=derive, committed=stream.extend) as store:
        yield Stage(store, MemoryBus()), stream
