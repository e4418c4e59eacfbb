"""The plugin that `jackfield plugin new` writes: a channel that works, to be replaced file by file."""

from __future__ import annotations

import keyword
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath
from string import Template

from jackfield.plugins import NAME

SUFFIX = ".tmpl"  # so that no tool takes a template for what it makes


class BadName(ValueError):
    """A plugin cannot be called so; the text says how it can."""


def render(name: str) -> dict[PurePosixPath, str]:
    """The files of a new plugin by their paths in its folder. Raises BadName."""
    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        raise BadName(f"{name!r}: take lower-case letters, digits and _, a letter first, and no Python word")
    words = {
        "name": name,
        "dashed": name.replace("_", "-"),
        "Name": "".join(word.capitalize() for word in name.split("_")),
        "title": name.replace("_", " ").strip().capitalize(),
    }
    return {
        PurePosixPath(str(path).removesuffix(SUFFIX).replace("NAME", name)): Template(text).substitute(words)
        for path, text in _templates(files(__name__) / "files", PurePosixPath())
    }


def write(name: str, folder: Path) -> list[Path]:
    """Write a new plugin into a folder that is new or empty. Raises BadName, FileExistsError."""
    rendered = render(name)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(f"{folder} is there already, and not empty")
    written = [folder / path for path in rendered]
    for path, text in zip(written, rendered.values(), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return written


def _templates(folder: Traversable, at: PurePosixPath) -> Iterator[tuple[PurePosixPath, str]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _templates(entry, at / entry.name)
        elif entry.name.endswith(SUFFIX):
            yield at / entry.name, entry.read_text(encoding="utf-8")
