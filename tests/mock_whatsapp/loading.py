"""Loads the engine's package, and comes first: it asks `uname` in a way that leaves a process open."""

from __future__ import annotations

import importlib
import io
import logging
import platform
from unittest.mock import patch


def uname(_: str) -> io.StringIO:
    return io.StringIO(platform.platform())


logging.getLogger("neonize").setLevel(logging.ERROR)
before = list(logging.root.handlers), logging.root.level
with patch("os.popen", uname):
    importlib.import_module("neonize")
logging.root.handlers, logging.root.level = before  # it sets up everybody's log for itself
