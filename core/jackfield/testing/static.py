"""What can be said of a plugin from its source alone."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ALLOWED = ("jackfield.channel", "jackfield.testing")


def foreign_imports(module: str) -> list[str]:
    """Where an imported package reaches past jackfield.channel into core: "file:line: name"."""
    return [
        f"{path}:{line}: {name}"
        for path in source_files(module)
        for line, name in _imports(path)
        if name.split(".")[0] == "jackfield" and not _allowed(name)
    ]


def home_of(module: str) -> str:
    """The package a module of a plugin belongs to; the module itself where it lies in none."""
    package = module.partition(".")[0]
    loaded = sys.modules.get(package)
    return package if loaded is not None and loaded.__file__ is not None else module


def source_files(module: str) -> list[Path]:
    """The files of an imported package, or the file of a module that is none."""
    loaded = sys.modules[module]
    if folders := getattr(loaded, "__path__", None):
        return sorted(path for folder in folders for path in Path(folder).rglob("*.py"))
    return [Path(loaded.__file__)] if loaded.__file__ else []


def _allowed(name: str) -> bool:
    return any(name == allowed or name.startswith(f"{allowed}.") for allowed in ALLOWED)


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_bytes(), filename=str(path))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module == "jackfield":
            yield from ((node.lineno, f"jackfield.{name.name}") for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.lineno, node.module or ""
