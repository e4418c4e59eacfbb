"""What the pages on safety promise is tested: each line names its tests, and they are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
NAMES = re.compile(r"`(test_\w+)`")
UNTESTED = {"Who might want what", "Left to you"}  # a map, and what is not ours


def names_of_tests() -> set[str]:
    """The name of every test of the project."""
    found = re.compile(r"^\s*(?:async )?def (test_\w+)", re.MULTILINE)
    return {name for path in (ROOT / "tests").rglob("test_*.py") for name in found.findall(path.read_text())}


def promises(page: str) -> list[tuple[str, str]]:
    """Each line of a page, with the title it stands under."""
    found: list[tuple[str, str]] = []
    for section in re.split(r"^## ", (ROOT / "docs" / page).read_text(), flags=re.MULTILINE)[1:]:
        title, _, text = section.partition("\n")
        found += [(title, line) for line in re.split(r"^- ", text, flags=re.MULTILINE)[1:]]
    return found


@pytest.mark.parametrize("page", ["security.md", "promises.md"])
def test_every_line_names_tests_that_exist(page: str) -> None:
    known, lines = names_of_tests(), promises(page)
    assert len(lines) > 15
    for title, line in lines:
        if title not in UNTESTED:
            named = NAMES.findall(line)
            assert named, f"{title}: nothing holds {line[:80]!r}"
            assert set(named) <= known, f"{title}: {set(named) - known} is no test"
