"""The audit of bridges finds what is lost, doubled, out of order, and shown as what it is not."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from mock_whatsapp import Phone

from chaos.bridge_audit import audit_heard, audit_said
from chaos.bridged import Bridged, Customer, Shop
from chaos.install import Install
from jackfield import ids
from jackfield.settings import Settings

PEER = "800000000000001@lid"


def ground(folder: Path, *rows: tuple[int, str, str, str | None, int]) -> Bridged:
    """One customer and an inbox with these messages: number, direction, status, external id, place."""
    account = SimpleNamespace(lid=PEER.partition("@")[0])
    customer = Customer(cast("Phone", SimpleNamespace(account=account)), cast("Shop", None))
    settings = Settings(data=folder)
    with sqlite3.connect(settings.sqlite_path) as file:
        file.execute("CREATE TABLE conversation (id INTEGER, peer TEXT)")
        file.execute(
            "CREATE TABLE message (id, dir, st, external_id, pos, conversation_id, fail DEFAULT '',"
            " parts DEFAULT '[]')"
        )
        file.execute("INSERT INTO conversation VALUES (1, ?)", (PEER,))
        file.executemany(
            "INSERT INTO message (id, dir, st, external_id, pos, conversation_id) VALUES (?, ?, ?, ?, ?, 1)",
            rows,
        )
    file.close()
    install = Install(settings=settings, token="", channels={}, workspaces={})
    return cast("Bridged", SimpleNamespace(install=install, customers=(customer,)))


async def test_what_was_written_is_held_against_the_inbox(tmp_path: Path) -> None:
    found = ground(tmp_path, (1, "in", "received", "b", 1), (2, "in", "received", "a", 2),
                   (3, "in", "received", "a", 3), (4, "in", "received", "other", 4))  # fmt: skip
    found.customers[0].written = [("one", "a"), ("two", "b"), ("three", "c")]
    said = await audit_heard(found)
    assert (said.lost, said.doubled) == (("three (c)",), ("a × 2",))
    assert [one.rpartition(" is ")[0] or one for one in said.wrong] == [
        "other was never written",
        f"what {PEER} wrote",
    ]


async def test_what_was_said_is_held_against_the_phones(tmp_path: Path) -> None:
    rows = [(n, "out", st, None, n) for n, st in enumerate(("sent", "sent", "unknown", "unknown", "queued"))]
    found = ground(tmp_path, *rows, (9, "out", "sent", None, 9))
    texts = {ids.show("m", n): f"answer {n}" for n in range(5)} | {ids.show("m", 8): "answer 8"}
    found.customers[0].heard = [(text, "") for text in ("answer 2", "answer 1", "answer 1")]
    said = await audit_said(found, texts)
    assert said.unknown == 2
    assert set(said.lost) == {
        f"accepted and not stored: {ids.show('m', 8)}",
        "answer 0 is shown as sent (None) and never arrived",
        "answer 4 is queued at the end",
    }
    assert set(said.doubled) == {"answer 1 × 2", f"stored and never accepted: {ids.show('m', 9)}"}
    assert said.wrong[0] == "answer 2 is shown as unknown though it arrived"
    assert any("out of order" in one for one in said.wrong)
