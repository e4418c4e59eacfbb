"""The state a client has of a workspace, and what stream events make of it: state + events = state.

The page's reducers do the same and are held to it by the fixtures that inbox_stories.py writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, assert_never, cast

import msgspec
from msgspec import Struct, field, structs

from jackfield.ids import show
from jackfield.inbox.reading import Reading
from jackfield.store.rows import StreamRow
from jackfield.wire.realtime import Folder
from jackfield.wire.stream import (
    AnyStreamEvent,
    ChannelChanged,
    ChannelRemoved,
    ContactChanged,
    ContactMerged,
    ConversationMerged,
    ConversationNew,
    ConversationPatch,
    DraftChanged,
    LabelChanged,
    MessageNew,
    MessagePatch,
    MessageStatusChanged,
    Notice,
    OperatorChanged,
)
from jackfield.wire.views import (
    ChannelView,
    ContactView,
    ConversationView,
    Draft,
    LabelView,
    MessageView,
    OperatorView,
)

EVERYTHING = 1_000_000


class State(Struct, kw_only=True):
    """By id. `stale`: conversations whose messages have to be read again."""

    seq: int = 0
    conversations: dict[str, ConversationView] = field(default_factory=dict[str, ConversationView])
    messages: dict[str, MessageView] = field(default_factory=dict[str, MessageView])
    contacts: dict[str, ContactView] = field(default_factory=dict[str, ContactView])
    channels: dict[str, ChannelView] = field(default_factory=dict[str, ChannelView])
    labels: dict[str, LabelView] = field(default_factory=dict[str, LabelView])
    operators: dict[str, OperatorView] = field(default_factory=dict[str, OperatorView])
    drafts: dict[str, Draft] = field(default_factory=dict[str, Draft])
    counters: dict[str, int] = field(default_factory=dict[str, int])
    stale: list[str] = field(default_factory=list[str])


async def snapshot(reading: Reading, workspace: int, *, me: int = 0) -> State:
    """The state as the queries answer it, read from the store."""
    rows, _ = await reading.conversations(
        [workspace], Folder(status="all"), me=me, after=None, limit=EVERYTHING
    )
    messages: dict[str, MessageView] = {}
    for row in rows:
        page = await reading.thread([workspace], row.id, limit=EVERYTHING)
        messages |= {view.id: view for view in page.messages}
    people, _ = await reading.contacts([workspace], limit=EVERYTHING)
    return State(
        seq=(await reading.heads([workspace]))[workspace].seq,
        conversations={row.id: row for row in rows},
        messages=messages,
        contacts={view.id: view for view in people},
        channels={view.id: view for view in await reading.channels(workspace)},
        labels={view.id: view for view in await reading.labels(workspace)},
        operators={view.id: view for view in await reading.operators(workspace)},
        drafts={draft.conv: draft for draft in await reading.drafts(me, workspace)},
        counters=await reading.counters(workspace),
    )


def events_of(rows: Iterable[StreamRow], *, me: int = 0) -> list[tuple[int, AnyStreamEvent]]:
    """The events of stream rows that are meant for an operator, with their seq."""
    return [
        (row.seq, msgspec.json.decode(row.data, type=AnyStreamEvent))
        for row in rows
        if row.audience is None or row.audience == me
    ]


def reduce(state: State, events: Sequence[tuple[int, AnyStreamEvent]]) -> State:
    """Apply events to a state; the state given stays as it is."""
    new: State = msgspec.json.decode(msgspec.json.encode(state), type=State)
    for seq, event in events:
        _apply(new, event)
        new.seq = max(new.seq, seq)
    return new


def _apply(state: State, event: AnyStreamEvent) -> None:  # noqa: PLR0912  # one case for each event
    match event:
        case MessageNew(msg=msg) | MessagePatch(msg=msg):
            old = state.messages.get(msg.id)
            if old is None or msg.rev > old.rev:
                state.messages[msg.id] = msg
        case MessageStatusChanged():
            old = state.messages.get(event.id)
            if old is not None and event.rev > old.rev:
                state.messages[event.id] = structs.replace(old, st=event.st, rev=event.rev)
        case ConversationNew(row=row, counters=counters) | ConversationPatch(row=row, counters=counters):
            known = state.conversations.get(row.id)
            if known is None or row.rev > known.rev:
                state.conversations[row.id] = row
            state.counters |= counters
        case ConversationMerged():
            both = (event.gone, event.into)
            state.conversations.pop(event.gone, None)
            state.drafts.pop(event.gone, None)
            state.messages = {key: msg for key, msg in state.messages.items() if msg.conv not in both}
            state.stale.append(event.into)
            state.counters |= event.counters
        case ContactChanged(contact=contact):
            state.contacts[contact.id] = contact
        case ContactMerged(gone=gone):
            state.contacts.pop(gone, None)
        case DraftChanged(draft=draft):
            if draft.text:
                state.drafts[draft.conv] = draft
            else:
                state.drafts.pop(draft.conv, None)
        case ChannelChanged(channel=channel):
            state.channels[channel.id] = channel
        case ChannelRemoved(id=number):
            state.channels.pop(number, None)
        case LabelChanged(label=label):
            if label.deleted:
                state.labels.pop(label.id, None)
            else:
                state.labels[label.id] = label
        case OperatorChanged(operator=operator):
            if operator.role is None:
                state.operators.pop(operator.id, None)
            else:
                state.operators[operator.id] = operator
        case Notice():
            pass  # said once, kept nowhere
        case _:
            assert_never(event)


def plain(value: Any) -> Any:
    """As JSON has it, without what is a default: two equal things then look the same."""
    match value:
        case Struct():
            config = value.__struct_config__
            said = {config.tag_field: config.tag} if config.tag_field else {}
            for one in structs.fields(value):
                found = getattr(value, one.name)
                made = one.default_factory
                usual = one.default if made is msgspec.NODEFAULT else made()
                if found != usual:
                    said[one.encode_name] = plain(found)
            return said
        case dict():
            return {key: plain(one) for key, one in cast("dict[str, Any]", value).items()}
        case list() | tuple():
            return [plain(one) for one in cast("Sequence[Any]", value)]
        case msgspec.Raw():
            return msgspec.json.decode(value)
        case _:
            return value


def same(reduced: State, read: State) -> None:
    """Assert that what the events made is what the queries answer. Threads that have to be read again
    are left out."""
    stale = set(reduced.stale)

    def comparable(state: State) -> dict[str, Any]:
        kept = {key: view for key, view in state.messages.items() if view.conv not in stale}
        counters = {key: n for key, n in state.counters.items() if n}
        said: dict[str, Any] = plain(structs.replace(state, messages=kept, counters=counters, stale=[]))
        return said

    ours, theirs = comparable(reduced), comparable(read)
    for part in sorted(ours.keys() | theirs.keys()):
        assert ours.get(part) == theirs.get(part), f"{part}: state + events is not the state"


class Verify:
    """`async with Verify(reading, workspace, stream):` what happens inside is told whole by its events.

    `stream` grows by every committed row, as open_store's `committed` is told them.
    """

    def __init__(self, reading: Reading, workspace: int, stream: Sequence[StreamRow], *, me: int = 0) -> None:
        self._reading, self._workspace, self._stream, self._me = reading, workspace, stream, me
        self.events: list[tuple[int, AnyStreamEvent]] = []

    async def __aenter__(self) -> Verify:
        self.before = await snapshot(self._reading, self._workspace, me=self._me)
        self._start = len(self._stream)
        return self

    async def __aexit__(self, failed: type[BaseException] | None, *_: object) -> None:
        if failed is not None:
            return
        rows = [row for row in self._stream[self._start :] if row.workspace_id == self._workspace]
        wanted = list(range(self.before.seq + 1, self.before.seq + 1 + len(rows)))
        assert [row.seq for row in rows] == wanted, f"the stream of {show('w', self._workspace)} has a gap"
        self.events = events_of(rows, me=self._me)
        self.after = await snapshot(self._reading, self._workspace, me=self._me)
        reduced = reduce(self.before, self.events)
        reduced.seq = self.before.seq + len(rows)
        same(reduced, self.after)
        same(reduce(reduced, self.events), self.after)  # told twice does no harm
