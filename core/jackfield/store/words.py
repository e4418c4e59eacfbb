"""The index of words: which message has which, written in the transaction that writes the message.

SQLite keeps it as an FTS5 table without content, and beside it the words themselves, so that the
beginning of a word can be completed without reading all messages. PostgreSQL keeps a tsvector under a GIN
index. Neither cuts or folds anything: words come as they are to be found, see inbox/search.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple

SCOPE = "\ue000"  # in a word of ours that nobody wrote: which conversation, which channel …


class Reword(NamedTuple):
    """The words a message had and has now, set apart by single spaces; "": none.

    `gone` is exactly what was written before: FTS5 cannot look it up, and breaks if it is told wrong.
    """

    id: int
    workspace: int
    gone: str
    now: str


TABLES = {
    "sqlite": (
        # detail=column: who has which word, not where; columnsize=0: nobody ranks by length
        "CREATE VIRTUAL TABLE message_words USING fts5"
        "(words, content='', columnsize=0, detail=column, tokenize='ascii')",
        "CREATE TABLE known_word (word TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID",
    ),
    "postgres": (
        "CREATE TABLE message_words (workspace_id BIGINT NOT NULL, id BIGINT NOT NULL,"
        " words TSVECTOR NOT NULL, PRIMARY KEY (workspace_id, id))",
        # every search reads the whole list of what is pending
        "CREATE INDEX message_words_found ON message_words USING gin (words)"
        " WITH (gin_pending_list_limit = 256)",
        # a search that is planned by old figures reads a million rows
        "ALTER TABLE message_words SET (autovacuum_analyze_scale_factor = 0.02)",
    ),
}

FORGET = "UPDATE workspace SET searched_from = (SELECT COALESCE(MAX(id), -1) + 1 FROM message)"
"""Nothing is indexed: all that is there now is to be done anew."""

_SQLITE_GONE = "INSERT INTO message_words (message_words, rowid, words) VALUES ('delete', ?, ?)"
_SQLITE_NOW = "INSERT INTO message_words (rowid, words) VALUES (?, ?)"
_SQLITE_KNOWN = "INSERT OR IGNORE INTO known_word (word) VALUES (?)"

_POSTGRES_GONE = (
    "DELETE FROM message_words AS old USING unnest($1::bigint[], $2::bigint[]) AS gone (workspace_id, id)"
    " WHERE old.workspace_id = gone.workspace_id AND old.id = gone.id"
)
_POSTGRES_NOW = (
    "INSERT INTO message_words (workspace_id, id, words)"
    " SELECT n.workspace_id, n.id, array_to_tsvector(string_to_array(n.words, ' '))"
    " FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS n (workspace_id, id, words)"
    " ON CONFLICT (workspace_id, id) DO UPDATE SET words = excluded.words"
)


def reword_sqlite(connection: sqlite3.Connection, changes: Sequence[Reword]) -> None:
    connection.executemany(_SQLITE_GONE, [(one.id, one.gone) for one in changes if one.gone])
    connection.executemany(_SQLITE_NOW, [(one.id, one.now) for one in changes if one.now])
    known = {word for one in changes for word in one.now.split(" ") if SCOPE not in word}
    connection.executemany(_SQLITE_KNOWN, [(word,) for word in known if word])


async def reword_postgres(connection: Any, changes: Sequence[Reword]) -> None:
    if gone := [one for one in changes if not one.now]:
        spaces, ids = [one.workspace for one in gone], [one.id for one in gone]
        await connection.execute(_POSTGRES_GONE, spaces, ids)
    if now := [one for one in changes if one.now]:
        spaces, ids = [one.workspace for one in now], [one.id for one in now]
        await connection.execute(_POSTGRES_NOW, spaces, ids, [one.now for one in now])
