"""Where two designs differ, field by field. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec
from msgspec import Struct

from jackfield.channel import TemplateDesign

LEFT_OUT = frozenset({"name", "language", "examples"})
"""What is the same by the question, and what nobody is sent."""


class Difference(Struct, frozen=True, kw_only=True):
    """`field`: its path, "buttons.1.title". "": it is not there."""

    field: str
    ours: str
    theirs: str


def differences(ours: TemplateDesign, theirs: TemplateDesign) -> tuple[Difference, ...]:
    one, other = dict(_flat(ours)), dict(_flat(theirs))
    return tuple(
        Difference(field=field, ours=one.get(field, ""), theirs=other.get(field, ""))
        for field in sorted(one.keys() | other.keys(), key=_order)
        if one.get(field, "") != other.get(field, "")
    )


def _flat(design: TemplateDesign) -> Iterator[tuple[str, str]]:
    for field, value in msgspec.to_builtins(design).items():
        if field not in LEFT_OUT:
            yield from _leaves(field, value)


def _leaves(at: str, value: object) -> Iterator[tuple[str, str]]:
    """Every text of a value with its path. What is empty is left out: it is the same as not there."""
    match value:
        case Mapping():
            for key, inner in value.items():  # pyright: ignore[reportUnknownVariableType]  # of builtins
                yield from _leaves(f"{at}.{key}", inner)  # pyright: ignore[reportUnknownArgumentType]
        case list() | tuple():
            for index, inner in enumerate(value):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
                yield from _leaves(f"{at}.{index}", inner)  # pyright: ignore[reportUnknownArgumentType]
        case None | "":
            return
        case _:
            if not at.endswith(".file"):
                yield at, str(value)


_ORDER = ("category", "header", "limited", "body", "footer", "buttons", "cards", "places", "ttl", "data")


def _order(field: str) -> tuple[int, str]:
    """As it is read: from the head to the foot."""
    first = field.partition(".")[0]
    return (_ORDER.index(first) if first in _ORDER else len(_ORDER), field)
