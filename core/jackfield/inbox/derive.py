"""From changed rows to stream events: no verb writes events, so none can forget one.

The order within a transaction: contacts, messages, conversations (one event each, the last word), the
rest. Each event takes the next seq of its workspace, and that is the `rev` of the row it shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from jackfield.ids import new_id, show
from jackfield.store.indexes import (
    CONTACT,
    COUNTERS,
    IDENTITIES_OF,
    MEMBERSHIPS_OF,
    MERGES_INTO,
    OPERATOR,
    WORKSPACE,
)
from jackfield.store.rows import (
    ChannelRow,
    ChannelStateRow,
    ContactRow,
    ConversationRow,
    CounterRow,
    DraftRow,
    IdentityRow,
    LabelRow,
    MembershipRow,
    MergeRow,
    MessageRow,
    OperatorRow,
    Row,
    StreamRow,
    WorkspaceRow,
)
from jackfield.store.uow import Uow
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
from jackfield.wire.views import Draft, MessageStatus

from .columns import to_json
from .facts import peek_all
from .search.index import index
from .views import (
    channel_view,
    contact_view,
    conversation_view,
    draft_view,
    label_view,
    message_view,
    operator_view,
)

# Columns of a message that no view shows; a reply's own id is seen through its quote.
_UNSEEN = frozenset({"txn", "delivery_id", "versions", "rev", "reply_external_id", "reply_id"})
_SEEN = tuple(name for name in MessageRow.__struct_fields__ if name not in _UNSEEN)

Change = tuple[Row | None, Row | None]


def derive(uow: Uow) -> None:
    """Append the stream rows, set the revs, move the counters.

    A StreamRow that a work added with seq 0 (a notice has no row of its own) is numbered here too.
    A work that changes a contact needs identity.whole(contact), one that changes a membership its
    OPERATOR; one that changes an operator tells the workspaces of those MEMBERSHIPS_OF it loaded.
    """
    changes = list(uow.changes())
    log = _Log(uow)
    for contact in _contacts(uow, changes):
        log.contact(contact)
    for before, after in changes:
        if isinstance(after, MessageRow):
            log.message(cast("MessageRow | None", before), after)
    for before, after in changes:
        if isinstance(after, ConversationRow):
            log.conversation(cast("ConversationRow | None", before), after)
    for before, after in changes:
        log.other(before, after)
    index(uow, changes)


def notice(uow: Uow, workspace: int, event: Notice) -> None:
    """Put an event that belongs to no row into the stream of a workspace."""
    uow.add(StreamRow(id=new_id(), workspace_id=workspace, seq=0, data=to_json(event), at=uow.now))


def _contacts(uow: Uow, changes: list[Change]) -> Iterator[ContactRow]:
    """Contacts whose view changed: by their own row, an address, or a merge."""
    numbers: dict[int, None] = {}
    for change in changes:
        for row in change:
            match row:
                case ContactRow(id=number) | IdentityRow(contact_id=number) | MergeRow(into_id=number):
                    numbers[number] = None
                case _:
                    pass
    for number in numbers:
        contact = uow.one(CONTACT, number)
        if contact is not None:
            yield contact


class _Log:
    """The ends of the streams of the workspaces that change in one transaction."""

    def __init__(self, uow: Uow) -> None:
        self._uow = uow
        self._spaces: dict[int, WorkspaceRow] = {}

    def _space(self, workspace: int) -> WorkspaceRow:
        """Where the seq of a workspace's stream is counted."""
        row = self._spaces.get(workspace)
        if row is None:
            found = self._uow.one(WORKSPACE, workspace)
            assert found is not None, "the writer loads the workspace of every work"
            row = self._spaces[workspace] = self._uow.edit(found)
        return row

    def _append(self, workspace: int, data: str, *, audience: int | None = None) -> None:
        row = self._space(workspace)
        row.seq += 1
        self._uow.add(
            StreamRow(
                id=new_id(),
                workspace_id=workspace,
                seq=row.seq,
                audience=audience,
                data=data,
                at=self._uow.now,
            )
        )

    def _event(self, workspace: int, event: AnyStreamEvent, *, audience: int | None = None) -> None:
        self._append(workspace, to_json(event), audience=audience)

    def _next(self, workspace: int) -> int:
        """The seq the next event of a workspace will have."""
        return self._space(workspace).seq + 1

    def contact(self, row: ContactRow) -> None:
        was = self._uow.change_of(row)
        if row.merged_into is not None:
            if was is None or cast("ContactRow", was).merged_into is None:
                self._event(
                    row.workspace_id, ContactMerged(gone=show("p", row.id), into=show("p", row.merged_into))
                )
            return
        self._uow.edit(row).rev = self._next(row.workspace_id)
        view = contact_view(row, self._uow.all(IDENTITIES_OF, row.id), self._uow.all(MERGES_INTO, row.id))
        self._event(row.workspace_id, ContactChanged(contact=view))

    def message(self, before: MessageRow | None, row: MessageRow) -> None:
        if before is not None and before.conversation_id != row.conversation_id:
            return  # its whole conversation moved: conv.merge says so
        changed = [] if before is None else [n for n in _SEEN if getattr(before, n) != getattr(row, n)]
        if before is not None and not changed:
            return
        row.rev = self._next(row.workspace_id)
        event: AnyStreamEvent
        if before is None:
            event = MessageNew(msg=message_view(row))
        elif changed == ["st"]:
            event = MessageStatusChanged(
                conv=show("c", row.conversation_id),
                id=show("m", row.id),
                rev=row.rev,
                st=cast("MessageStatus", row.st),
            )
        else:
            event = MessagePatch(msg=message_view(row))
        self._event(row.workspace_id, event)

    def conversation(self, before: ConversationRow | None, row: ConversationRow) -> None:
        counters = self._count(before, row)
        event: AnyStreamEvent
        if row.merged_into is not None:
            if before is None or before.merged_into is not None:
                return
            event = ConversationMerged(
                gone=show("c", row.id), into=show("c", row.merged_into), counters=counters
            )
        else:
            row.rev = self._next(row.workspace_id)
            kind = ConversationNew if before is None or before.merged_into is not None else ConversationPatch
            event = kind(row=conversation_view(row), counters=counters)
        self._event(row.workspace_id, event)

    def _count(self, before: ConversationRow | None, row: ConversationRow) -> dict[str, int]:
        """Move the counters by what a conversation left and entered; answer the new values."""
        left, entered = _counted(before), _counted(row)
        moved: dict[str, int] = {}
        if left == entered:
            return moved
        counters = {counter.key: counter for counter in self._uow.all(COUNTERS, row.workspace_id)}
        for key in left ^ entered:
            counter = counters.get(key)
            if counter is None:
                counter = self._uow.add(CounterRow(id=new_id(), workspace_id=row.workspace_id, key=key))
            else:
                self._uow.edit(counter)
            counter.n += 1 if key in entered else -1
            moved[key] = counter.n
        return moved

    def other(self, before: Row | None, after: Row | None) -> None:
        row = after or before
        match row:
            case ChannelRow():
                self._channel(cast("ChannelRow | None", before), row)
            case LabelRow():
                row.rev = self._next(row.workspace_id)
                self._event(row.workspace_id, LabelChanged(label=label_view(row)))
            case DraftRow():
                draft = draft_view(row)
                if after is None:
                    draft = Draft(conv=draft.conv, text="", at=self._uow.now)
                self._event(row.workspace_id, DraftChanged(draft=draft), audience=row.operator_id)
            case MembershipRow():
                self._member(row, role=None if after is None else row.role)
            case OperatorRow() if before is not None:
                for member in peek_all(self._uow, MEMBERSHIPS_OF, row.id):
                    self._member(member, role=member.role)
            case StreamRow(seq=0):
                self._uow.remove(row)  # comes back behind the others: rows are stored in their order
                self._append(row.workspace_id, row.data, audience=row.audience)
            case _:
                pass

    def _channel(self, before: ChannelRow | None, row: ChannelRow) -> None:
        if row.removed_at is not None:
            if before is not None and before.removed_at is None:
                self._event(row.workspace_id, ChannelRemoved(id=show("ch", row.id)))
        elif before is None or channel_view(before) != channel_view(row):
            row.rev = self._next(row.workspace_id)
            self._event(row.workspace_id, ChannelChanged(channel=channel_view(row)))
        if before is None or (before.state, before.state_code) != (row.state, row.state_code):
            self._uow.add(
                ChannelStateRow(
                    id=new_id(),
                    workspace_id=row.workspace_id,
                    channel_id=row.id,
                    at=row.state_at or self._uow.now,
                    state=row.state,
                    code=row.state_code,
                    text=row.state_text,
                )
            )

    def _member(self, row: MembershipRow, *, role: str | None) -> None:
        operator = self._uow.one(OPERATOR, row.operator_id)
        if operator is not None:
            view = operator_view(operator, role=role)
            self._event(row.workspace_id, OperatorChanged(operator=view))


def _counted(row: ConversationRow | None) -> frozenset[str]:
    """The counters that count this conversation: open ones, and among them those with news."""
    if row is None or row.merged_into is not None or row.status != "open":
        return frozenset()
    if not row.unread and not row.marked_unread:
        return frozenset({"open"})
    whose = "none" if row.assignee_id is None else show("o", row.assignee_id)
    return frozenset({"open", "unread", f"unread:{whose}", f"unread:{show('ch', row.channel_id)}"})
