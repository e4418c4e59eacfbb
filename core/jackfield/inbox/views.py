"""Rows as the outside sees them: pure, one function per view."""

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
    Role,
    Status,
)

from .addresses import shown
from .columns import (
    ATTRIBUTES,
    FAILURE,
    LAST,
    MARKS,
    MEDIA,
    NUMBERS,
    QUOTE,
    REACTIONS,
    REFERRAL,
    from_json,
    many,
)

_AUTHOR_PREFIX: dict[str, Prefix] = {"contact": "p", "operator": "o"}
_NOTHING = Raw(b"[]")

FileState = Literal["pending", "ready", "failed"]


def maybe(prefix: Prefix, number: int | None) -> str | None:
    return None if number is None else show(prefix, number)


def conversation_view(row: ConversationRow) -> ConversationView:
    return ConversationView(
        id=show("c", row.id),
        ws=show("w", row.workspace_id),
        rev=row.rev,
        channel=show("ch", row.channel_id),
        name=row.name or row.shown,
        group=row.is_group,
        contact=maybe("p", row.contact_id),
        peer=row.shown,
        avatar=maybe("f", row.avatar),
        status=cast("Status", row.status),
        snoozed_until=row.snoozed_until,
        assignee=maybe("o", row.assignee_id),
        labels=tuple(show("l", label) for label in many(NUMBERS, row.labels)),
        unread=row.unread,
        marked_unread=row.marked_unread,
        last=from_json(LAST, row.last_message),
        last_at=row.last_at,
        last_pos=row.last_pos,
        read_pos=row.read_pos,
        windowed=row.windowed,
        window_until=row.window_until,
        drafts=tuple(DraftMark(operator=show("o", by), at=at) for by, at in many(MARKS, row.drafts)),
        failed=row.failed,
    )


def author_of(row: MessageRow) -> Author:
    prefix = _AUTHOR_PREFIX.get(row.author_kind)
    return Author(
        kind=cast("AuthorKind", row.author_kind),
        id=None if prefix is None else maybe(prefix, row.author_id),
        name=row.author_name,
    )


def message_view(row: MessageRow) -> MessageView:
    """A deleted message says that it was there, not what it said; a reaction taken away is not shown."""
    gone = row.deleted_at is not None
    return MessageView(
        id=show("m", row.id),
        ws=show("w", row.workspace_id),
        conv=show("c", row.conversation_id),
        rev=row.rev,
        pos=row.pos,
        dir=cast("Direction", row.dir),
        kind=row.kind.partition(".")[0],
        author=author_of(row),
        parts=_NOTHING if gone else Raw(row.parts.encode()),
        text="" if gone else row.text,
        at=row.at,
        received_at=row.received_at,
        st=cast("MessageStatus", row.st),
        media=() if gone else tuple(many(MEDIA, row.media)),
        reply=from_json(QUOTE, row.quote),
        reactions=tuple(reaction for reaction in many(REACTIONS, row.reactions) if reaction.emoji),
        edited_at=row.edited_at,
        deleted_at=row.deleted_at,
        fail=from_json(FAILURE, row.fail),
        forwarded=row.forwarded,
        referral=from_json(REFERRAL, row.referral),
        due_at=row.due_at,
        external_id=row.external_id,
        channel=show("ch", row.channel_id),
        cid=row.cid,
        history=row.history,
    )


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
