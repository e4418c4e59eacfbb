"""A row type as the database sees it: its columns, their PostgreSQL types, and the way to and fro.

Both engines are to accept and refuse the very same rows. SQLite knows no lengths and PostgreSQL no
zero byte in text, so both are looked after here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import compress
from operator import attrgetter, ne
from types import GenericAlias, NoneType
from typing import Any, Generic, TypeVar, cast, get_args, get_type_hints

from msgspec import convert

from jackfield.errors import Invalid

from .edge import text_lengths
from .rows import Row

R = TypeVar("R", bound=Row)

_POSTGRES = {int: "bigint", str: "text", bool: "boolean", float: "double precision", bytes: "bytea"}
_ZERO, _SHOWN = "\x00", "\ufffd"
_ANY = 1 << 62  # characters of a TEXT column


class Columns(Generic[R]):
    """Names and types of the columns of one row type, in the order of its fields; `id` first."""

    def __init__(self, row: type[R]) -> None:
        hints = get_type_hints(row)
        self.table = row.table
        self.names: tuple[str, ...] = row.__struct_fields__
        kinds = [_kind(hints[name]) for name in self.names]
        self.postgres = {name: _POSTGRES[kind] for name, kind in zip(self.names, kinds, strict=True)}
        self._get = attrgetter(*self.names)
        self.listed = ", ".join(f'"{name}"' for name in self.names)
        self._rows = cast("type[list[R]]", GenericAlias(list, row))
        lengths = text_lengths()[row.table]
        self._texts = tuple(
            (place, name, lengths.get(name, _ANY))
            for place, (name, kind) in enumerate(zip(self.names, kinds, strict=True))
            if kind is str
        )

    def rows(self, records: Sequence[tuple[Any, ...]]) -> list[R]:
        """Records read with `listed` as structs. Not strict: SQLite has 0 and 1 for booleans."""
        return convert(records, self._rows, strict=False)

    def changed(self, before: Row, after: Row) -> tuple[tuple[str, ...], list[Any]]:
        """The columns in which two rows differ, and their values in `after` with its id behind them."""
        new = self.values(after)
        differs = tuple(map(ne, new, self._get(before)))
        return tuple(compress(self.names, differs)), [*compress(new, differs), after.id]

    def values(self, row: Row) -> list[Any]:
        """The row as it is stored. Raises Invalid naming a column whose text is too long."""
        values = list(self._get(row))
        for place, name, most in self._texts:
            text = values[place]
            if text is None:
                continue
            if _ZERO in text:
                values[place] = text = text.replace(_ZERO, _SHOWN)
            if len(text) > most:
                raise Invalid(
                    f"{self.table}.{name} holds at most {most} characters, not {len(text)}",
                    fields={name: f"at most {most} characters"},
                )
        return values


@cache
def columns_of(row: type[R]) -> Columns[R]:
    return Columns(row)


def check_key(key: Sequence[Any]) -> None:
    """Raises Invalid: a key with a zero byte can be stored nowhere, so it names nothing."""
    for part in key:
        if isinstance(part, str) and _ZERO in part:
            raise Invalid("an id holds a zero byte")


def _kind(hint: Any) -> type:
    plain = [arg for arg in get_args(hint) if arg is not NoneType] or [hint]
    return cast("type", plain[0])
