"""What the engine opened and never handed over: its place is shown, once, and nothing else's."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest
from jackfield_whatsapp_business.bridge.gaps import MOST, Gaps
from jackfield_whatsapp_business.bridge.journal import Journal
from jackfield_whatsapp_business.engines.base import Engine, Opened
from jackfield_whatsapp_business.engines.neonize.opened import opened

from jackfield.channel import AnyEvent, Message, Unsupported

SCHEMA = """
CREATE TABLE whatsmeow_device (jid TEXT, lid TEXT);
CREATE TABLE whatsmeow_message_secrets (our_jid TEXT, chat_jid TEXT, sender_jid TEXT, message_id TEXT, key);
INSERT INTO whatsmeow_device VALUES ('49155:7@s.whatsapp.net', '900:7@lid');
"""


class Noting:
    """An engine with a session, and nothing else."""

    def __init__(self, session: Path) -> None:
        self._session = session

    def opened(self, after: int) -> Sequence[Opened]:
        return opened(self._session, after)


class Ground:
    def __init__(self, folder: Path) -> None:
        self.session, self.journal = folder / "session.db", Journal(folder / "journal.db")
        self._gaps = self.start()

    def start(self) -> Gaps:
        """A new process."""
        self._gaps = Gaps(cast("Engine", Noting(self.session)), self.journal)
        return self._gaps

    def note(self, *numbers: str, chat: str = "800@lid", sender: str = "800:3@lid") -> None:
        rows = [("49155:7@s.whatsapp.net", chat, sender, number, b"") for number in numbers]
        with closing(sqlite3.connect(self.session)) as file, file:
            if not file.execute("SELECT 1 FROM sqlite_master").fetchone():
                file.executescript(SCHEMA)
            file.executemany("INSERT INTO whatsmeow_message_secrets VALUES (?, ?, ?, ?, ?)", rows)

    def looked(self) -> list[AnyEvent]:
        told: list[AnyEvent] = []
        for _ in range(2):  # once, however often it is asked
            self._gaps.look(told.extend)
        return told


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    made = Ground(tmp_path)
    assert made.looked() == [], "nothing is linked yet"
    yield made
    made.journal.close()


def test_the_place_of_a_message_that_never_came_is_shown_once(ground: Ground) -> None:
    ground.note("A", "B", "C")
    ground.note("D", chat="120@g.us")
    ground.note("E", sender="900:2@lid")  # our own
    ground.journal.arrive(["A", "C"])
    ground.start()
    first, second = ground.looked()
    assert isinstance(first, Message)
    assert (first.id, first.group, first.sender.addresses[0].value) == ("800@lid/B", False, "800")
    assert isinstance(first.parts[0], Unsupported)
    assert isinstance(second, Message)
    assert (second.id, second.group) == ("120@g.us/D", True)
    ground.start()
    assert ground.looked() == []


def test_the_past_of_a_phone_is_not_taken_for_missing(ground: Ground) -> None:
    ground.note(*(f"M{number}" for number in range(MOST + 1)))
    ground.start()
    assert ground.looked() == []


def test_what_was_there_before_anybody_looked_is_not_missing(tmp_path: Path, ground: Ground) -> None:
    ground.journal.close()
    (tmp_path / "journal.db").unlink()
    ground.note("A")
    other = Ground(tmp_path)
    assert other.looked() == []
    other.journal.close()


def test_a_session_that_looks_different_is_no_obstacle(ground: Ground) -> None:
    ground.session.write_bytes(b"not a database, but long enough to look at it")
    ground.start()
    assert ground.looked() == []
