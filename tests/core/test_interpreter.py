"""The interpreter after settle(), in a process of its own: there is one for the whole process."""

from __future__ import annotations

import subprocess
import sys

AFTER = """
import gc, sys, weakref
from jackfield.app import interpreter

class Knot:
    pass

kept = Knot()
interpreter.settle()
assert gc.isenabled() and gc.get_freeze_count() > 1000, gc.get_freeze_count()
assert not any(found is kept for found in gc.get_objects()), "what was here is looked through again"
knot = Knot()
knot.self = knot
gone = weakref.ref(knot)
del knot
litter = [[] for _ in range(interpreter.YOUNG + 1)]
assert gone() is None, "a cycle stays for good"
assert sys.getswitchinterval() == interpreter.SWITCH
"""


def test_what_is_here_is_left_alone_and_new_cycles_still_go() -> None:
    ran = subprocess.run(  # our own words
        [sys.executable, "-c", AFTER], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
