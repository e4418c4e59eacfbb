"""Messages by their words: pages of what was found, newest first.

The order is that of the ids, which is the order in which we came to know the messages: those taken over
from a history count as of that day. A message's own time is what `after` and `before` look at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct

from jackfield.errors import NotFound
from jackfield.ids import first_id, read
from jackfield.inbox.columns import PARTS
from jackfield.inbox.search import query
from jackfield.inbox.search.engines import Question, candidates
from jackfield.inbox.search.index import (
    EARLY,
    LATE,
    ODD,
    in_channel,
    in_conversation,
    in_direction,
    with_sort,
)
from jackfield.inbox.search.query import Term
from jackfield.inbox.search.snippet import snippet
from jackfield.inbox.search.texts import text_of
from jackfield.inbox.views import conversation_view, message_view
from jackfield.store.rows import ConversationRow, MessageRow
from jackfield.store.store import Store
from jackfield.wire.search import Has, SearchHit, SearchPage
from jackfield.wire.views import Direction

from . import conversations
from .keys import LAST, cursor, must_be_in, place

SCANNED = 1_000  # messages with the words, looked at for one page where their times do not fit
PIECE = 200  # of them at once


class Wanted(Struct, frozen=True, kw_only=True):
    """What is looked for, and where. `after` and `before` are ms: from the one, up to below the other."""

    q: str
    workspace: str | None = None
    conversation: str | None = None
    channel: str | None = None
    sender: Direction | None = None
    has: Has | None = None
    after: int | None = None
    before: int | None = None


class Stretch(NamedTuple):
    """Ids in which messages of the wanted time can be; `odd`: only those whose time is far from their id."""

    low: int
    high: int
    odd: bool = False


async def search(
    store: Store, workspaces: Collection[int], wanted: Wanted, *, after: str | None, limit: int
) -> SearchPage:
    """A page of hits, and the cursor of the next.

    Raises Invalid for a text without a word and for what is no cursor, NotFound for what `wanted` names in
    a workspace that is not among these.
    """
    terms = query.read(wanted.q[: query.LONGEST])
    (below,) = place(after, size=1)
    spaces, scopes, thread = await _where(store, workspaces, wanted)
    if not spaces:
        return SearchPage(hits=())
    timed = wanted.after is not None or wanted.before is not None
    piece = max(limit + 1, PIECE) if timed else limit + 1
    rows: list[MessageRow] = []
    scanned = 0
    for stretch in stretches(wanted.after, wanted.before, below=below):
        high = stretch.high
        while True:
            question = Question(
                spaces=spaces,
                terms=terms,
                scopes=(*scopes, ODD) if stretch.odd else scopes,
                conversation=thread,
                low=stretch.low,
                high=high,
                limit=piece,
            )
            found = await candidates(store, question)
            rows += [row for row in await _rows(store, spaces, found) if _in_time(row, wanted)]
            if len(rows) > limit:
                return await _page(store, terms, rows[:limit], more=cursor(rows[limit - 1].id))
            scanned += len(found)
            if len(found) < piece:
                break
            high = found[-1]
            if scanned >= SCANNED:
                return await _page(store, terms, rows, more=cursor(high))
    return await _page(store, terms, rows, more=None)


def stretches(after: int | None, before: int | None, *, below: int) -> Iterator[Stretch]:
    """The ids to look through for messages of a time, newest first, as far as they are below an id."""
    low = 0 if after is None else min(first_id(after - EARLY), LAST)
    high = LAST if before is None else max(min(first_id(before + LATE), LAST), low)
    every = (Stretch(high, LAST, odd=True), Stretch(low, high), Stretch(0, low, odd=True))
    for stretch in every:
        if stretch.low < min(stretch.high, below):
            yield stretch._replace(high=min(stretch.high, below))


async def _where(
    store: Store, workspaces: Collection[int], wanted: Wanted
) -> tuple[tuple[int, ...], tuple[str, ...], int | None]:
    """The workspaces to look in, what the words of the messages there must be of, and the conversation."""
    spaces, scopes, thread = set(workspaces), list[str](), None
    if wanted.workspace is not None:
        space = read("w", wanted.workspace)
        must_be_in(workspaces, space, what="w")
        spaces &= {space}
    if wanted.conversation is not None:
        space, view = await conversations.one(store, workspaces, wanted.conversation)
        spaces &= {space}
        thread = read("c", view.id)
        scopes.append(in_conversation(thread))
    if wanted.channel is not None:
        channel = read("ch", wanted.channel)
        found = await store.fetch("SELECT workspace_id FROM channel WHERE id = $1", channel)
        if not found:
            raise NotFound(what="ch")
        must_be_in(workspaces, found[0][0], what="ch")
        spaces &= {found[0][0]}
        scopes.append(in_channel(channel))
    if wanted.sender is not None:
        scopes.append(in_direction(wanted.sender))
    if wanted.has is not None:
        scopes.append(with_sort(wanted.has))
    return tuple(sorted(spaces)), tuple(scopes), thread


async def _rows(store: Store, spaces: Collection[int], found: Sequence[int]) -> list[MessageRow]:
    """The messages themselves, those of these workspaces, in the order of their ids downwards."""
    if not found:
        return []
    where = f"WHERE {store.any('id', '$1')} AND {store.any('workspace_id', '$2')} AND deleted_at IS NULL"
    rows = await store.rows(MessageRow, where, list(found), list(spaces))
    return sorted(rows, key=lambda row: row.id, reverse=True)


def _in_time(row: MessageRow, wanted: Wanted) -> bool:
    return (wanted.after is None or row.at >= wanted.after) and (
        wanted.before is None or row.at < wanted.before
    )


async def _page(
    store: Store, terms: Sequence[Term], rows: Sequence[MessageRow], *, more: str | None
) -> SearchPage:
    numbers = sorted({row.conversation_id for row in rows})
    threads = await store.rows(ConversationRow, f"WHERE {store.any('id', '$1')}", numbers) if rows else []
    views = {row.id: conversation_view(row) for row in threads}
    hits = [
        SearchHit(
            msg=message_view(row),
            conv=views[row.conversation_id],
            snippet=snippet(text_of(PARTS.decode(row.parts)), terms),
        )
        for row in rows
        if row.conversation_id in views
    ]
    return SearchPage(hits=tuple(hits), next=more)
