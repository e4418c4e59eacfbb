"""Ready scenarios: named lists of faults, kept as data in scenarios.json."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import cast

import msgspec

from .script import Fault

FILE = Path(__file__).with_name("scenarios.json")


@cache
def _all() -> dict[str, msgspec.Raw]:
    return msgspec.json.decode(FILE.read_bytes(), type=dict[str, msgspec.Raw])


def read(said: object) -> list[Fault]:
    """Faults from JSON: a list of them, or {"faults": […]}. Raises ValueError."""
    said = cast("dict[str, object]", said).get("faults") if isinstance(said, dict) else said
    try:
        return msgspec.convert(said, list[Fault])
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error


def names() -> list[str]:
    return list(_all())


def ready(name: str) -> list[Fault]:
    """Fresh faults, since they are used up. Raises ValueError for a name that is none."""
    try:
        return msgspec.json.decode(_all()[name], type=list[Fault])
    except KeyError as error:
        raise ValueError(f"no such scenario: {name!r}; there are {', '.join(_all())}") from error
