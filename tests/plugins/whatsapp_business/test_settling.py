"""What became of what was cut off: receipts find the send they belong to, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from jackfield_whatsapp_business.bridge.journal import Journal
from jackfield_whatsapp_business.bridge.notebook import Notebook
from jackfield_whatsapp_business.bridge.settling import Settling
from jackfield_whatsapp_business.engines.base import Engine

from jackfield.channel import Address, MessageId, Receipt

CHAT, PHONE = "1@lid", "49@s.whatsapp.net"


class Maker:
    """An engine whose ids begin with OURS."""

    def made(self, number: str) -> bool:
        return number.startswith("OURS")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "journal.db")
    yield opened
    opened.close()


@pytest.fixture
def notebook(tmp_path: Path) -> Iterator[Notebook]:
    opened = Notebook(tmp_path / "notebook.db")
    yield opened
    opened.close()


def settle(journal: Journal, notebook: Notebook, *numbers: str) -> list[tuple[tuple[str, ...], str | None]]:
    """Receipts as (numbers, txn)."""
    receipt = Receipt(
        at=datetime.now(UTC),
        targets=tuple(MessageId(f"{CHAT}/{number}") for number in numbers),
        level="delivered",
        person=(Address(kind="lid", value="1"), Address(kind="phone", value="+49")),
    )
    settling = Settling(cast("Engine", cast("Any", Maker())), journal, notebook)
    return [
        (tuple(target.rpartition("/")[2] for target in one.targets), one.txn)
        for one in settling.settled(receipt)
    ]


def test_a_receipt_names_the_send_it_belongs_to(journal: Journal, notebook: Notebook) -> None:
    for txn in ("t1", "t2"):
        journal.begin(txn, CHAT)
        journal.sent(txn, f"OURS{txn}")
    found = settle(journal, notebook, "OURSt1", "phone", "OURSt2")
    assert found == [(("OURSt1",), "t1"), (("OURSt2",), "t2"), (("phone",), None)]


def test_what_was_cut_off_is_known_by_the_first_receipt(journal: Journal, notebook: Notebook) -> None:
    """It was begun under the phone number; the receipt comes under the LID."""
    journal.begin("t1", PHONE)
    assert settle(journal, notebook, "OURSx") == [(("OURSx",), "t1")]
    assert journal.begin("t1", PHONE) == "OURSx", "and is not sent again"
    assert settle(journal, notebook, "OURSy") == [(("OURSy",), None)]


def test_nothing_else_is_taken_for_it(journal: Journal, notebook: Notebook) -> None:
    """What the phone wrote, what was heard before, what is in another chat, and one of two."""
    journal.begin("t1", CHAT)
    notebook.wrote({f"{CHAT}/OURSheard": ""})
    assert settle(journal, notebook, "phone", "OURSheard") == [(("phone", "OURSheard"), None)]
    journal.begin("t2", CHAT)
    assert settle(journal, notebook, "OURSx") == [(("OURSx",), None)], "a person has to look"
    journal.refused("t1")
    journal.refused("t2")
    journal.begin("t3", "2@lid")
    assert settle(journal, notebook, "OURSz") == [(("OURSz",), None)]


def test_names_of_the_address_book_count_most(notebook: Notebook) -> None:
    assert notebook.call(CHAT, "karla :)", "own")
    assert not notebook.call(CHAT, "karla :)", "own"), "no news"
    assert notebook.call(CHAT, "Karla Blumen", "book")
    assert not notebook.call(CHAT, "karla!", "own")
    assert notebook.name(CHAT) == "Karla Blumen"
    assert (notebook.met(CHAT), notebook.meet(CHAT), notebook.meet(CHAT)) == (False, True, False)
