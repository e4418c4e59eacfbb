"""Views: the rows of the conversation model as a browser, an API client or an automation sees them.

Times are milliseconds since 1970 UTC. Ids are strings. `rev` is the seq of the workspace's stream at
which the thing last changed: apply what is newer, leave what is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Raw, Struct, field

from jackfield.channel import (
    Address,
    CarouselLimit,
    ChoiceLimit,
    Failure,
    ProductLimit,
    Referral,
)

Status = Literal["open", "snoozed", "closed"]
Direction = Literal["in", "out", "note", "system"]
MessageStatus = Literal[
    "received",  # inbound, notes, system
    "scheduled",  # waits for its time
    "queued",  # in the outbox
    "sending",
    "held",  # waits for a person (after a re-link)
    "unknown",  # the provider did not answer: never sent again by itself
    "sent",
    "delivered",
    "read",
    "played",
    "failed",
    "cancelled",
]
Role = Literal["owner", "admin", "operator", "viewer"]
AuthorKind = Literal["contact", "operator", "phone", "api", "bot", "system"]


class View(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Defaults are left out on the wire. Nothing in a view leads back to it: none is searched for cycles."""


class LastMessage(View, frozen=True, kw_only=True):
    """What the chat list shows on its second line. `kind` picks an icon and words for what has no text."""

    id: str
    dir: Direction
    kind: str
    text: str = ""
    at: int
    st: MessageStatus = "received"
    by: str = ""  # whose words: an operator's name, a group member's name


class DraftMark(View, frozen=True, kw_only=True):
    operator: str
    at: int


class ConversationView(View, frozen=True):
    """A row of the chat list: whole in every event, so that a client never has to ask for it.

    Its fields may be given by place, which takes a tenth of the time: one is made for every change.
    """

    id: str
    ws: str
    rev: int
    channel: str
    name: str
    last_at: int  # sort key of the list, with the id as tie-break; newest first
    group: bool = False
    contact: str | None = None
    peer: str = ""  # how the person is reached, as one would write it: "+7 999 123-45-67"
    avatar: str | None = None
    status: Status = "open"
    snoozed_until: int | None = None
    assignee: str | None = None
    labels: tuple[str, ...] = ()
    unread: int = 0
    marked_unread: bool = False
    last: LastMessage | None = None
    last_pos: int = 0  # of the newest message
    read_pos: int = 0  # all messages up to here are read
    windowed: bool = False  # the channel has a window for free text
    window_until: int | None = None  # its end; None with windowed: never opened
    drafts: tuple[DraftMark, ...] = ()
    failed: bool = False  # the last outgoing message failed
    free_until: int | None = None  # the provider charges nothing for what we send until then
    held_by: Literal["", "agent"] = ""  # "agent": the provider's own answers, until one of us writes


class Author(View, frozen=True, kw_only=True):
    kind: AuthorKind
    id: str | None = None
    name: str = ""


class MediaView(View, frozen=True, kw_only=True):
    """The file behind part number `part`. `url` is under /media, once `state` is ready."""

    id: str
    part: int
    state: Literal["pending", "ready", "failed"]
    url: str = ""
    mime: str = ""
    name: str = ""
    size: int | None = None
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    error: str = ""


class Quote(View, frozen=True, kw_only=True):
    """What is replied to. `id` None: we never saw it, "message unavailable"."""

    id: str | None = None
    kind: str = ""
    text: str = ""
    by: str = ""
    dir: Direction = "in"


class ReactionView(View, frozen=True, kw_only=True):
    emoji: str
    by: Author
    at: int


class Waiting(View, frozen=True, kw_only=True):
    """Why a queued message has not left: "messaging_limit", or what the provider said to the last try."""

    reason: str  # picks the words: "waiting.<reason>", else "error.<reason>"
    until: int  # it is tried then


class MessageView(View, frozen=True):
    """One message. Shown in the order (at, pos): the provider's time, then our order of arrival.

    Its fields may be given by place, as a conversation's.
    """

    id: str
    ws: str
    conv: str
    rev: int
    pos: int  # order of arrival in the conversation; read marks count by it
    dir: Direction
    kind: str  # tag of the first part
    author: Author
    parts: Raw  # array of Part, as the contract defines them
    at: int  # the provider's time
    received_at: int
    text: str = ""  # for previews and search
    st: MessageStatus = "received"
    media: tuple[MediaView, ...] = ()
    reply: Quote | None = None
    reactions: tuple[ReactionView, ...] = ()
    edited_at: int | None = None
    deleted_at: int | None = None
    fail: Failure | None = None
    forwarded: bool = False
    referral: Referral | None = None
    due_at: int | None = None  # scheduled for
    external_id: str | None = None
    channel: str = ""
    cid: str | None = None  # the sender's own key: his provisional bubble becomes this one
    history: bool = False
    waiting: Waiting | None = None  # of a queued message that could not leave yet


