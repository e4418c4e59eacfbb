"""What is shipped: a wheel with everything in it, made from the sources and from the sdist."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLUGINS = [path.parent for path in (ROOT / "plugins").glob("*/jackfield_*/__init__.py")]


def uv_build(folder: Path, *words: str) -> Path:
    """Build with uv; give the one file that was made."""
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv) if uv.is_file() else "uv", "build", "--out-dir", str(folder), *words]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    (made,) = (path for path in folder.iterdir() if path.suffix in (".whl", ".gz"))
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory, built: Path) -> Path:
    return uv_build(tmp_path_factory.mktemp("wheel"), "--wheel")


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_has_the_built_page(names: set[str], built: Path) -> None:
    files = {path.relative_to(built).as_posix() for path in built.rglob("*") if path.is_file()}
    missing = {name for name in files if f"jackfield_ui/static/dist/{name}" not in names}
    assert missing == set()
    assert "jackfield_ui/static/icon.svg" in names
    assert {
        f"jackfield_ui/templates/{path.name}" for path in (ROOT / "ui/jackfield_ui/templates").iterdir()
    } <= names


def test_the_wheel_has_the_words(names: set[str]) -> None:
    words = {
        f"jackfield_ui/locales/{path.parent.name}/{path.name}"
        for path in (ROOT / "ui/locales").glob("*/*.json")
    }
    assert len(words) >= 4
    assert words <= names


def test_the_wheel_has_every_package(names: set[str]) -> None:
    packages = [ROOT / "core/jackfield", ROOT / "ui/jackfield_ui", *PLUGINS]
    assert len(packages) >= 3
    for package in packages:
        for path in package.rglob("*.py"):
            assert path.relative_to(package.parent).as_posix() in names
        assert f"{package.name}/py.typed" in names


def test_the_wheel_has_no_workshop(names: set[str]) -> None:
    assert not [name for name in names if "node_modules" in name or name.endswith((".ts", ".svelte"))]
    assert not [name for name in names if name.startswith(("tests/", "core/", "ui/"))]


def test_what_was_shipped_works_where_it_lies(wheel: Path, tmp_path: Path) -> None:
    """The words and the build are found in the wheel itself, not in this checkout."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    script = (
        "import jackfield_ui.words as w, jackfield_ui.dist as d;"
        "print(w.folder(), w.translate('ru', 'ui.close'), d.read().inbox.script)"
    )
    environ = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environ, check=True, capture_output=True, text=True
    )
    assert done.stdout.split()[:2] == [str(tmp_path / "jackfield_ui" / "locales"), "Закрыть"]


def test_the_sdist_has_all_that_a_build_needs(tmp_path: Path) -> None:
    with tarfile.open(uv_build(tmp_path, "--sdist")) as archive:
        files = {name.partition("/")[2] for name in archive.getnames()}
    for name in (
        "package-lock.json",
        "build/front_end.py",
        "build/hatch_build.py",
        "ui/client/inbox/main.ts",
        "ui/locales/ru/ui.json",
    ):
        assert name in files, name
    assert not [name for name in files if "node_modules" in name or "/static/dist/" in name]
