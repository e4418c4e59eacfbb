"""A step ends the process where a test asked for it, and is nothing otherwise."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import jackfield
from jackfield.crash import STEPS, crash_at

PROGRAM = (
    "from jackfield.crash import crash_point as at; at('store.commit'); at('outbox.asked');"
    "at('store.commit'); at('store.commit'); print('lived')"
)
CORE = Path(jackfield.__file__).parent


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ("", 0),
        ("outbox.found", 0),
        ("outbox.asked", -signal.SIGKILL),
        ("store.commit:3", -signal.SIGKILL),
        ("store.commit:4", 0),
        ("outbox.asked store.commit:2", -signal.SIGKILL),
        ("outbox.asked store.commit:3", 0),
        ("outbox.asked outbox.asked", 0),
    ],
)
def test_a_process_ends_at_the_step_it_was_asked_to(wish: str, status: int) -> None:
    environ = {**os.environ, "JACKFIELD_CRASH_AT": wish}
    command = [sys.executable, "-c", PROGRAM]
    ran = subprocess.run(command, check=False, env=environ, capture_output=True, text=True)
    assert ran.returncode == status, ran.stderr
    assert ran.stdout == ("" if status else "lived\n")


@pytest.mark.parametrize("wish", ["outbox.cliamed", "outbox.claimed:twice", "outbox.asked nowhere"])
def test_a_step_that_is_none_is_refused(wish: str) -> None:
    with pytest.raises(ValueError, match=r"JACKFIELD_CRASH_AT|invalid literal"):
        crash_at(wish)


def steps_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(func=ast.Name(id="crash_point"), args=[ast.Constant(value=str(name))]):
                yield name
            case _:
                pass


def test_the_list_of_steps_is_what_the_code_passes() -> None:
    assert {name for path in CORE.rglob("*.py") for name in steps_in(path)} == STEPS.keys()
