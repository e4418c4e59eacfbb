"""Stream events: everything durable that changes in a workspace, in order. One closed union.

They are derived from the rows a transaction changed, never written by hand, so no verb can forget
one; and each carries the whole thing, so that applying it twice, or late, does no harm.
"""

from __future__ import annotations

from msgspec import Struct, field

from .views import (
    ChannelView,
    ContactView,
    ConversationView,
    Draft,
    LabelView,
    MessageStatus,
    MessageView,
    OperatorView,
)


class StreamEvent(Struct, frozen=True, kw_only=True, tag_field="e", omit_defaults=True):
    """`d` of an `ev` frame, with its name in `e`."""


class MessageNew(StreamEvent, frozen=True, kw_only=True, tag="message.new"):
    msg: MessageView


class MessagePatch(StreamEvent, frozen=True, kw_only=True, tag="message.patch"):
    """The message as it is now: edited, deleted, reacted to, its file arrived."""

    msg: MessageView


class MessageStatusChanged(StreamEvent, frozen=True, kw_only=True, tag="message.status"):
    """Only the status rose."""

    conv: str
    id: str
    rev: int
    st: MessageStatus


class ConversationNew(StreamEvent, frozen=True, kw_only=True, tag="conv.new"):
    row: ConversationView
    counters: dict[str, int] = field(default_factory=dict[str, int])


class ConversationPatch(StreamEvent, frozen=True, kw_only=True, tag="conv.patch"):
    """The row as it is now, with the counters this change moved (absolute)."""

    row: ConversationView
    counters: dict[str, int] = field(default_factory=dict[str, int])


class ConversationMerged(StreamEvent, frozen=True, kw_only=True, tag="conv.merge"):
    """All messages of `gone` are now in `into`: drop the one, read the other again."""

    gone: str
    into: str
    counters: dict[str, int] = field(default_factory=dict[str, int])


class ContactChanged(StreamEvent, frozen=True, kw_only=True, tag="contact.patch"):
    contact: ContactView


class ContactMerged(StreamEvent, frozen=True, kw_only=True, tag="contact.merge"):
    gone: str
    into: str


class DraftChanged(StreamEvent, frozen=True, kw_only=True, tag="draft"):
    """Only to the operator whose draft it is; the others see the mark in the row. Empty: gone."""

    draft: Draft


class ChannelChanged(StreamEvent, frozen=True, kw_only=True, tag="channel.state"):
    channel: ChannelView


class ChannelRemoved(StreamEvent, frozen=True, kw_only=True, tag="channel.gone"):
    id: str


class LabelChanged(StreamEvent, frozen=True, kw_only=True, tag="label.patch"):
    label: LabelView


class OperatorChanged(StreamEvent, frozen=True, kw_only=True, tag="user.patch"):
    """Joined, renamed, given another role; role None: left the workspace."""

    operator: OperatorView


class Notice(StreamEvent, frozen=True, kw_only=True, tag="notice"):
    """Something a person should know: a limit, a quality rating, a template's state."""

    channel: str
    severity: str
    code: str  # picks the words: "notice.<code>"
    text: str = ""
    at: int
    data: dict[str, str] = field(default_factory=dict[str, str])


AnyStreamEvent = (
    MessageNew
    | MessagePatch
    | MessageStatusChanged
    | ConversationNew
    | ConversationPatch
    | ConversationMerged
    | ContactChanged
    | ContactMerged
    | DraftChanged
    | ChannelChanged
    | ChannelRemoved
    | LabelChanged
    | OperatorChanged
    | Notice
)
