"""docs/bridge.md tells every frame of the protocol, and every field of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from jackfield_whatsapp_business import protocol as say
from msgspec import NODEFAULT, Struct

PAGE = (Path(__file__).parents[3] / "docs/bridge.md").read_text()
ROW = re.compile(r"^\| `(\w+)` \| (.*?) \|", re.MULTILINE)
FIELD = re.compile(r"`(\w+\??)`")


def frames(union: object) -> list[type[Struct]]:
    return sorted(get_args(union), key=lambda frame: frame.__name__)


def section(heading: str) -> str:
    return PAGE.partition(f"### {heading}\n")[2].partition("\n## ")[0].partition("\n### ")[0]


def told(heading: str) -> dict[str, set[str]]:
    """The fields of each frame, with a question mark where they may be left out."""
    return {name: set(FIELD.findall(fields)) for name, fields in ROW.findall(section(heading))}


def declared(frame: type[Struct]) -> set[str]:
    fields = msgspec.structs.fields(frame)
    return {
        one.encode_name + ("?" if (one.default, one.default_factory) != (NODEFAULT, NODEFAULT) else "")
        for one in fields
    }


@pytest.mark.parametrize(
    ("heading", "union"),
    [("What the bridge says", say.FromBridge), ("What the channel says", say.ToBridge)],
)
def test_every_frame_and_field_is_told_and_no_other(heading: str, union: object) -> None:
    expected = {str(frame.__struct_config__.tag): declared(frame) for frame in frames(union)}
    assert told(heading) == expected, "docs/bridge.md is not what protocol.py says"


def test_every_state_is_told_and_no_other() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", section("States"), re.MULTILINE)
    assert rows == list(get_args(say.LinkState))


def test_every_variable_of_the_environment_is_told() -> None:
    package = Path(say.__file__).parent
    used = {
        name
        for path in package.rglob("*.py")
        for name in re.findall(r"JACKFIELD_BRIDGE_[A-Z]+", path.read_text())
    }
    assert used == set(re.findall(r"^\| `(JACKFIELD_BRIDGE_[A-Z]+)` \|", PAGE, re.MULTILINE))
