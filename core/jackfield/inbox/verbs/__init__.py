"""The verbs: what each command of the wire acts on, takes, and does."""

from __future__ import annotations

from typing import assert_never

from jackfield.ids import Prefix
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
    PinMessage,
    ReactToMessage,
    Reopen,
    RetryMessage,
    SaveContact,
    SaveDraft,
    SaveLabel,
    SendMessage,
    Snooze,
    StartConversation,
    UndoMerge,
)
from jackfield.wire.views import Role

from ._verb import Channels, Outcome, Scene, Verb, require
from .contacts import ContactSaving, Merging, Unmerging
from .drafts import Draft
from .labels import LabelDeleting, Labelling, LabelSaving
from .messages import Cancelling, Deleting, Editing, Pinning, Reacting, Retrying
from .read_marks import Read, Unread
from .sending import Send
from .starting import Starting
from .workflow import Assigning, Closing, Reopening, Snoozing

__all__ = ["Channels", "Outcome", "Scene", "Verb", "least_role", "require", "subject", "verb_of"]


def subject(command: AnyCommand) -> tuple[Prefix, str]:  # noqa: PLR0911  # one case each
    """The id that says which workspace a command is about."""
    match command:
        case (
            SendMessage()
            | MarkRead()
            | MarkUnread()
            | Assign()
            | LabelConversation()
            | Snooze()
            | Close()
            | Reopen()
            | SaveDraft()
        ):
            return "c", command.conv
        case (
            EditMessage()
            | DeleteMessage()
            | ReactToMessage()
            | PinMessage()
            | RetryMessage()
            | CancelMessage()
        ):
            return "m", command.message
        case StartConversation():
            return "ch", command.channel
        case SaveLabel():
            return "w", command.ws
        case DeleteLabel():
            return "l", command.label
        case SaveContact():
            return "p", command.contact
        case MergeContacts():
            return "p", command.into
        case UndoMerge():
            return "mg", command.merge
        case _:
            assert_never(command)


def least_role(command: AnyCommand) -> Role:
    """Who may: an operator does the work, an admin also shapes what all share."""
    match command:
        case SaveLabel() | DeleteLabel() | MergeContacts() | UndoMerge():
            return "admin"
        case _:
            return "operator"


def verb_of(scene: Scene, command: AnyCommand, cid: str | None) -> Verb:  # noqa: PLR0911, PLR0912  # one case each
    match command:
        case SendMessage():
            return Send(scene, command, cid)
        case StartConversation():
            return Starting(scene, command)
        case EditMessage():
            return Editing(scene, command)
        case DeleteMessage():
            return Deleting(scene, command)
        case ReactToMessage():
            return Reacting(scene, command)
        case PinMessage():
            return Pinning(scene, command)
        case RetryMessage():
            return Retrying(scene, command)
        case CancelMessage():
            return Cancelling(scene, command)
        case MarkRead():
            return Read(scene, command)
        case MarkUnread():
            return Unread(scene, command)
        case Assign():
            return Assigning(scene, command)
        case LabelConversation():
            return Labelling(scene, command)
        case Snooze():
            return Snoozing(scene, command)
        case Close():
            return Closing(scene, command)
        case Reopen():
            return Reopening(scene, command)
        case SaveDraft():
            return Draft(scene, command)
        case SaveLabel():
            return LabelSaving(scene, command)
        case DeleteLabel():
            return LabelDeleting(scene, command)
        case SaveContact():
            return ContactSaving(scene, command)
        case MergeContacts():
            return Merging(scene, command)
        case UndoMerge():
            return Unmerging(scene, command)
        case _:
            assert_never(command)
