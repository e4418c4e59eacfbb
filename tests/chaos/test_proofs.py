"""What docs/chaos.md says is proven somewhere is proven there: every test and scenario it names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chaos.suite import SCENARIOS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "chaos.md").read_text()
TEST = re.compile(r"^\s*(?:async )?def (test_\w+)", re.MULTILINE)


def lines() -> list[str]:
    """The rows of the table, without its head."""
    _, _, section = PAGE.partition("## What is proven where")
    table, _, _ = section.partition("\n## ")
    return [line for line in table.splitlines() if line.startswith("|")][2:]


def known() -> set[str]:
    paths = (ROOT / "tests").rglob("test_*.py")
    return {name for path in paths for name in TEST.findall(path.read_text())} | SCENARIOS.keys()


@pytest.mark.parametrize("line", lines(), ids=lambda line: line.split("|")[1].strip())
def test_every_proof_exists(line: str) -> None:
    proofs = re.findall(r"`([\w-]+)`", line.split("|")[2])
    assert proofs
    assert set(proofs) <= known(), set(proofs) - known()


def test_every_scenario_is_described() -> None:
    assert {name for name in SCENARIOS if f"| `{name}` |" not in PAGE} == set()
