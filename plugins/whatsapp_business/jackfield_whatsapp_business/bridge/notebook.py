"""The bridge's notebook: what people are called, whom we have met, and who wrote which message.

Nothing here is lost for good if it is lost: it is learnt again. One SQLite file beside the session.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

TABLES = """
CREATE TABLE IF NOT EXISTS person (
    peer TEXT PRIMARY KEY, name TEXT NOT NULL DEFAULT '', source INTEGER NOT NULL DEFAULT 0,
    met INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS author (
    message TEXT PRIMARY KEY, who TEXT NOT NULL, at INTEGER NOT NULL DEFAULT (strftime('%s'))
);
"""
KEEP_AUTHORS = 90 * 24 * 3600  # seconds

Source = Literal["own", "business", "book"]
RANK: Mapping[Source, int] = {"own": 1, "business": 2, "book": 3}
"""Whose word for a person counts more: his own, the network's check of a business, our address book."""


class Notebook:
    """Used in one thread."""

    def __init__(self, path: Path) -> None:
        self._file = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "busy_timeout = 5000"):
            self._file.execute(f"PRAGMA {pragma}")
        self._file.executescript(TABLES)

    def close(self) -> None:
        self._file.close()

    # -- people ----------------------------------------------------------------------------------

    def name(self, peer: str) -> str:
        """What somebody, or a group, is called; "": nobody has said."""
        found = self._file.execute("SELECT name FROM person WHERE peer = ?", (peer,)).fetchone()
        return "" if found is None else str(found[0])

    def call(self, peer: str, name: str, source: Source) -> bool:
        """Write a name down, unless a better one is known. True: he is called otherwise from now on."""
        sql = (
            "INSERT INTO person (peer, name, source) VALUES (?, ?, ?) ON CONFLICT (peer) DO UPDATE"
            " SET name = excluded.name, source = excluded.source"
            " WHERE source <= excluded.source AND name <> excluded.name"
        )
        return bool(name) and self._file.execute(sql, (peer, name, RANK[source])).rowcount > 0

    def meet(self, peer: str) -> bool:
        """Somebody writes. True: for the first time."""
        sql = (
            "INSERT INTO person (peer, met) VALUES (?, 1)"
            " ON CONFLICT (peer) DO UPDATE SET met = 1 WHERE met = 0"
        )
        return self._file.execute(sql, (peer,)).rowcount > 0

    def met(self, peer: str) -> bool:
        found = self._file.execute("SELECT met FROM person WHERE peer = ?", (peer,)).fetchone()
        return found is not None and bool(found[0])

    # -- messages --------------------------------------------------------------------------------

    def wrote(self, authors: Mapping[str, str]) -> None:
        """By message, who wrote it, "" for the account itself: answers and reactions have to name them."""
        self._file.execute("DELETE FROM author WHERE at < strftime('%s') - ?", (KEEP_AUTHORS,))
        self._file.executemany("INSERT OR IGNORE INTO author (message, who) VALUES (?, ?)", authors.items())

    def author(self, message: str) -> str:
        """ "": we wrote it, or it is long ago."""
        found = self._file.execute("SELECT who FROM author WHERE message = ?", (message,)).fetchone()
        return "" if found is None else str(found[0])

    def knows(self, message: str) -> bool:
        """Whether it was heard, whoever wrote it."""
        found = self._file.execute("SELECT 1 FROM author WHERE message = ?", (message,)).fetchone()
        return found is not None
