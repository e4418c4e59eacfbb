"""What an edit, a delete, a reaction or a pin of ours makes of a message: at once for what stays in the
house, when the provider has accepted it for what does not."""

from __future__ import annotations

from msgspec import structs

from jackfield.channel import Media, Part, Text
from jackfield.errors import Invalid
from jackfield.ids import show
from jackfield.store.indexes import CONVERSATION
from jackfield.store.rows import MessageRow
from jackfield.store.uow import Uow
from jackfield.wire.views import Author, ReactionView

from .columns import PARTS, REACTIONS, VERSIONS, many, to_json
from .outbox_rows import Asked
from .thread import By, refresh_last, tell
from .words import text_of


def with_text(message: MessageRow, text: str) -> tuple[Part, ...]:
    """The parts of a message with other words. Raises Invalid for what has none to change."""
    first, *rest = PARTS.decode(message.parts)
    match first:
        case Text():
            return (structs.replace(first, body=text), *rest)
        case Media():
            return (structs.replace(first, caption=text), *rest)
        case _:
            raise Invalid("only a text or a caption can be edited", code="not_editable", field="message")


def edit(uow: Uow, message: MessageRow, asked: Asked) -> None:
    """It says this now; what it said is kept."""
    uow.edit(message)
    said_since = message.edited_at or message.at
    versions = [*many(VERSIONS, message.versions), (said_since, PARTS.decode(message.parts))]
    message.versions = to_json(versions)
    message.parts, message.text, message.edited_at = to_json(asked.parts), text_of(asked.parts), uow.now
    _refresh(uow, message)


def delete(uow: Uow, message: MessageRow) -> None:
    """It is gone for everybody; its parts are kept for who may see them."""
    if message.deleted_at is None:
        uow.edit(message).deleted_at = uow.now
        _refresh(uow, message)


def react(uow: Uow, message: MessageRow, asked: Asked) -> None:
    """The account has one reaction to a message, whoever of us chose it; taken away, its emoji is empty."""
    theirs = [r for r in many(REACTIONS, message.reactions) if r.by.kind == "contact"]
    by = Author(kind="operator", id=show("o", asked.by), name=asked.name)
    theirs.append(ReactionView(emoji=asked.emoji, by=by, at=uow.now))
    uow.edit(message).reactions = to_json(theirs)


def pin(uow: Uow, message: MessageRow, asked: Asked) -> None:
    """The thread says who pinned what, or took it down."""
    conversation = uow.one(CONVERSATION, message.conversation_id)
    if conversation is not None:
        by = By(id=asked.by, name=asked.name)
        about = {"message": show("m", message.id), "days": str(asked.days)}
        tell(uow, conversation, by, "pinned" if asked.days else "unpinned", **about)


def _refresh(uow: Uow, message: MessageRow) -> None:
    conversation = uow.one(CONVERSATION, message.conversation_id)
    if conversation is not None:
        refresh_last(uow, conversation, message)
