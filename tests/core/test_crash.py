"""A step ends the process where a test asked for it, and is nothing otherwise."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

PROGRAM = "from jackfield.crash import crash_point as at; at('a'); at('b'); at('b'); print('lived')"


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ("", 0),
        ("c", 0),
        ("a", -signal.SIGKILL),
        ("b:2", -signal.SIGKILL),
        ("b:3", 0),
    ],
)
def test_a_process_ends_at_the_step_it_was_asked_to(wish: str, status: int) -> None:
    environ = {**os.environ, "JACKFIELD_CRASH_AT": wish}
    command = [sys.executable, "-c", PROGRAM]
    ran = subprocess.run(command, check=False, env=environ, capture_output=True, text=True)
    assert ran.returncode == status, ran.stderr
    assert ran.stdout == ("" if status else "lived\n")
