"""Commands: the verbs an operator (or an API client) can do. One closed union, tagged by `op`.

The websocket carries them as they are; every REST verb makes the same struct. Answers are structs of
this module or views.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from jackfield.channel import (
    Carousel,
    ChoiceOffered,
    Contacts,
    Location,
    Media,
    Product,
    Template,
    Text,
)

Sendable = Text | Media | Location | Contacts | ChoiceOffered | Product | Carousel | Template
Cid = Annotated[str, Meta(min_length=1, max_length=64)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]


class Command(Struct, frozen=True, kw_only=True, tag_field="op", forbid_unknown_fields=True):
    """Every command names what it acts on; which workspace that is, the store knows."""


class SendMessage(Command, frozen=True, kw_only=True, tag="message.send"):
    """One message per part, in order. `mode` is part of the command: a note can never slip out.

    `seen_pos`: the newest message the sender had on screen; somebody else's answer after it is a
    Collision, unless `anyway`. On an account that is used with care the same words to many are refused
    ("same_text"); a person may say them `anyway`. `due_at` schedules, `expires_at` gives up (ms).
    """

    conv: str
    parts: Annotated[tuple[Sendable, ...], Meta(min_length=1, max_length=10)]
    mode: Literal["reply", "note"] = "reply"
    reply_to: str | None = None
    seen_pos: int | None = None
    anyway: bool = False
    due_at: int | None = None
    expires_at: int | None = None


class StartConversation(Command, frozen=True, kw_only=True, tag="conv.start"):
    """Write to somebody first: a phone number on a channel. Answers Started."""

    channel: str
    phone: str
    name: str = ""


class EditMessage(Command, frozen=True, kw_only=True, tag="message.edit"):
    message: str
    text: Annotated[str, Meta(min_length=1)]


class DeleteMessage(Command, frozen=True, kw_only=True, tag="message.delete"):
    """For everybody where the channel can; a note or a message that never left is simply gone."""

    message: str


class ReactToMessage(Command, frozen=True, kw_only=True, tag="message.react"):
    message: str
    emoji: Annotated[str, Meta(max_length=32)]  # "" takes it away


class PinMessage(Command, frozen=True, kw_only=True, tag="message.pin"):
    """Keep it at the head of the conversation for so many days; 0 takes it down."""

    message: str
    days: Annotated[int, Meta(ge=0, le=365)]


class RetryMessage(Command, frozen=True, kw_only=True, tag="message.retry"):
    """A person's decision: send again what failed, is held, or whose outcome is unknown."""

    message: str


class CancelMessage(Command, frozen=True, kw_only=True, tag="message.cancel"):
    """Take back what has not left: scheduled, queued or held. Also settles an unknown outcome."""

    message: str


class MarkRead(Command, frozen=True, kw_only=True, tag="conv.read"):
    conv: str
    pos: int


class MarkUnread(Command, frozen=True, kw_only=True, tag="conv.unread"):
    conv: str


class Assign(Command, frozen=True, kw_only=True, tag="conv.assign"):
    conv: str
    to: str | None


class LabelConversation(Command, frozen=True, kw_only=True, tag="conv.label"):
    conv: str
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


class Snooze(Command, frozen=True, kw_only=True, tag="conv.snooze"):
    conv: str
    until: int


class Close(Command, frozen=True, kw_only=True, tag="conv.close"):
    conv: str


class Reopen(Command, frozen=True, kw_only=True, tag="conv.reopen"):
    conv: str


class SaveDraft(Command, frozen=True, kw_only=True, tag="conv.draft"):
    """Empty text: no draft any more."""

    conv: str
    text: Annotated[str, Meta(max_length=65536)]
    reply_to: str | None = None


class SaveLabel(Command, frozen=True, kw_only=True, tag="label.save"):
    """`id` None: a new one. Answers Saved."""

    ws: str
    name: Name
    color: Annotated[str, Meta(pattern="^#[0-9a-f]{6}$")]
    id: str | None = None


class DeleteLabel(Command, frozen=True, kw_only=True, tag="label.delete"):
    label: str


class SaveContact(Command, frozen=True, kw_only=True, tag="contact.save"):
    contact: str
    name: Name | UnsetType = UNSET
    attributes: dict[str, str | None] = field(default_factory=dict[str, str | None])  # None: remove


class MergeContacts(Command, frozen=True, kw_only=True, tag="contact.merge"):
    """`gone` becomes part of `into`. Answers Merged, with which it can be undone."""

    gone: str
    into: str


class UndoMerge(Command, frozen=True, kw_only=True, tag="contact.unmerge"):
    merge: str


AnyCommand = (
    SendMessage
    | StartConversation
    | EditMessage
    | DeleteMessage
    | ReactToMessage
    | PinMessage
    | RetryMessage
    | CancelMessage
    | MarkRead
    | MarkUnread
    | Assign
    | LabelConversation
    | Snooze
    | Close
    | Reopen
    | SaveDraft
    | SaveLabel
    | DeleteLabel
    | SaveContact
    | MergeContacts
    | UndoMerge
)


class Answer(Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """What a command comes to. `seq`: the stream has it all at this position."""

    seq: int


class Did(Answer, frozen=True, kw_only=True, tag="did"):
    """Done; the events say what."""


class Sent(Answer, frozen=True, kw_only=True, tag="sent"):
    """Accepted: one id per part."""

    messages: tuple[str, ...]


class Started(Answer, frozen=True, kw_only=True, tag="started"):
    conv: str


class Saved(Answer, frozen=True, kw_only=True, tag="saved"):
    id: str


class Merged(Answer, frozen=True, kw_only=True, tag="merged"):
    merge: str


AnyAnswer = Did | Sent | Started | Saved | Merged
