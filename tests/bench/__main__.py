"""`make bench`: python -m bench, in tests/ [--quick] [--only NAME]…"""

from __future__ import annotations

import argparse
import sys


def main() -> int:
    from bench.scale import FULL, QUICK
    from bench.suite import NAMES, report

    parser = argparse.ArgumentParser(
        prog="make bench", description="Measured ratios; see docs/performance.md."
    )
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds, smaller tables")
    parser.add_argument(
        "--only",
        action="append",
        metavar="NAME",
        choices=NAMES,
        help=f"one of {', '.join(NAMES)}; may be repeated",
    )
    wish = parser.parse_args()
    results = report(QUICK if wish.quick else FULL, wish.only or NAMES)
    return 0 if all(result.met for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