class IdentityView(View, frozen=True, kw_only=True):
    id: str
    address: Address
    shown: str  # as one would write it
    source: str
    at: int


class ContactView(View, frozen=True, kw_only=True):
    id: str
    ws: str
    rev: int
    name: str
    named_by: Literal["network", "operator"] = "network"
    avatar: str | None = None
    identities: tuple[IdentityView, ...] = ()
    attributes: dict[str, str] = field(default_factory=dict[str, str])
    merged: tuple[str, ...] = ()  # merges that can be undone


class MemberView(View, frozen=True, kw_only=True):
    """Somebody in a group. `contact` and `avatar`: where he has written to us."""

    name: str
    shown: str = ""  # his number, as one would write it
    role: Literal["", "admin", "owner"] = ""
    contact: str | None = None
    avatar: str | None = None


class RemarkView(View, frozen=True, kw_only=True):
    """What the provider said last about something of a channel, in its own words."""

    value: str
    severity: Literal["info", "warning", "critical"] = "info"
    text: str = ""
    at: int


class ChannelView(View, frozen=True, kw_only=True):
    """`abilities`: what it has beside its conversations: "profile", "catalogue", "links" …

    `paused`: why only people answer people there: "restricted", "banned", "by_hand"; "": it is not so.
    `said`: by what it is about: "quality", "throughput", "messaging_limit", "account", "name" …
    """

    id: str
    ws: str
    rev: int
    kind: str
    name: str
    external_id: str = ""
    state: str = "connecting"
    state_code: str = ""
    state_text: str = ""
    state_at: int = 0
    enabled: bool = True
    abilities: tuple[str, ...] = ()
    said: Mapping[str, RemarkView] = {}
    progress: int | None = None  # per cent of the past that is here, while the state is "backfilling"
    paused: str = ""


class LabelView(View, frozen=True, kw_only=True):
    id: str
    ws: str
    rev: int
    name: str
    color: str
    deleted: bool = False


class OperatorView(View, frozen=True, kw_only=True):
    id: str
    name: str
    email: str = ""
    role: Role | None = None


class WorkspaceView(View, frozen=True, kw_only=True):
    id: str
    name: str
    color: str = ""
    role: Role


class CanSend(View, frozen=True, kw_only=True):
    """May free text be sent now? If not: why, until when it could, and what could be done instead."""

    ok: bool
    reason: str = ""  # picks the words: "can_send.<reason>"
    until: int | None = None  # free text is possible until then
    alternatives: tuple[str, ...] = ()  # "template", "note", "unblock"
    free_until: int | None = None  # the provider charges nothing until then
    marketing: bool = True  # False: the person wants no advertisements from us
    text_max: int = 4096
    media: dict[str, int] = field(default_factory=dict[str, int])  # MIME pattern: most bytes
    can: tuple[str, ...] = ()  # "reply" "react" "edit" "delete" "location" "template" "choices" …
    choices: ChoiceLimit | None = None  # None: it takes none
    products: ProductLimit | None = None
    carousel: CarouselLimit | None = None


class Draft(View, frozen=True, kw_only=True):
    conv: str
    text: str
    at: int
    reply_to: str | None = None


class StreamHead(View, frozen=True, kw_only=True):
    """Where a workspace's stream stands. Read it first, then the state."""

    epoch: str
    seq: int


class Boot(View, frozen=True, kw_only=True):
    """All a page needs to start: the positions were read before everything else."""

    operator: OperatorView
    locale: str
    theme: Literal["system", "light", "dark"] = "system"
    workspaces: tuple[WorkspaceView, ...]
    streams: dict[str, StreamHead]  # by workspace
    channels: tuple[ChannelView, ...]
    labels: tuple[LabelView, ...]
    operators: dict[str, tuple[OperatorView, ...]]  # by workspace
    counters: dict[str, dict[str, int]]  # by workspace: "unread", "unread:mine" …
    conversations: tuple[ConversationView, ...]  # first page of the open folder, all workspaces
    next: str | None = None  # cursor of the page after it
    drafts: tuple[Draft, ...] = ()
    csrf: str
    build: str
    now: int
