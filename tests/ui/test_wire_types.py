"""wire.ts is what the structs say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_pages_types_are_current() -> None:
    command = [sys.executable, str(ROOT / "build" / "wire_types.py"), "--check"]
    assert subprocess.run(command, check=False).returncode == 0, "run: python build/wire_types.py"
