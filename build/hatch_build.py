"""Builds the front end while a wheel is made, so that `pip install .` is all one needs.

JACKFIELD_SKIP_UI_BUILD=1 leaves it out, for whoever runs `npm run dev`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FrontEnd(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # hatchling's
        if os.environ.get("JACKFIELD_SKIP_UI_BUILD") == "1":
            self.app.display_info("front end: left out (JACKFIELD_SKIP_UI_BUILD)")
            return
        self.app.display_info("front end: building what changed")
        subprocess.run([sys.executable, Path(self.root, "build", "front_end.py")], check=True)  # noqa: S603  # ours
