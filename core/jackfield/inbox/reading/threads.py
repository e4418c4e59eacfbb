"""Messages of a conversation in pages, shown by the provider's time and then by our order of arrival."""

from __future__ import annotations

from collections.abc import Collection, Container
from typing import NamedTuple

from jackfield.errors import NotFound
from jackfield.ids import read
from jackfield.inbox.views import message_view
from jackfield.store.rows import MessageRow, ReceiptRow
from jackfield.store.store import Store
from jackfield.wire.views import MessageView

from . import conversations
from .keys import LAST, must_be_in

_OF = "WHERE workspace_id = $1 AND conversation_id = $2"
_OLDER = f"{_OF} AND at <= $3 AND (at, pos) < ($3, $4) ORDER BY at DESC, pos DESC LIMIT $5"
_NEWER = f"{_OF} AND at >= $3 AND (at, pos) > ($3, $4) ORDER BY at, pos LIMIT $5"
_ARRIVED = f"{_OF} AND pos > $3 ORDER BY pos DESC LIMIT $4"


class Page(NamedTuple):
    """Oldest first. `before`, `after`: there is more on that side."""

    messages: list[MessageView]
    before: bool
    after: bool


async def page(
    store: Store,
    workspaces: Collection[int],
    conv: str,
    *,
    before: str | None,
    after: str | None,
    around: str | None,
    limit: int,
) -> Page:
    """What was said before a message, after it, or around it; without one, the newest.

    Raises NotFound for a conversation or a message that is not there.
    """
    if before is None and after is None and around is None:
        found = await _newest(store, workspaces, read("c", conv), limit)
        if found is not None:
            return found
    workspace, view = await conversations.one(store, workspaces, conv)
    thread = (workspace, read("c", view.id))
    if before is not None:
        at, pos = await _place(store, thread, before)
        older, more = await _older(store, thread, at, pos, limit)
        return Page(older, before=more, after=True)
    if after is not None:
        at, pos = await _place(store, thread, after)
        newer, more = await _newer(store, thread, at, pos, limit)
        return Page(newer, before=True, after=more)
    if around is not None:
        at, pos = await _place(store, thread, around)
        older, more_before = await _older(store, thread, at, pos + 1, limit // 2 + 1)
        newer, more_after = await _newer(store, thread, at, pos, limit - limit // 2)
        return Page([*older, *newer], before=more_before, after=more_after)
    newest, more = await _older(store, thread, LAST, LAST, limit)
    return Page(newest, before=more, after=False)


async def arrived(
    store: Store, workspace: int, conversation: int, *, have: int, limit: int
) -> tuple[list[MessageView], bool]:
    """The newest that arrived after position `have`, in the order shown; True: there are more of them."""
    views = await store.views(message_view, MessageRow, _ARRIVED, workspace, conversation, have, limit + 1)
    return sorted(views[:limit], key=lambda view: (view.at, view.pos)), len(views) > limit


async def one(store: Store, workspaces: Container[int], message: str) -> MessageView:
    """Raises NotFound, for another workspace's too."""
    rows = await store.rows(MessageRow, "WHERE id = $1", read("m", message))
    if not rows:
        raise NotFound(what="m")
    must_be_in(workspaces, rows[0].workspace_id, what="m")
    return message_view(rows[0])


async def receipts(store: Store, workspaces: Container[int], message: str) -> list[ReceiptRow]:
    """What was said of how far a message got, oldest first. Raises NotFound, for another workspace's too."""
    await one(store, workspaces, message)
    return await store.rows(ReceiptRow, "WHERE message_id = $1 ORDER BY at, id", read("m", message))


async def by_external(store: Store, channel: int, external_id: str) -> MessageView | None:
    """The message with the provider's id on a channel. Whose the channel is, the caller looked."""
    rows = await store.rows(MessageRow, "WHERE channel_id = $1 AND external_id = $2", channel, external_id)
    return message_view(rows[0]) if rows else None


async def _newest(store: Store, workspaces: Collection[int], conversation: int, limit: int) -> Page | None:
    """What every opened conversation asks for, in one statement. None: look what is there, if anything."""
    theirs = store.any("workspace_id", "$2")
    rest = f"WHERE conversation_id = $1 AND {theirs} ORDER BY at DESC, pos DESC LIMIT $3"
    views = await store.views(message_view, MessageRow, rest, conversation, list(workspaces), limit + 1)
    return Page(views[:limit][::-1], before=len(views) > limit, after=False) if views else None


async def _place(store: Store, thread: tuple[int, int], message: str) -> tuple[int, int]:
    rows = await store.rows(MessageRow, f"{_OF} AND id = $3", *thread, read("m", message))
    if not rows:
        raise NotFound(what="m")
    return rows[0].at, rows[0].pos


async def _older(
    store: Store, thread: tuple[int, int], at: int, pos: int, limit: int
) -> tuple[list[MessageView], bool]:
    views = await store.views(message_view, MessageRow, _OLDER, *thread, at, pos, limit + 1)
    return views[:limit][::-1], len(views) > limit


async def _newer(
    store: Store, thread: tuple[int, int], at: int, pos: int, limit: int
) -> tuple[list[MessageView], bool]:
    views = await store.views(message_view, MessageRow, _NEWER, *thread, at, pos, limit + 1)
    return views[:limit], len(views) > limit
