"""Rows as the outside sees them: pure, one function per view.

Those of conversations and messages are written to be quick: every change makes one, and every page sixty.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, cast

from msgspec import Raw

from jackfield.channel import Address
from jackfield.ids import Prefix, show
from jackfield.store.rows import (
    ChannelRow,
    ContactRow,
    ConversationRow,
    DraftRow,
    FileRow,
    IdentityRow,
    LabelRow,
    MergeRow,
    MessageRow,
    OperatorRow,
)
from jackfield.wire.views import (
    Author,
    AuthorKind,
    ChannelView,
    ContactView,
    ConversationView,
    Direction,
    Draft,
    DraftMark,
    IdentityView,
    LabelView,
    MediaView,
    MessageStatus,
    MessageView,
    OperatorView,
    ReactionView,
    Role,
    Status,
    Waiting,
)

from .addresses import shown
from .columns import (
    ABILITIES,
    ATTRIBUTES,
    FAILURE,
    LAST,
    MARKS,
    MEDIA,
    NOTHING,
    NUMBERS,
    QUOTE,
    REACTIONS,
    REFERRAL,
    SAID,
)

_AUTHOR_PREFIX: dict[str, Prefix] = {"contact": "p", "operator": "o"}

FileState = Literal["pending", "ready", "failed"]
Holder = Literal["", "agent"]


def maybe(prefix: Prefix, number: int | None) -> str | None:
    return None if number is None else show(prefix, number)


def conversation_view(row: ConversationRow) -> ConversationView:
    return ConversationView(  # by place: see there
        show("c", row.id),
        show("w", row.workspace_id),
        row.rev,
        show("ch", row.channel_id),
        row.name or row.shown,
        row.last_at,
        row.is_group,
        maybe("p", row.contact_id),
        row.shown,
        maybe("f", row.avatar),
        cast("Status", row.status),
        row.snoozed_until,
        maybe("o", row.assignee_id),
        _labels(row.labels) if row.labels != NOTHING else (),
        row.unread,
        row.marked_unread,
        LAST.decode(row.last_message) if row.last_message else None,
        row.last_pos,
        row.read_pos,
        row.windowed,
        row.window_until,
        _marks(row.drafts) if row.drafts != NOTHING else (),
        row.failed,
        row.free_until,
        cast("Holder", row.held_by),
    )


def _labels(text: str) -> tuple[str, ...]:
    return tuple(show("l", label) for label in NUMBERS.decode(text))


def _marks(text: str) -> tuple[DraftMark, ...]:
    return tuple(DraftMark(operator=show("o", by), at=at) for by, at in MARKS.decode(text))


def author_of(row: MessageRow) -> Author:
    prefix = _AUTHOR_PREFIX.get(row.author_kind)
    return Author(
        kind=cast("AuthorKind", row.author_kind),
        id=None if prefix is None else maybe(prefix, row.author_id),
        name=row.author_name,
    )


def message_view(row: MessageRow) -> MessageView:
    """A deleted message says that it was there, not what it said; a reaction taken away is not shown."""
    gone, waits = row.deleted_at is not None, row.st == "queued" and row.fail != ""
    return MessageView(  # by place: see there
        show("m", row.id),
        show("w", row.workspace_id),
        show("c", row.conversation_id),
        row.rev,
        row.pos,
        cast("Direction", row.dir),
        row.kind.partition(".")[0],
        author_of(row),
        Raw(NOTHING if gone else row.parts),
        row.at,
        row.received_at,
        "" if gone else row.text,
        cast("MessageStatus", row.st),
        () if gone or row.media == NOTHING else MEDIA.decode(row.media),
        QUOTE.decode(row.quote) if row.quote else None,
        _reactions(row.reactions) if row.reactions != NOTHING else (),
        row.edited_at,
        row.deleted_at,
        FAILURE.decode(row.fail) if row.fail and not waits else None,
        row.forwarded,
        REFERRAL.decode(row.referral) if row.referral else None,
        None if waits else row.due_at,
        row.external_id,
        show("ch", row.channel_id),
        row.cid,
        row.history,
        _waiting(row) if waits else None,
    )


def _waiting(row: MessageRow) -> Waiting:
    return Waiting(reason=FAILURE.decode(row.fail).code, until=row.due_at or 0)


def _reactions(text: str) -> tuple[ReactionView, ...]:
    return tuple(reaction for reaction in REACTIONS.decode(text) if reaction.emoji)


def media_view(row: FileRow, *, part: int) -> MediaView:
    """A file as part number `part` of its message shows it."""
    number, state = show("f", row.id), cast("FileState", row.state)
    return MediaView(
        id=number,
        part=part,
        state=state,
        url=f"/media/{number}" if state == "ready" else "",
        mime=row.mime,
        name=row.name,
        size=row.size,
        width=row.width,
        height=row.height,
        duration=row.duration,
        error=row.error if state == "failed" else "",
    )


def address_of(row: IdentityRow) -> Address:
    return Address(kind=row.kind, scope=row.scope, value=row.value)


def identity_view(row: IdentityRow) -> IdentityView:
    address = address_of(row)
    return IdentityView(
        id=show("i", row.id), address=address, shown=shown(address), source=row.source, at=row.at
    )


def contact_view(
    row: ContactRow, identities: Iterable[IdentityRow], merges: Iterable[MergeRow]
) -> ContactView:
    return ContactView(
        id=show("p", row.id),
        ws=show("w", row.workspace_id),
        rev=row.rev,
        name=row.name,
        named_by="operator" if row.named_by == "operator" else "network",
        avatar=maybe("f", row.avatar),
        identities=tuple(identity_view(one) for one in sorted(identities, key=lambda one: one.id)),
        attributes=ATTRIBUTES.decode(row.attributes),
        merged=tuple(
            show("mg", one.id) for one in sorted(merges, key=lambda one: one.id) if not one.undone_at
        ),
    )


def channel_view(row: ChannelRow) -> ChannelView:
    return ChannelView(
        id=show("ch", row.id),
        ws=show("w", row.workspace_id),
        rev=row.rev,
        kind=row.kind,
        name=row.name,
        external_id=row.external_id,
        state=row.state,
        state_code=row.state_code,
        state_text=row.state_text,
        state_at=row.state_at,
        enabled=row.enabled,
        abilities=ABILITIES.decode(row.abilities),
        said=SAID.decode(row.said),
        progress=row.progress if row.state == "backfilling" else None,
        paused=row.paused,
    )


def label_view(row: LabelRow) -> LabelView:
    return LabelView(
        id=show("l", row.id),
        ws=show("w", row.workspace_id),
        rev=row.rev,
        name=row.name,
        color=row.color,
        deleted=row.deleted,
    )


def operator_view(row: OperatorRow, *, role: str | None) -> OperatorView:
    return OperatorView(id=show("o", row.id), name=row.name, email=row.email, role=cast("Role | None", role))


def draft_view(row: DraftRow) -> Draft:
    return Draft(
        conv=show("c", row.conversation_id), text=row.text, at=row.at, reply_to=maybe("m", row.reply_id)
    )
