"""The built front end, for tests that look at it or run it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(Path(__file__).parent))  # fake_server and fake_data lie beside the tests


@pytest.fixture(scope="session")
def built() -> Path:
    """ui/jackfield_ui/static/dist, built from the sources as they are."""
    subprocess.run([sys.executable, str(ROOT / "build" / "front_end.py")], check=True)
    return ROOT / "ui" / "jackfield_ui" / "static" / "dist"
