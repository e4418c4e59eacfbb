"""What was measured: slices of a contender, ratios of two of them, and how they are printed."""

from __future__ import annotations

import os
import random
import statistics
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal, TypeVar

from msgspec import Struct

Sense = Literal["at least", "at most"]


class Slice(Struct, frozen=True, kw_only=True):
    """One contender for a second or so. `cpu`: seconds its process took; `p50`, `p99`: milliseconds."""

    ops: int
    seconds: float
    cpu: float = 0.0
    p50: float = 0.0
    p99: float = 0.0

    @property
    def rate(self) -> float:
        return self.ops / self.seconds

    @property
    def cpu_us(self) -> float:
        """Microseconds of its processor for one operation."""
        return self.cpu / max(self.ops, 1) * 1e6


Measure = Callable[[], Awaitable[Slice]]
Of = Callable[[Slice], float]
Name = TypeVar("Name")


class Result(Struct, frozen=True, kw_only=True):
    """One line of the table. `ratio`: the median of the rounds; `low`, `high`: the extremes of them."""

    name: str
    ratio: float
    goal: float
    sense: Sense
    met: bool
    low: float
    high: float
    rounds: int
    ours: dict[str, float]
    reference: dict[str, float]
    load: float  # of the machine, when it was over


async def interleaved(contenders: Mapping[Name, Measure], rounds: int) -> dict[Name, list[Slice]]:
    """Every contender once in every round, in another order each time, after a round that does not count."""
    for measure in contenders.values():
        await measure()
    slices: dict[Name, list[Slice]] = {name: [] for name in contenders}
    for _ in range(rounds):
        order = list(contenders)
        random.shuffle(order)
        for name in order:
            slices[name].append(await contenders[name]())
    return slices


def rate(one: Slice) -> float:
    return one.rate


def compared(
    name: str,
    ours: Sequence[Slice],
    reference: Sequence[Slice],
    *,
    goal: float,
    sense: Sense,
    of: Of = rate,
) -> Result:
    """The ratio of a figure, taken within each round."""
    ratios = [of(mine) / of(theirs) for mine, theirs in zip(ours, reference, strict=True)]
    median = statistics.median(ratios)
    return Result(
        name=name,
        ratio=round(median, 3),
        goal=goal,
        sense=sense,
        met=median >= goal if sense == "at least" else median <= goal,
        low=round(min(ratios), 3),
        high=round(max(ratios), 3),
        rounds=len(ratios),
        ours=summary(ours),
        reference=summary(reference),
        load=round(os.getloadavg()[0], 1),
    )


def summary(slices: Sequence[Slice]) -> dict[str, float]:
    """Medians of everything a slice says."""
    figures: dict[str, Of] = {
        "per_second": rate,
        "cpu_us": lambda one: one.cpu_us,
        "p50_ms": lambda one: one.p50,
        "p99_ms": lambda one: one.p99,
    }
    return {key: round(statistics.median(map(of, slices)), 3) for key, of in figures.items()}


def percentile(sorted_values: Sequence[float], share: float) -> float:
    """0.0 where nothing was measured."""
    if not sorted_values:
        return 0.0
    return sorted_values[min(int(len(sorted_values) * share), len(sorted_values) - 1)]


HEAD = (
    f"{'':34} {'ratio':>7} {'goal':>10} {'':4} {'range':>15}   "
    f"{'ours/s':>9} {'µs cpu':>8} {'p50 ms':>8} {'p99 ms':>8}   "
    f"{'ref/s':>9} {'µs cpu':>8} {'p50 ms':>8} {'p99 ms':>8}  load"
)


def line(result: Result) -> str:
    sign = "≥" if result.sense == "at least" else "≤"
    spread = f"{result.low:.2f}–{result.high:.2f}"
    return (
        f"{result.name:34} {result.ratio:7.2f} {sign + f' {result.goal:g}':>10} "
        f"{'ok' if result.met else 'MISS':4} {spread:>15}   {_side(result.ours)}   {_side(result.reference)}"
        f"  {result.load:.1f}"
    )


def _side(side: Mapping[str, float]) -> str:
    return f"{side['per_second']:9.0f} {side['cpu_us']:8.1f} {side['p50_ms']:8.2f} {side['p99_ms']:8.2f}"
