"""Every scenario in its short form: bounded in time, seeded, with real processes and the simulator."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.figures import Figures, line
from chaos.ground import Wish
from chaos.scenarios.cluster import BLOWS, under_blows
from chaos.scenarios.steps import STEPS, one_step
from chaos.suite import SCENARIOS, play

SEED, SECONDS = 20_261, 3.0
WHOLE = sorted(SCENARIOS.keys() - {"send-steps", "two-processes"})  # these two are tested part by part


def must_be_good(figures: Figures) -> None:
    assert figures.good, line(figures)


@pytest.mark.parametrize("name", WHOLE)
async def test_nothing_is_lost_and_nothing_doubled(name: str) -> None:
    figures = await play(name, seed=SEED, seconds=SECONDS)
    must_be_good(figures)
    assert figures.deliveries + figures.written + figures.sent > 0, "nothing happened"


@pytest.mark.parametrize("name", STEPS)
async def test_a_send_killed_between_two_steps_leaves_once_or_is_shown_as_unknown(
    name: str, tmp_path: Path
) -> None:
    figures = await one_step(name, Wish(seed=SEED, seconds=SECONDS, folder=tmp_path))
    must_be_good(figures)
    assert figures.sent == 1
    assert figures.unknown == int(STEPS[name].unknown)


@pytest.mark.parametrize("name", BLOWS)
async def test_two_processes_outlive_a_blow_under_traffic(name: str, tmp_path: Path) -> None:
    figures = await under_blows(Wish(seed=SEED, seconds=SECONDS, folder=tmp_path), [BLOWS[name]])
    must_be_good(figures)
    assert figures.written > 0
    assert figures.sent > 0
