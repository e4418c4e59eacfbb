"""The thread of a conversation as we write it: messages of ours at its end, and what the list shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from jackfield.channel import Part, System
from jackfield.errors import NotFound
from jackfield.ids import new_id, read, show
from jackfield.store.indexes import CONVERSATION
from jackfield.store.rows import ConversationRow, MessageRow
from jackfield.store.uow import Need, Uow
from jackfield.wire.views import Direction, LastMessage, MessageStatus, Role

from .columns import LAST, from_json, to_json
from .words import kind_of, preview, text_of

AHEAD = 300_000  # ms: a provider's clock so far before ours is believed, so that answers stay below


class By(Struct, frozen=True, kw_only=True):
    """Who does something. `id` None: the house itself (a snooze that ends). `automatic`: no person at a page,
    but a program in his name."""

    id: int | None
    name: str
    role: Role = "operator"
    automatic: bool = False


HOUSE = By(id=None, name="")


# -- finding ------------------------------------------------------------------------------------------


def conversation_needs(uow: Uow, conv: str) -> Iterator[Need]:
    """A conversation, and the ones it went on in. Raises NotFound for what is no id."""
    number: int | None = read("c", conv)
    while number is not None:
        yield CONVERSATION(number)
        row = uow.one(CONVERSATION, number) if uow.knows(CONVERSATION, number) else None
        number = None if row is None else row.merged_into


def live(uow: Uow, conv: str) -> ConversationRow | None:
    """The conversation, or the one it went on in; None while it is not loaded, or if there is none."""
    number: int | None = read("c", conv)
    row = None
    while number is not None and uow.knows(CONVERSATION, number):
        row = uow.one(CONVERSATION, number)
        number = None if row is None else row.merged_into
    return row


def conversation_in(uow: Uow, workspace: int, conv: str) -> ConversationRow:
    """The conversation of this workspace. Raises NotFound: another's is none."""
    row = live(uow, conv)
    if row is None or row.workspace_id != workspace:
        raise NotFound(what="c")
    return row


# -- writing ------------------------------------------------------------------------------------------


def append(
    uow: Uow,
    conversation: ConversationRow,
    by: By,
    parts: Sequence[Part],
    *,
    direction: Direction,
    st: MessageStatus = "received",
) -> MessageRow:
    """A message of ours at the end of the thread. What it is part of is the caller's to fill in."""
    uow.edit(conversation)
    caught_up = conversation.unread == 0 and conversation.read_pos == conversation.last_pos
    conversation.last_pos += 1
    if caught_up:
        conversation.read_pos = conversation.last_pos
    message = uow.add(
        MessageRow(
            id=new_id(),
            workspace_id=conversation.workspace_id,
            channel_id=conversation.channel_id,
            conversation_id=conversation.id,
            pos=conversation.last_pos,
            dir=direction,
            kind=kind_of(parts),
            author_kind="system" if by.id is None else "operator",
            author_id=by.id,
            author_name=by.name,
            parts=to_json(tuple(parts)),
            text=text_of(parts),
            at=_now(uow, conversation),
            received_at=uow.now,
            st=st,
        )
    )
    if direction != "system" and st != "scheduled":
        show_last(uow, conversation, message)
    return message


def tell(uow: Uow, conversation: ConversationRow, by: By, code: str, **data: str) -> None:
    """Write into the thread what became of the conversation: neither unread nor news in the list."""
    if by.id is not None:
        data = {"by": show("o", by.id), "by_name": by.name, **data}
    append(uow, conversation, by, (System(code=code, data=data),), direction="system")


def release(uow: Uow, conversation: ConversationRow, message: MessageRow) -> None:
    """The time of a scheduled message has come: it takes its place at the end of the thread."""
    uow.edit(conversation)
    uow.edit(message)
    conversation.last_pos += 1
    message.pos, message.at, message.st = conversation.last_pos, _now(uow, conversation), "queued"
    show_last(uow, conversation, message)


def set_status(uow: Uow, conversation: ConversationRow, message: MessageRow, st: MessageStatus) -> None:
    """Change how far a message of ours got. The list does not tell sending from queued."""
    uow.edit(message)
    message.st = st
    if st != "sending":
        refresh_last(uow, conversation, message)


def show_last(uow: Uow, conversation: ConversationRow, message: MessageRow) -> None:
    """Let the list show this message, unless it shows a later one."""
    if message.at < conversation.last_at and conversation.last_message:
        return
    uow.edit(conversation)
    conversation.last_at = message.at
    conversation.last_message = to_json(_last(message))


def refresh_last(uow: Uow, conversation: ConversationRow, message: MessageRow) -> None:
    """Let the list show the message as it is now, if it is the one shown."""
    shown = from_json(LAST, conversation.last_message)
    if shown is not None and shown.id == show("m", message.id):
        uow.edit(conversation)
        conversation.last_message = to_json(_last(message))


def _last(message: MessageRow) -> LastMessage:
    gone = message.deleted_at is not None
    return LastMessage(
        id=show("m", message.id),
        dir=message.dir,  # type: ignore[arg-type]  # written by us, from the same words
        kind="deleted" if gone else message.kind,
        text="" if gone else preview(message.text),
        at=message.at,
        st=message.st,  # type: ignore[arg-type]  # likewise
        by=message.author_name,
    )


def _now(uow: Uow, conversation: ConversationRow) -> int:
    last = conversation.last_at
    return last if uow.now < last <= uow.now + AHEAD else uow.now
