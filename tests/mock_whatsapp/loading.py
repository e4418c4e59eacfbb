"""Loads the engine's package, and comes first: it asks `uname` in a way that leaves a process open."""

from __future__ import annotations

import importlib
import io
import logging
import platform
from unittest.mock import patch

logging.getLogger("neonize").setLevel(logging.ERROR)
with patch("os.popen", lambda _: io.StringIO(platform.platform())):
    importlib.import_module("neonize")
