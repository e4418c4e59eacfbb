"""Ids of messages that have all the words, newest first: the question as each engine answers it fast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from msgspec import Struct

from jackfield.store.engine import Records
from jackfield.store.store import Store

from .index import in_conversation, signs_of
from .query import Completions, Term, for_postgres, for_sqlite

FEW = 16  # words with the same beginning that are looked up one by one
COMPLETED = 8  # workspaces in which the beginning of a word is completed; beyond, the index does it
NEAR = 2_000  # of the newest messages are looked through before PostgreSQL's index is asked
WIDER = 10  # times as many, where that is likely to fill the page
SHORT = 5_000  # messages of a conversation that PostgreSQL looks through one by one

_SQLITE = (
    "SELECT rowid FROM message_words WHERE message_words MATCH $1 AND rowid >= $2 AND rowid < $3"
    " ORDER BY rowid DESC LIMIT $4"
)
_COMPLETE = "SELECT word FROM known_word WHERE word >= $1 AND word < $2 LIMIT $3"
_LAST_SIGN = "\U0010ffff"

# Down to where the newest messages of each workspace are all looked through.
_NEAR_ENDS = (
    "SELECT MAX(edge.id) FROM unnest($1::bigint[]) AS space (id) CROSS JOIN LATERAL"
    " (SELECT id FROM message_words WHERE workspace_id = space.id AND id >= $2 AND id < $3"
    " ORDER BY id DESC OFFSET $4 LIMIT 1) AS edge"
)
# The planner is to take each of these ways and no other; each is quick only for what it is meant.
# LIMIT in LIMIT: rows are read from the newest on, until there are enough hits or enough rows.
# (SELECT …): the words are read once, not once a row.
_NEAR = (
    "SELECT hit.id FROM unnest($1::bigint[]) AS space (id) CROSS JOIN LATERAL"
    " (SELECT id FROM (SELECT id, words FROM message_words WHERE workspace_id = space.id"
    " AND id >= $2 AND id < $3 ORDER BY id DESC LIMIT $6) AS newest"
    " WHERE words @@ (SELECT $4::text::tsquery) ORDER BY id DESC LIMIT $5) AS hit"
    " ORDER BY id DESC LIMIT $5"
)
# Only words inside: a plan made for any ids takes them for few, and reads the whole primary key as well.
_FAR = (
    "WITH far AS MATERIALIZED (SELECT workspace_id, id FROM message_words"
    " WHERE words @@ (SELECT $4::text::tsquery))"
    " SELECT id FROM far WHERE workspace_id = ANY($1) AND id >= $2 AND id < $3 ORDER BY id DESC LIMIT $5"
)
# The index is asked for the conversation only: it would read all messages that have a beginning of a word.
_THREAD = (
    "WITH thread AS MATERIALIZED (SELECT workspace_id, id, words FROM message_words"
    " WHERE words @@ (SELECT $6::text::tsquery))"
    " SELECT id FROM thread WHERE workspace_id = ANY($1) AND id >= $2 AND id < $3"
    " AND words @@ (SELECT $4::text::tsquery) ORDER BY id DESC LIMIT $5"
)
_LENGTH = "SELECT COUNT(*) FROM (SELECT FROM message WHERE conversation_id = $1 LIMIT $2) AS one"


class Question(Struct, frozen=True, kw_only=True):
    """`terms` and `scopes` must all be there. Ids from `low` to below `high`, at most `limit`.

    `conversation` is the one that `scopes` name, if they name one.
    """

    spaces: tuple[int, ...]
    terms: tuple[Term, ...]
    scopes: tuple[str, ...]
    conversation: int | None = None
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
    return _ids(await store.fetch(_SQLITE, words, question.low, question.high, question.limit))


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
    """By the way that reads the fewest rows: a conversation, the newest messages, or the index."""
    words = for_postgres(question.terms, question.spaces, question.scopes)
    spaces, low, high, limit = list(question.spaces), question.low, question.high, question.limit
    if question.conversation is not None and await _is_short(store, question.conversation):
        scope = for_postgres((), spaces, (in_conversation(question.conversation),))
        return _ids(await store.fetch(_THREAD, spaces, low, high, words, limit, scope))
    each = max(NEAR // len(spaces), 1)
    for rows in (each, each * WIDER):
        edge = await _edge(store, question, rows)
        near = await store.fetch(_NEAR, spaces, edge, high, words, limit, rows)
        if len(near) == limit:
            return _ids(near)
        if len(near) * WIDER < limit:
            break  # too rare to be found among some more
    return _ids(await store.fetch(_FAR, spaces, low, high, words, limit))


async def _is_short(store: Store, conversation: int) -> bool:
    ((length,),) = await store.fetch(_LENGTH, conversation, SHORT + 1)
    return int(length) <= SHORT


async def _edge(store: Store, question: Question, rows: int) -> int:
    """Above it, so many rows of each workspace are all there is: below, one may have newer hits unseen."""
    if len(question.spaces) == 1:
        return question.low
    ((edge,),) = await store.fetch(_NEAR_ENDS, list(question.spaces), question.low, question.high, rows - 1)
    return question.low if edge is None else int(edge)


def _ids(found: Records) -> list[int]:
    return [number for (number,) in found]
