"""What nobody knows the outcome of: not said again by itself, and said again when a person wants it."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import cast

import pytest
from jackfield_whatsapp_business import protocol as say
from jackfield_whatsapp_business.bridge.journal import Journal
from jackfield_whatsapp_business.bridge.notebook import Notebook
from jackfield_whatsapp_business.bridge.runner import Runner
from jackfield_whatsapp_business.engines.base import Engine, Opened, Refused, ToSend
from jackfield_whatsapp_business.ids import Peer
from whatsapp_bridge import WITHIN

from jackfield.channel import Text


class Silent:
    """An engine that says nothing of what became of the first message."""

    def __init__(self) -> None:
        self.sent = 0

    def opened(self, after: int) -> Sequence[Opened]:
        return ()

    async def resolve(self, peer: Peer) -> Peer:
        return peer

    async def send(self, message: ToSend) -> str:
        self.sent += 1
        if self.sent == 1:
            raise Refused("outcome_unknown", "no answer")
        return "ID2"


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    opened = Journal(tmp_path / "journal.db")
    yield opened
    opened.close()


async def test_only_a_person_says_again_what_is_unclear(journal: Journal, tmp_path: Path) -> None:
    """It was refused for a week, whoever wanted it."""
    engine, notebook = Silent(), Notebook(tmp_path / "notebook.db")
    runner = Runner(cast("Engine", engine), journal, notebook, tmp_path)

    async def send(ref: str) -> say.Done | say.Failed | say.Alive:
        return await runner.do(say.Send(ref=ref, to="1@lid", part=Text(body="?"), txn="t1"))

    first, same = await send("1"), await send("1")  # the connection broke, and it was asked once more
    assert isinstance(first, say.Failed)
    assert isinstance(same, say.Failed)
    assert (same.error, engine.sent) == ("outcome_unknown", 1)
    again = await send("2")
    assert isinstance(again, say.Done)
    assert (again.id, engine.sent) == ("1@lid/ID2", 2)
    assert await send("3") == say.Done(ref="3", id="1@lid/ID2"), "now it is known"
    assert engine.sent == 2
    notebook.close()


def test_a_slow_disk_keeps_nothing_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits behind another message is acknowledged already: a killed process lost a dozen at once."""
    slow = threading.Event()

    def wait(_file: int) -> None:
        slow.wait(WITHIN)

    monkeypatch.setattr("os.fsync", wait)
    ours, theirs = Journal(tmp_path / "journal.db"), Journal(tmp_path / "journal.db")
    numbers = [ours.hear(17, b"%d" % number) for number in range(100)]
    assert not slow.is_set()
    assert [entry.number for entry in theirs.after(0, 1000)] == numbers
    slow.set()
    for journal in (ours, theirs):
        journal.close()
