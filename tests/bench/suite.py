"""All benchmarks by name: runs what is wanted, prints the table, writes build/bench.json."""

# ruff: noqa: T201  # it is a report
from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import msgspec
from bench import dispatch, doorbell, fanout, ingest, neighbours, pages, search, storm
from bench.figures import HEAD, Result, line
from bench.ground import Ground, ground
from bench.scale import Scale

Run = Callable[[Ground, Scale, Collection[str]], list[Result]]

ALL: tuple[tuple[tuple[str, ...], Run], ...] = (
    (ingest.NAMES, ingest.run),
    (fanout.NAMES, fanout.run),
    (storm.NAMES, storm.run),
    (pages.NAMES, pages.run),
    (search.NAMES, search.run),
    (dispatch.NAMES, dispatch.run),
    (doorbell.NAMES, doorbell.run),
    (neighbours.NAMES, neighbours.run),
)
NAMES = tuple(name for names, _ in ALL for name in names)
OUT = Path(__file__).parents[2] / "build" / "bench.json"


def measure(scale: Scale, wanted: Collection[str] = NAMES) -> list[Result]:
    """Measure what is wanted, one benchmark after another, each on its own ground."""
    results: list[Result] = []
    for names, run in ALL:
        chosen = [name for name in names if name in wanted]
        if chosen:
            with ground() as under:
                results += run(under, scale, chosen)
    return results


def report(scale: Scale, wanted: Collection[str], out: Path = OUT) -> Sequence[Result]:
    """Measure, print as it goes, and write what was found."""
    began = time.monotonic()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; medians of {scale.rounds} rounds")
    print(HEAD)
    results: list[Result] = []
    for names, _ in ALL:
        for result in measure(scale, [name for name in names if name in wanted]):
            results.append(result)
            print(line(result), flush=True)
    out.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=2) + b"\n")
    print(f"{time.monotonic() - began:.0f} s; {out}")
    return results
