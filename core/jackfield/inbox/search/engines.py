"""Ids of messages that have all the words, newest first: the question as each engine answers it fast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from msgspec import Struct

from jackfield.store.store import Store

from .index import signs_of
from .query import Completions, Term, for_postgres, for_sqlite

FEW = 16  # words with the same beginning that are looked up one by one
COMPLETED = 8  # workspaces in which the beginning of a word is completed; beyond, the index does it
NEAR = 2_000  # of the newest messages are looked through before PostgreSQL's index is asked
WIDER = 9  # times as many again, where that is likely to fill the page

_SQLITE = (
    "SELECT rowid FROM message_words WHERE message_words MATCH $1 AND rowid >= $2 AND rowid < $3"
    " ORDER BY rowid DESC LIMIT $4"
)
_COMPLETE = "SELECT word FROM known_word WHERE word >= $1 AND word < $2 LIMIT $3"
_LAST_SIGN = "\U0010ffff"

# The newest messages of each workspace, as far down as the place where the first of them ends.
_NEAR_ENDS = (
    "SELECT MAX(edge.id) FROM unnest($1::bigint[]) AS space (id) CROSS JOIN LATERAL"
    " (SELECT id FROM message_words WHERE workspace_id = space.id AND id >= $2 AND id < $3"
    " ORDER BY id DESC OFFSET $4 LIMIT 1) AS edge"
)
# MATERIALIZED: the planner is to take this way and no other; each is quick only for what it is meant.
# (SELECT …): the words are read once, not once a row.
_NEAR = (
    "WITH near AS MATERIALIZED (SELECT one.id, one.words FROM unnest($1::bigint[]) AS space (id)"
    " CROSS JOIN LATERAL (SELECT id, words FROM message_words WHERE workspace_id = space.id"
    " AND id >= $2 AND id < $3 ORDER BY id DESC LIMIT $6) AS one)"
    " SELECT id FROM near WHERE words @@ (SELECT $4::text::tsquery) ORDER BY id DESC LIMIT $5"
)
_FAR = (
    "WITH far AS MATERIALIZED (SELECT id FROM message_words WHERE words @@ (SELECT $4::text::tsquery)"
    " AND workspace_id = ANY($1) AND id >= $2 AND id < $3)"
    " SELECT id FROM far ORDER BY id DESC LIMIT $5"
)


class Question(Struct, frozen=True, kw_only=True):
    """`terms` and `scopes` must all be there. Ids from `low` to below `high`, at most `limit`."""

    spaces: tuple[int, ...]
    terms: tuple[Term, ...]
    scopes: tuple[str, ...]
    low: int
    high: int
    limit: int


async def candidates(store: Store, question: Question) -> list[int]:
    """Messages that have the words, newest first. They may belong to other workspaces: look at the rows."""
    match store.engine:
        case "sqlite":
            return await _from_sqlite(store, question)
        case "postgres":
            return await _from_postgres(store, question)
        case _:
            assert_never(store.engine)


async def _from_sqlite(store: Store, question: Question) -> list[int]:
    """FTS5 goes through its lists from the newest on, and stops when it has enough."""
    words = for_sqlite(question.terms, question.spaces, question.scopes, await _completions(store, question))
    found = await store.fetch(_SQLITE, words, question.low, question.high, question.limit)
    return [number for (number,) in found]


async def _completions(store: Store, question: Question) -> Completions:
    """Words instead of their beginning: FTS5 merges all messages with a beginning before it gives one."""
    if len(question.spaces) > COMPLETED:
        return {}
    known: dict[str, Sequence[str]] = {}
    for term in question.terms:
        if not term.beginning:
            continue
        for begun in (signs_of(space) + term.beginning for space in question.spaces):
            found = await store.fetch(_COMPLETE, begun, begun + _LAST_SIGN, FEW + 1)
            if len(found) <= FEW:
                known[begun] = [word for (word,) in found]
    return known


async def _from_postgres(store: Store, question: Question) -> list[int]:
    """Words that many messages have are found among the newest; for rare ones the index is quick."""
    words = for_postgres(question.terms, question.spaces, question.scopes)
    spaces, low, top = list(question.spaces), question.low, question.high
    each = max(NEAR // len(spaces), 1)
    found: list[int] = []
    for rows in (each, each * WIDER):
        ((ends,),) = await store.fetch(_NEAR_ENDS, spaces, low, top, rows - 1)
        middle = low if ends is None else max(ends, low)
        near = await store.fetch(_NEAR, spaces, middle, top, words, question.limit - len(found), rows)
        found += [number for (number,) in near]
        top = middle
        if len(found) == question.limit or top <= low:
            return found
        if len(found) * WIDER < question.limit:
            break  # too rare to be found among some more
    far = await store.fetch(_FAR, spaces, low, top, words, question.limit - len(found))
    return found + [number for (number,) in far]
