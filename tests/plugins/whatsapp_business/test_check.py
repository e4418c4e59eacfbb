"""The engine is looked at before it is imported: one that is not whole would fetch itself from outside."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path, PurePosixPath

import pytest
from jackfield_whatsapp_business.engines.neonize import check


class Found:
    """An installed package with these files of its own."""

    def __init__(self, folder: Path, version: str, *files: str) -> None:
        self.version, self.files = version, [PurePosixPath(name) for name in files]
        self._folder = folder

    def locate_file(self, file: PurePosixPath) -> Path:
        return self._folder / file


def test_the_installed_one_is_whole_and_is_not_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "neonize"]:
        monkeypatch.delitem(sys.modules, name)
    about = check.installed()
    assert (about.name, about.version) == ("neonize", check.VERSION)
    assert "neonize" not in sys.modules


@pytest.mark.parametrize(
    ("version", "files", "words"),
    [
        ("0.0.1", ("neonize/library.so",), "neonize 0.0.1 is installed"),
        (check.VERSION, ("neonize/client.py", "neonize/missing.so"), "without its library"),
        (check.VERSION, ("neonize/client.py",), "without its library"),
    ],
)
def test_one_that_is_not_whole_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, files: tuple[str, ...], words: str
) -> None:
    (tmp_path / "neonize").mkdir()
    (tmp_path / "neonize/library.so").touch()

    def found(_: str) -> Found:
        return Found(tmp_path, version, *files)

    monkeypatch.setattr(check, "distribution", found)
    with pytest.raises(check.EngineMissing, match=words):
        check.installed()


def test_one_that_is_not_there_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(check, "distribution", absent)
    with pytest.raises(check.EngineMissing, match=r"jackfield\[whatsapp-business\]"):
        check.installed()
