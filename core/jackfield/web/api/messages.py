"""Messages: a thread in pages, one of them, what it came as, and what can be done with it."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct

from jackfield import ids
from jackfield.errors import Conflict, Invalid, NotFound, NotSendable
from jackfield.store.rows import MessageRow, ReceiptRow
from jackfield.wire import commands as verbs
from jackfield.wire.commands import AnyAnswer
from jackfield.wire.views import MessageView

from .call import Call
from .deliveries import DeliveryRaw, raw_delivery
from .paging import Limit, Page
from .registry import Api

api = Api("messages")


class ThreadQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At most one of these, each a message's id: what was said before it, after it, or around it.
    Without one: the newest."""

    before: str | None = None
    after: str | None = None
    around: str | None = None
    limit: Limit = 60


class Thread(Struct, frozen=True, kw_only=True):
    """Oldest first, in the order they are shown. `before` and `after`: there is more on that side."""

    items: tuple[MessageView, ...]
    before: bool
    after: bool


class ExternalQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The provider's own id of a message on one channel."""

    channel: str
    external_id: Annotated[str, Meta(min_length=1, max_length=300)]


class EditBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: Annotated[str, Meta(min_length=1)]


class PinBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """0 takes it down."""

    days: Annotated[int, Meta(ge=0, le=365)]


class ReactBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """ "" takes it away."""

    emoji: Annotated[str, Meta(max_length=32)]


class ReceiptView(Struct, frozen=True, kw_only=True):
    """How far it got, when (the provider's time), and in a group with whom. `detail`: what the provider said
    of it besides (pricing …), as it came; null where it said nothing."""

    level: str
    at: int
    person: str
    detail: Raw


@api.get("/conversations/{conversation}/messages")
async def thread(call: Call, conversation: str, query: ThreadQuery) -> Thread:
    """A part of a conversation."""
    said = {"before": query.before, "after": query.after, "around": query.around}
    wanted = {side: message for side, message in said.items() if message is not None}
    if len(wanted) > 1:
        raise Invalid("before, after and around exclude each other", fields=dict.fromkeys(wanted, "one only"))
    messages, before, after = await call.parts.reading.thread(
        call.visitor.roles, conversation, **wanted, limit=query.limit
    )
    return Thread(items=tuple(messages), before=before, after=after)


@api.get("/messages")
async def messages(call: Call, query: ExternalQuery) -> Page[MessageView]:
    """The message with the provider's id on a channel: one, or none."""
    channel = await channel_of(call, query.channel)
    found = await call.parts.reading.message_by_external(channel, query.external_id)
    return Page(items=() if found is None else (found,))


@api.get("/messages/{message}")
async def message(call: Call, message: str) -> MessageView:
    """One message."""
    return await call.parts.reading.message_for(call.visitor.roles, message)


@api.get("/messages/{message}/receipts")
async def receipts(call: Call, message: str) -> Page[ReceiptView]:
    """How far it got, step by step, with what the provider said of it."""
    rows = await call.parts.reading.receipts_for(call.visitor.roles, message)
    return Page(items=tuple(_receipt_view(row) for row in rows))


@api.get("/messages/{message}/raw")
async def raw(call: Call, message: str) -> DeliveryRaw:
    """The provider's call that brought it, as it came; signatures and keys are left out."""
    rows = await call.parts.store.rows(MessageRow, "WHERE id = $1", ids.read("m", message))
    workspace = call.visitor.must_be("operator", rows[0].workspace_id if rows else None, what="m")
    return await raw_delivery(call, rows[0].delivery_id, workspace)


@api.patch("/messages/{message}", refuses=(Conflict, NotSendable))
async def edit(call: Call, message: str, body: EditBody) -> AnyAnswer:
    """Say it in other words, where the channel can."""
    return await call.perform(verbs.EditMessage(message=message, text=body.text))


@api.delete("/messages/{message}", refuses=(Conflict, NotSendable))
async def delete(call: Call, message: str) -> AnyAnswer:
    """Take it back for everybody, where the channel can."""
    return await call.perform(verbs.DeleteMessage(message=message))


@api.post("/messages/{message}/react", refuses=(Conflict, NotSendable))
async def react(call: Call, message: str, body: ReactBody) -> AnyAnswer:
    """React with an emoji."""
    return await call.perform(verbs.ReactToMessage(message=message, emoji=body.emoji))


@api.post("/messages/{message}/pin", refuses=(Conflict, NotSendable))
async def pin(call: Call, message: str, body: PinBody) -> AnyAnswer:
    """Keep it at the head of the conversation for some days, or take it down."""
    return await call.perform(verbs.PinMessage(message=message, days=body.days))


@api.post("/messages/{message}/retry", refuses=(Conflict, NotSendable))
async def retry(call: Call, message: str) -> AnyAnswer:
    """Send again what failed, is held, or whose outcome is unknown."""
    return await call.perform(verbs.RetryMessage(message=message))


@api.post("/messages/{message}/cancel", refuses=(Conflict,))
async def cancel(call: Call, message: str) -> AnyAnswer:
    """Take back what has not left."""
    return await call.perform(verbs.CancelMessage(message=message))


async def channel_of(call: Call, text: str) -> int:
    """A channel the visitor sees, removed ones too: their conversations stay. Raises NotFound."""
    channel = ids.read("ch", text)
    found = await call.parts.store.fetch("SELECT workspace_id FROM channel WHERE id = $1", channel)
    if not found or not call.visitor.sees(found[0][0]):
        raise NotFound(what="ch")
    return channel


def _receipt_view(row: ReceiptRow) -> ReceiptView:
    return ReceiptView(level=row.level, at=row.at, person=row.person, detail=_whole(row.detail))


def _whole(text: str) -> Raw:
    """JSON as it was kept; as one text where it was too long to be kept whole."""
    try:
        msgspec.json.decode(text or "null")
    except msgspec.DecodeError:
        return Raw(msgspec.json.encode(text))
    return Raw((text or "null").encode())
