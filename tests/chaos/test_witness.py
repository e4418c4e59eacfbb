"""The witness of two processes sees what must not be: a check that cannot fail checks nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.runs import running, together
from chaos.witness import Lease, held, taken_too_early

A_RAN = """2026-01-01 10:00:00,000 INFO jackfield.leases: channel 7 runs here now
Jackfield is listening on http://127.0.0.1:1
2026-01-01 10:00:05,000 {end}
"""
B_RAN = "2026-01-01 {at} INFO jackfield.leases: channel {channel} runs here now\n"


@pytest.mark.parametrize(
    ("end", "at", "channel", "faults"),
    [
        ("INFO jackfield.leases: channel 7 does not run here any more", "10:00:05,001", 7, 0),
        ("INFO jackfield.leases: channel 7 does not run here any more", "10:00:04,999", 7, 1),
        ("INFO jackfield.leases: channel 8 does not run here any more", "10:00:06,000", 7, 1),
        ("chaos: ended", "10:00:04,999", 7, 1),
        ("chaos: ended", "10:00:05,001", 7, 0),
        ("chaos: frozen", "10:00:05,001", 7, 0),
        ("WARNING jackfield.outbox: something", "10:00:06,000", 7, 1),
        ("WARNING jackfield.outbox: something", "10:00:06,000", 8, 0),
    ],
)
def test_a_channel_that_ran_in_two_processes_at_once_is_seen(
    tmp_path: Path, end: str, at: str, channel: int, faults: int
) -> None:
    (tmp_path / "a.log").write_text(A_RAN.format(end=end))
    (tmp_path / "b.log").write_text(B_RAN.format(at=at, channel=channel))
    assert len(together([tmp_path / "a.log", tmp_path / "b.log"])) == faults
    assert running(tmp_path / "b.log") == {channel}


@pytest.mark.parametrize(
    ("leases", "faults"),
    [
        ([Lease(7, "a", 15, 0), Lease(7, "a", 20, 5), Lease(7, "b", 35, 20)], 0),
        ([Lease(7, "a", 15, 0), Lease(7, "a", 20, 5), Lease(7, "b", 34, 19)], 1),
        ([Lease(7, "a", 15, 0), Lease(7, "", 0, 5), Lease(7, "b", 20, 5)], 0),
        ([Lease(7, "a", 15, 0), Lease(8, "b", 16, 1)], 0),
    ],
)
def test_a_lease_taken_while_another_one_holds_is_seen(leases: list[Lease], faults: int) -> None:
    assert len(taken_too_early(held(leases))) == faults
