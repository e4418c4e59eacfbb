"""Loads the engine's package, quietly: while it looks for ffmpeg it leaves a process open. Comes first."""

from __future__ import annotations

import gc
import importlib
import logging
import warnings

logging.getLogger("neonize").setLevel(logging.ERROR)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    importlib.import_module("neonize")
    gc.collect()
