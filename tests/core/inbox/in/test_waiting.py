"""What comes before its message, and more than once."""

from __future__ import annotations

import pytest
from inbox_line import Line, ours, receipt

from jackfield.inbox import receive
from jackfield.store.rows import DeliveryCountRow, DeliveryRow, MessageRow, WaitingRow


async def test_a_receipt_with_our_key_may_come_twice_before_its_message(line: Line) -> None:
    """Regression: the needs of the waiting one named each other without end, and the provider got a 500."""
    await line.take(receipt("sent", "o1", txn="txn-1"))
    received = await line.take(receipt("sent", "o1", txn="txn-1"))
    assert received.reason == ""
    assert len(await line.all(WaitingRow)) == 1
    await line.take(ours("hello", key="o1"))
    assert (await line.one(MessageRow)).st == "sent"


async def test_a_delivery_that_breaks_us_is_kept_as_failed(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of ours is no reason for the provider to lose a payload, nor to send it for seven days."""

    def broken(*_: object) -> None:
        raise RecursionError("a bug of ours")

    monkeypatch.setattr(receive, "needs", broken)
    received = await line.take(ours("hello", key="o1"), raw=b"the payload")
    assert "RecursionError" in received.reason
    kept = await line.one(DeliveryRow)
    assert (kept.state, kept.body) == ("failed", b"the payload")
    count = await line.one(DeliveryCountRow)
    assert (count.received, count.stored, count.failed) == (1, 0, 1)
