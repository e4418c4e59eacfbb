"""Every scenario in its short form: bounded in time, seeded, with real processes and the simulator."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import chain

import pytest

from chaos.figures import line
from chaos.scenarios.errors import codes
from chaos.scenarios.steps import STEPS, cases
from chaos.suite import SCENARIOS, play
from jackfield import crash
from jackfield_whatsapp_api.errors import CODES

SEED, SECONDS = 20_261, 3.0
# Those of one company run beside each other: they mostly wait.
COMPANIES: Sequence[Sequence[str]] = (
    ("ingest-kills",),
    ("sending-kills", "commit-kills"),
    ("send-steps",),
    ("disk-full", "database-locked", "media-never"),
    ("provider-errors", "provider-silence", "throttled"),
    ("rate-storm",),
    ("deliveries",),
    ("order",),
    ("bad-line",),
    ("two-processes",),
    ("backup",),
    ("bridge-kills",),
)


def test_every_scenario_is_played() -> None:
    assert sorted(chain(*COMPANIES)) == sorted(SCENARIOS)


@pytest.mark.parametrize("names", COMPANIES, ids="+".join)
async def test_nothing_is_lost_and_nothing_doubled(names: Sequence[str]) -> None:
    for figures in await asyncio.gather(*(play(name, seed=SEED, seconds=SECONDS) for name in names)):
        assert figures.good, line(figures)
        assert figures.deliveries + figures.written + figures.sent > 0, "nothing happened"


def test_every_step_of_a_send_is_one_at_which_it_is_killed() -> None:
    stops = {name for step in STEPS for name in step.split()} - {"in", "flight"}
    assert stops == {step for step in crash.STEPS if not step.startswith("restore.")}
    assert [case.taken for case in (*cases(taken=True), *cases(taken=False))].count(True) == len(STEPS)


def test_every_known_code_is_played() -> None:
    assert codes().keys() >= CODES.keys()
