"""`make chaos`: python -m chaos, in tests/ [--seed N] [--seconds S] [--only NAME]…"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    """0 if nothing was lost, doubled or wrong in any scenario."""
    from chaos.figures import HEAD, line
    from chaos.suite import SCENARIOS, play

    parser = argparse.ArgumentParser(prog="make chaos", description="Faults; see docs/chaos.md.")
    parser.add_argument(
        "--seed", type=int, default=random.randrange(1_000_000), help="default: another each time"
    )
    parser.add_argument("--seconds", type=float, default=60, help="of each scenario that goes on by itself")
    parser.add_argument(
        "--only", action="append", metavar="NAME", choices=list(SCENARIOS), help="may be repeated"
    )
    wish = parser.parse_args()
    say(f"seed {wish.seed}\n{HEAD}")
    good = True
    for name in wish.only or SCENARIOS:
        figures = asyncio.run(play(name, seed=wish.seed, seconds=wish.seconds))
        say(line(figures))
        good = good and figures.good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
