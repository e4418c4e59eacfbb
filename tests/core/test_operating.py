"""docs/operating.md is true: its figures, its variables and its commands are those of the code."""

from __future__ import annotations

import ast
import asyncio
import os
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from backup_world import contents, fill, media, workspaces

import jackfield
from jackfield.cli import main
from jackfield.settings import Settings

CORE = Path(jackfield.__file__).parent
GUIDE = (Path(__file__).parents[2] / "docs" / "operating.md").read_text()
JACKFIELD = Path(sys.executable).with_name("jackfield")
MAKERS = {"Counter", "Histogram", "gauge"}


def commands() -> list[str]:
    """Every line of a shell block that runs us, without what is said of it."""
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", GUIDE, flags=re.DOTALL | re.MULTILINE)
    lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("jackfield ")]


def figures_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case (
                ast.Call(func=ast.Name(id=maker), args=[ast.Constant(value=str(name)), *_])
                | ast.Call(func=ast.Attribute(attr=maker), args=[ast.Constant(value=str(name)), *_])
            ) if maker in MAKERS and name.startswith("jackfield_"):
                yield name
            case _:
                pass


def test_every_figure_is_explained_and_no_other() -> None:
    in_code = {name for path in CORE.rglob("*.py") for name in figures_in(path)}
    assert set(re.findall(r"^\| `(jackfield_\w+)` \| `?\w*`?", GUIDE, flags=re.MULTILINE)) == in_code
    assert len(in_code) > 10


def test_no_alarm_is_about_a_figure_that_is_none() -> None:
    in_code = {name for path in CORE.rglob("*.py") for name in figures_in(path)}
    assert set(re.findall(r"`(jackfield_\w+)", GUIDE)) == in_code


def test_every_variable_is_explained_once_and_is_one() -> None:
    explained = re.findall(r"^\| `(JACKFIELD_\w+)` \|", GUIDE, flags=re.MULTILINE)
    source = "".join(path.read_text() for path in CORE.rglob("*.py"))
    asked = {f"JACKFIELD_{name}" for name in re.findall(r'\b_?(?:text|seconds)\("([A-Z_]+)"', source)}
    asked |= set(re.findall(r'environ(?:\.get)?[\[(]"(JACKFIELD_[A-Z_]+)"', source)) - {"JACKFIELD_CRASH_AT"}
    assert sorted(explained) == sorted(asked)


@pytest.mark.parametrize("line", commands())
def test_a_command_is_understood(line: str) -> None:
    """Its words are commands, arguments and options that there are; it is not run."""
    assert isinstance(main, click.Command)
    words, command, context = shlex.split(line)[1:], main, click.Context(main, info_name="jackfield")
    while isinstance(command, click.Group):
        found = command.get_command(context, words.pop(0))
        assert found is not None, line
        command, context = found, click.Context(found, parent=context, info_name=found.name)
    command.make_context(command.name, words, parent=context.parent)


async def test_the_way_to_postgresql_is_the_one_described(
    sqlite_settings: Settings, postgres_settings: Settings, tmp_path: Path
) -> None:
    """Run as it stands there, in a folder of its own; only the address is ours."""
    await fill(sqlite_settings)
    before = await contents(sqlite_settings)
    steps = [line for line in commands() if "move.tar" in line]
    assert len(steps) == 2
    environ = {**os.environ, "JACKFIELD_DATA": str(sqlite_settings.data), "JACKFIELD_DATABASE": ""}
    for line in steps:
        words = re.sub(r"postgres://\S+", postgres_settings.database, line).split()[1:]
        process = await asyncio.create_subprocess_exec(JACKFIELD, *words, cwd=tmp_path, env=environ)
        assert await process.wait() == 0
    moved = Settings(data=sqlite_settings.data, database=postgres_settings.database)
    after = await contents(moved)
    for table in ("message", "conversation", "contact", "counter", "api_token", "file", "delivery"):
        assert after[table] == before[table]
    assert workspaces(after) == workspaces(before)
    assert len(media(moved)) == 3
