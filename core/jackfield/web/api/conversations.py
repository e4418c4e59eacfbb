"""Conversations and their verbs. Each verb makes the same command as the websocket carries."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from jackfield import ids
from jackfield.errors import Collision, Conflict, NotSendable
from jackfield.wire import commands as verbs
from jackfield.wire.commands import AnyAnswer, AnyCommand, Sendable
from jackfield.wire.realtime import Folder
from jackfield.wire.views import CanSend, ConversationView, MemberView

from .call import Call
from .paging import Page, Paged
from .registry import Api
from .workspaces import InWorkspace

api = Api("conversations")


class ConversationsQuery(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`assignee`: an operator's id, "me" or "none"."""

    workspace: str | None = None
    channel: str | None = None
    status: Literal["open", "snoozed", "closed", "all"] = "open"
    assignee: str = ""
    label: str | None = None
    unread: bool = False


class StartBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A phone number as one would write it, with its country."""

    channel: str
    phone: str
    name: str = ""


class SendBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """See message.send: one message per part; a note is for the team only."""

    parts: Annotated[tuple[Sendable, ...], Meta(min_length=1, max_length=10)]
    mode: Literal["reply", "note"] = "reply"
    reply_to: str | None = None
    seen_pos: int | None = None
    anyway: bool = False
    due_at: int | None = None
    expires_at: int | None = None


class ReadBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything up to this position is read."""

    pos: int


class AssignBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An operator of the workspace, or null: nobody."""

    to: str | None


class LabelsBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


class SnoozeBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    until: int


class DraftBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Empty text: no draft any more."""

    text: Annotated[str, Meta(max_length=65536)]
    reply_to: str | None = None


@api.get("/conversations")
async def conversations(call: Call, query: ConversationsQuery) -> Page[ConversationView]:
    """A folder, newest first."""
    if query.workspace is not None:
        call.visitor.must_see(ids.read("w", query.workspace))
    folder = Folder(
        ws=query.workspace,
        channel=query.channel,
        status=query.status,
        assignee=query.assignee,
        label=query.label,
        unread=query.unread,
    )
    rows, following = await call.parts.reading.conversations(
        call.visitor.roles, folder, me=call.visitor.operator, after=query.after, limit=query.limit
    )
    return Page(items=tuple(rows), next=following)


@api.post("/conversations", refuses=(Conflict, NotSendable))
async def start_conversation(call: Call, body: StartBody) -> AnyAnswer:
    """Write to somebody first. Answers `started` with the conversation, new or not."""
    return await call.perform(verbs.StartConversation(channel=body.channel, phone=body.phone, name=body.name))


@api.get("/counters")
async def counters(call: Call, query: InWorkspace) -> dict[str, int]:
    """Conversations by key: "open", "unread", "unread:none", "unread:<operator>", "unread:<channel>"."""
    return await call.parts.reading.counters(call.visitor.must_see(ids.read("w", query.workspace)))


@api.get("/conversations/{conversation}")
async def conversation(call: Call, conversation: str) -> ConversationView:
    """One conversation; the one it was merged into, if it was."""
    _, view = await call.parts.reading.conversation_for(call.visitor.roles, conversation)
    return view


@api.get("/conversations/{conversation}/members")
async def members(call: Call, conversation: str) -> Page[MemberView]:
    """Who is in a group, as its network says; nobody in a conversation with one person."""
    found = await call.parts.reading.members(call.visitor.roles, conversation)
    return Page(items=tuple(found))


@api.get("/conversations/{conversation}/can_send")
async def can_send(call: Call, conversation: str) -> CanSend:
    """May free text be sent there now? If not: why, until when it could, and what else could be done."""
    return await call.parts.inbox.can_send(call.actor, conversation)


@api.post("/conversations/{conversation}/messages", refuses=(Conflict, Collision, NotSendable))
async def send(call: Call, conversation: str, body: SendBody) -> AnyAnswer:
    """Send or note something. Answers `sent` with one id per part, as soon as it is in the outbox."""
    return await call.perform(
        verbs.SendMessage(
            conv=conversation,
            parts=body.parts,
            mode=body.mode,
            reply_to=body.reply_to,
            seen_pos=body.seen_pos,
            anyway=body.anyway,
            due_at=body.due_at,
            expires_at=body.expires_at,
        )
    )


@api.post("/conversations/{conversation}/read", refuses=(Conflict,))
async def mark_read(call: Call, conversation: str, body: ReadBody) -> AnyAnswer:
    """Mark it read up to a position."""
    return await call.perform(verbs.MarkRead(conv=conversation, pos=body.pos))


@api.post("/conversations/{conversation}/unread", refuses=(Conflict,))
async def mark_unread(call: Call, conversation: str) -> AnyAnswer:
    """Mark it unread: somebody should look again."""
    return await call.perform(verbs.MarkUnread(conv=conversation))


@api.post("/conversations/{conversation}/assign", refuses=(Conflict,))
async def assign(call: Call, conversation: str, body: AssignBody) -> AnyAnswer:
    """Give it to an operator, or to nobody."""
    return await call.perform(verbs.Assign(conv=conversation, to=body.to))


@api.post("/conversations/{conversation}/labels", refuses=(Conflict,))
async def label_conversation(call: Call, conversation: str, body: LabelsBody) -> AnyAnswer:
    """Put labels on it and take labels off."""
    return await call.perform(verbs.LabelConversation(conv=conversation, add=body.add, remove=body.remove))


@api.post("/conversations/{conversation}/snooze", refuses=(Conflict,))
async def snooze(call: Call, conversation: str, body: SnoozeBody) -> AnyAnswer:
    """Put it away until then; a new message brings it back sooner."""
    return await call.perform(verbs.Snooze(conv=conversation, until=body.until))


@api.post("/conversations/{conversation}/close", refuses=(Conflict,))
async def close(call: Call, conversation: str) -> AnyAnswer:
    """Close it; a new message opens it again."""
    return await call.perform(verbs.Close(conv=conversation))


@api.post("/conversations/{conversation}/reopen", refuses=(Conflict,))
async def reopen(call: Call, conversation: str) -> AnyAnswer:
    """Open it again."""
    return await call.perform(verbs.Reopen(conv=conversation))


@api.put("/conversations/{conversation}/draft", refuses=(Conflict,))
async def save_draft(call: Call, conversation: str, body: DraftBody) -> AnyAnswer:
    """Keep what I have begun to write there."""
    return await call.perform(verbs.SaveDraft(conv=conversation, text=body.text, reply_to=body.reply_to))


@api.post("/commands", refuses=(Conflict, Collision, NotSendable))
async def command(call: Call, body: AnyCommand) -> AnyAnswer:
    """Any command of the websocket, tagged by `op`."""
    return await call.perform(body)
