"""`make bench` in a tiny run: every contender starts, and every slice passes its check of integrity.

Nothing is asserted about time.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from bench.figures import Slice, compared
from bench.scale import TINY
from bench.suite import ALL, NAMES, measure

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("names", [names for names, _ in ALL], ids=lambda names: names[0].split("-")[0])
def test_every_contender_passes_its_check_of_integrity(names: tuple[str, ...]) -> None:
    results = measure(TINY, names)
    assert sorted(result.name for result in results) == sorted(names)
    assert all(result.ratio > 0 for result in results)


def test_no_two_benchmarks_have_one_name() -> None:
    assert len(set(NAMES)) == len(NAMES)


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    command = [sys.executable, "-m", "bench", "--only", "nothing"]
    said = subprocess.run(
        command, cwd=ROOT / "tests", capture_output=True, text=True, timeout=60, check=False
    )
    assert said.returncode == 2
    assert all(name in said.stderr for name in NAMES)


@pytest.mark.parametrize(
    ("sense", "goal", "met"),
    [("at least", 2.0, True), ("at least", 2.1, False), ("at most", 2.0, True), ("at most", 1.9, False)],
)
def test_a_ratio_is_the_median_of_the_rounds_and_held_against_its_goal(
    sense: str, goal: float, met: bool
) -> None:
    ours = [Slice(ops=ops, seconds=1.0, cpu=0.5) for ops in (30, 10, 20)]
    theirs = [Slice(ops=10, seconds=1.0)] * 3
    result = compared("x", ours, theirs, goal=goal, sense="at least" if sense == "at least" else "at most")
    assert (result.ratio, result.low, result.high, result.met) == (2.0, 1.0, 3.0, met)
    assert json.loads(json.dumps(result.ours))["per_second"] == 20
