"""Conversations as they are found, opened and joined while something comes in."""

from __future__ import annotations

from collections.abc import Iterator

from jackfield.ids import new_id
from jackfield.store.indexes import (
    CONVERSATION,
    DRAFTS_IN,
    LABELS_ON,
    MESSAGES_IN,
    OUTBOX_IN,
    PEER,
    PEERS_OF,
)
from jackfield.store.rows import (
    ContactRow,
    ConversationLabelRow,
    ConversationRow,
    DraftRow,
    MessageRow,
    PeerRow,
)
from jackfield.store.uow import Need, Uow

from .addresses import best_shown
from .columns import LAST, MARKS, NUMBERS, from_json, many, to_json
from .facts import ChannelFacts, Look, one
from .identity import live_conversations, newest_addresses


def at_peer(uow: Uow, facts: ChannelFacts, peer: str, *, look: Look = one) -> ConversationRow | None:
    """The conversation a peer is known by."""
    row = look(uow, PEER, facts.channel, peer)
    return None if row is None else look(uow, CONVERSATION, row.conversation_id)


def open_conversation(
    uow: Uow, facts: ChannelFacts, peer: str, *, contact: ContactRow | None, at: int
) -> ConversationRow:
    """The direct conversation with a peer: found, or the contact's own under one more peer, or new."""
    found = at_peer(uow, facts, peer)
    own = [] if contact is None else live_conversations(uow, contact.id, facts.channel)
    if found is None and own:
        found = own[-1]
        attach(uow, facts, found, peer)
    if found is None:
        return add_conversation(uow, facts, peer, contact=contact, group=False, at=at)
    if contact is not None and found.contact_id != contact.id:
        uow.edit(found).contact_id = contact.id
        uow.place(found)
        _name(uow, found, contact)
    return found


def open_group(uow: Uow, facts: ChannelFacts, peer: str, *, at: int) -> ConversationRow:
    found = at_peer(uow, facts, peer)
    return found or add_conversation(uow, facts, peer, contact=None, group=True, at=at)


def add_conversation(
    uow: Uow, facts: ChannelFacts, peer: str, *, contact: ContactRow | None, group: bool, at: int
) -> ConversationRow:
    """A new conversation under a peer that is known by none yet."""
    number = new_id()
    uow.fresh(
        CONVERSATION(number),
        PEERS_OF(number),
        MESSAGES_IN(number),
        OUTBOX_IN(number),
        DRAFTS_IN(number),
        LABELS_ON(number),
    )
    conversation = uow.add(
        ConversationRow(
            id=number,
            workspace_id=facts.workspace,
            channel_id=facts.channel,
            peer=peer,
            is_group=group,
            contact_id=None if contact is None else contact.id,
            last_at=at,
            windowed=facts.window_ms is not None and not group,
            created_at=uow.now,
        )
    )
    if contact is not None:
        _name(uow, conversation, contact)
    attach(uow, facts, conversation, peer)
    return conversation


def attach(uow: Uow, facts: ChannelFacts, conversation: ConversationRow, peer: str) -> None:
    """From now on the conversation is known by this peer too."""
    uow.add(PeerRow(id=new_id(), channel_id=facts.channel, peer=peer, conversation_id=conversation.id))


def _name(uow: Uow, conversation: ConversationRow, contact: ContactRow) -> None:
    conversation.name, conversation.avatar = contact.name, contact.avatar
    conversation.shown = best_shown(newest_addresses(uow, contact.id))


# -- joining two threads of one person ----------------------------------------------------------------


def join_needs(uow: Uow, facts: ChannelFacts, contacts: list[int]) -> Iterator[Need]:
    """What join_all() needs if these contacts turn out to be one."""
    threads = {row.id: row for contact in contacts for row in live_conversations(uow, contact, facts.channel)}
    if len(threads) < 2:
        return
    for number in sorted(threads):
        yield CONVERSATION(number)
        yield PEERS_OF(number)
        yield OUTBOX_IN(number)
        yield DRAFTS_IN(number)
        yield LABELS_ON(number)
    for number in sorted(threads)[1:]:
        yield MESSAGES_IN(number)


