"""The bridge's journal: what was heard and is not acknowledged yet, and what was said under which txn.

Written in the engine's own callback, in its thread: from there on nothing is lost, whoever is killed. What
waits for its turn the engine has acknowledged to the network already, and a kill loses it: so a turn is
short, and the disk is waited for in a thread of its own. One SQLite file beside the session.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Collection, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

TABLES = """
CREATE TABLE IF NOT EXISTS heard (
    number INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS said (
    txn TEXT PRIMARY KEY, chat TEXT NOT NULL, id TEXT NOT NULL,
    at INTEGER NOT NULL DEFAULT (strftime('%s'))
);
CREATE INDEX IF NOT EXISTS said_id ON said (id);
CREATE TABLE IF NOT EXISTS came (
    number TEXT PRIMARY KEY, at INTEGER NOT NULL DEFAULT (strftime('%s'))
);
CREATE TABLE IF NOT EXISTS accounted (mark INTEGER NOT NULL);
"""
KEEP_SAID = 7 * 24 * 3600  # seconds


class Entry(NamedTuple):
    number: int
    kind: int
    body: bytes


class Journal:
    """May be called from any thread. Each call is a transaction of its own, which a killed process does not
    lose once it returns; what was heard withstands a power cut some milliseconds later."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._file = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "busy_timeout = 5000"):
            self._file.execute(f"PRAGMA {pragma}")
        self._file.executescript(TABLES)
        self._heard, self._closed = threading.Event(), False
        self._syncing = threading.Thread(target=self._sync, args=(Path(f"{path}-wal"),), daemon=True)
        self._syncing.start()

    def close(self) -> None:
        self._closed = True
        self._heard.set()
        self._syncing.join()
        with self._lock:
            self._file.close()

    def _sync(self, log: Path) -> None:
        """Bring to the disk what was heard, as much at once as came meanwhile."""
        file = os.open(log, os.O_RDWR)
        try:
            while not self._closed:
                self._heard.wait()
                self._heard.clear()
                os.fsync(file)
        finally:
            os.close(file)

    # -- heard -----------------------------------------------------------------------------------

    def hear(self, kind: int, body: bytes) -> int:
        """Keep it; answers its number."""
        with self._locked() as file:
            number = file.execute("INSERT INTO heard (kind, body) VALUES (?, ?)", (kind, body)).lastrowid
        self._heard.set()
        assert number is not None, "an insert gives a number"
        return number

    def after(self, number: int, most: int) -> list[Entry]:
        """What came after a number, oldest first."""
        sql = "SELECT number, kind, body FROM heard WHERE number > ? ORDER BY number LIMIT ?"
        with self._locked() as file:
            return [Entry(*row) for row in file.execute(sql, (number, most))]

    def waits(self) -> bool:
        """Whether something is not acknowledged yet."""
        with self._locked() as file:
            return file.execute("SELECT 1 FROM heard LIMIT 1").fetchone() is not None

    def acknowledge(self, number: int) -> None:
        """Everything up to it is stored elsewhere."""
        with self._locked() as file:
            file.execute("DELETE FROM heard WHERE number <= ?", (number,))

    # -- what came, of what the engine has opened ------------------------------------------------

    def arrive(self, numbers: Sequence[str]) -> None:
        """These messages were handed over."""
        with self._locked() as file:
            file.executemany("INSERT OR IGNORE INTO came (number) VALUES (?)", [(one,) for one in numbers])

    def came(self, number: str) -> bool:
        """Whether a message was handed over since the last account."""
        with self._locked() as file:
            return file.execute("SELECT 1 FROM came WHERE number = ?", (number,)).fetchone() is not None

    def mark(self) -> int | None:
        """Up to where it was looked whether all that was opened came; None: never yet."""
        with self._locked() as file:
            found = file.execute("SELECT mark FROM accounted").fetchone()
        return None if found is None else int(found[0])

    def account(self, mark: int) -> None:
        """Up to here it is known what came, and what did not."""
        with self._locked() as file:
            file.execute("BEGIN")
            file.execute("DELETE FROM came WHERE at < strftime('%s') - ?", (KEEP_SAID,))
            file.execute("DELETE FROM accounted")
            file.execute("INSERT INTO accounted (mark) VALUES (?)", (mark,))
            file.execute("COMMIT")

    # -- said ------------------------------------------------------------------------------------

    def begin(self, txn: str, chat: str) -> str | None:
        """Before something is sent. None: it is new; "": it was begun before and nobody knows how it
        ended; else the id under which it went out."""
        with self._locked() as file:
            old = "DELETE FROM said WHERE at < strftime('%s') - ?"
            file.execute(old, (KEEP_SAID,))
            found = file.execute("SELECT id FROM said WHERE txn = ?", (txn,)).fetchone()
            if found is None:
                file.execute("INSERT INTO said (txn, chat, id) VALUES (?, ?, '')", (txn, chat))
        return None if found is None else str(found[0])

    def sent(self, txn: str, number: str) -> None:
        """It went out under this id."""
        with self._locked() as file:
            file.execute("UPDATE said SET id = ? WHERE txn = ?", (number, txn))

    def refused(self, txn: str) -> None:
        """It surely did not go out: it may be tried again."""
        with self._locked() as file:
            file.execute("DELETE FROM said WHERE txn = ?", (txn,))

    def txn_of(self, number: str) -> str:
        """Under which txn a message of ours went out; "": none of ours."""
        with self._locked() as file:
            found = file.execute("SELECT txn FROM said WHERE id = ?", (number,)).fetchone()
        return "" if found is None else str(found[0])

    def unclear(self, chats: Collection[str]) -> list[str]:
        """What was begun in these chats and nobody knows how it ended, oldest first."""
        marks = ", ".join("?" * len(chats))
        sql = f"SELECT txn FROM said WHERE id = '' AND chat IN ({marks}) ORDER BY at"  # noqa: S608  # marks
        with self._locked() as file:
            return [str(txn) for (txn,) in file.execute(sql, tuple(chats))]

    @contextmanager
    def _locked(self) -> Generator[sqlite3.Connection]:
        with self._lock:
            yield self._file
