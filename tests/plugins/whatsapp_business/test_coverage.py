"""The page that says what is covered tells the truth: every test it names is there."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PLUGIN = ROOT / "plugins/whatsapp_business"
NAMED = re.compile(r"`([\w/]+)::(\w+)`")
NOT_DONE = "*not done*"
WORDS = 20  # characters of a reason, at least


def rows() -> list[tuple[str, str]]:
    """Each row of each table: the point, and what is said of it."""
    found = re.findall(r"^\| (.+?) \| (.+?) \|$", (PLUGIN / "COVERAGE.md").read_text(), re.MULTILINE)
    return [(point, said) for point, said in found if point != "point"]


@cache
def functions_in(file: str) -> frozenset[str]:
    path = ROOT / "tests" / f"{file}.py"
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    tree = ast.parse(path.read_text()) if path.exists() else ast.Module(body=[], type_ignores=[])
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


@pytest.mark.parametrize(("point", "said"), rows(), ids=[point[:60] for point, _ in rows()])
def test_a_point_is_proved_or_says_why_not(point: str, said: str) -> None:
    if said.startswith(NOT_DONE):
        assert len(said.partition(": ")[2]) > WORDS, f"{point}: why?"
        return
    named = NAMED.findall(said)
    assert named, f"{point}: no test is named"
    assert not [f"{file}::{test}" for file, test in named if test not in functions_in(file)]


def test_no_row_is_overlooked() -> None:
    lines = [line for line in (PLUGIN / "COVERAGE.md").read_text().splitlines() if line.startswith("| ")]
    headings = [line for line in lines if line.startswith("| point |")]
    assert len(rows()) == len(lines) - len(headings)
    assert len(rows()) > 60


def test_every_rule_has_a_status_and_a_reason_where_it_is_not_kept() -> None:
    rules = tomllib.loads((PLUGIN / "quality.toml").read_text())
    assert rules.keys() == tomllib.loads((ROOT / "plugins/whatsapp_api/quality.toml").read_text()).keys()
    for name, rule in rules.items():
        assert rule["status"] in {"done", "todo", "exempt"}, name
        assert rule["status"] == "done" or len(rule["why"]) > WORDS, f"{name}: why?"