def join_all(uow: Uow, facts: ChannelFacts, contact: ContactRow) -> ConversationRow | None:
    """Make one conversation of all a contact has on this channel: the oldest; None if he has none.

    A thread whose messages are not loaded stays as it is: it then has two, and both are shown.
    """
    threads = live_conversations(uow, contact.id, facts.channel)
    if not threads:
        return None
    into = threads[0]
    for gone in threads[1:]:
        if uow.knows(MESSAGES_IN, gone.id):
            join(uow, into, gone)
    return into


def join(uow: Uow, into: ConversationRow, gone: ConversationRow) -> None:
    """Move everything of one conversation behind the messages of another. Needs join_needs."""
    messages = sorted(uow.all(MESSAGES_IN, gone.id), key=lambda row: row.pos)
    uow.edit(into)
    uow.edit(gone)
    caught_up = into.read_pos == into.last_pos and gone.read_pos == gone.last_pos
    _move_messages(uow, into, messages)
    _move_belongings(uow, into, gone)
    into.unread += gone.unread
    into.marked_unread |= gone.marked_unread
    if caught_up:
        into.read_pos = into.last_pos
    into.failed |= gone.failed
    if into.status != "open" and gone.status == "open":
        into.status, into.snoozed_until = "open", None
    into.assignee_id = gone.assignee_id if into.assignee_id is None else into.assignee_id
    into.last_in_at = _later(into.last_in_at, gone.last_in_at)
    into.begun_at = _later(into.begun_at, gone.begun_at)
    into.window_until = _later(into.window_until, gone.window_until)
    if gone.held_at > into.held_at:
        into.held_by, into.held_at = gone.held_by, gone.held_at
    _take_last(into, gone)
    gone.merged_into = into.id


def _move_messages(uow: Uow, into: ConversationRow, messages: list[MessageRow]) -> None:
    for message in messages:
        uow.edit(message)
        into.last_pos += 1
        message.conversation_id, message.pos = into.id, into.last_pos
        uow.place(message)


def _move_belongings(uow: Uow, into: ConversationRow, gone: ConversationRow) -> None:
    for peer in uow.all(PEERS_OF, gone.id):
        uow.edit(peer).conversation_id = into.id
        uow.place(peer)
    for row in uow.all(OUTBOX_IN, gone.id):
        uow.edit(row).conversation_id = into.id
        uow.place(row)
    if labels := uow.all(LABELS_ON, gone.id):
        _move_labels(uow, into, labels)
    if drafts := uow.all(DRAFTS_IN, gone.id):
        _move_drafts(uow, into, drafts)


def _move_labels(uow: Uow, into: ConversationRow, labels: list[ConversationLabelRow]) -> None:
    has = {label.label_id for label in uow.all(LABELS_ON, into.id)}
    for label in labels:
        if label.label_id in has:
            uow.remove(label)
        else:
            uow.edit(label).conversation_id = into.id
            uow.place(label)
    shown = [*many(NUMBERS, into.labels), *(label.label_id for label in labels)]
    into.labels = to_json(list(dict.fromkeys(shown)))


def _move_drafts(uow: Uow, into: ConversationRow, drafts: list[DraftRow]) -> None:
    """Who writes in both goes on with what he wrote in the one that stays."""
    writing = {draft.operator_id for draft in uow.all(DRAFTS_IN, into.id)}
    marks = dict(many(MARKS, into.drafts))
    for draft in drafts:
        if draft.operator_id in writing:
            uow.remove(draft)
            continue
        uow.edit(draft).conversation_id = into.id
        uow.place(draft)
        marks[draft.operator_id] = draft.at
    into.drafts = to_json(list(marks.items()))


def _take_last(into: ConversationRow, gone: ConversationRow) -> None:
    """The list shows the later of the two last messages."""
    ours, theirs = from_json(LAST, into.last_message), from_json(LAST, gone.last_message)
    if theirs is not None and (ours is None or theirs.at >= ours.at):
        into.last_message = gone.last_message
    into.last_at = max(into.last_at, gone.last_at)


def _later(one: int | None, other: int | None) -> int | None:
    return max((moment for moment in (one, other) if moment is not None), default=None)
