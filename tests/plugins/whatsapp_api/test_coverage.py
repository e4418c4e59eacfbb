"""The page that says what is covered tells the truth: every test it names is there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "plugins/whatsapp_api/COVERAGE.md"
NAMED = re.compile(r"`([\w/]+)::(\w+)`")
NOT_DONE = "*not done*: "


def rows() -> list[tuple[str, str]]:
    """Each row of each table: the point, and what is said of it."""
    found = re.findall(r"^\| (.+?) \| (.+?) \|$", PAGE.read_text(), re.MULTILINE)
    return [(point, said) for point, said in found if point != "point"]


@cache
def functions_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / "tests" / f"{file}.py").read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


@pytest.mark.parametrize(("point", "said"), rows(), ids=[point[:60] for point, _ in rows()])
def test_a_point_is_proved_or_says_why_not(point: str, said: str) -> None:
    if said.startswith(NOT_DONE):
        assert len(said) > len(NOT_DONE) + 20, f"{point}: why?"
        return
    named = NAMED.findall(said)
    assert named, f"{point}: no test is named"
    missing = [f"{file}::{test}" for file, test in named if test not in functions_in(file)]
    assert not missing


def test_no_row_is_overlooked() -> None:
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    headings = [line for line in lines if line.startswith("| point |")]
    assert len(rows()) == len(lines) - len(headings)
    assert len(rows()) > 60
