"""The primary key of every table: a number made in the process (see ids.py), never by the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tortoise.fields import BigIntField


class Id(BigIntField):
    """SQLite: "INTEGER PRIMARY KEY" is the row's own address, one tree instead of two."""

    class _db_sqlite:  # pyright: ignore[reportIncompatibleVariableOverride]  # Tortoise's own way
        SQL_TYPE = "INTEGER"

    if TYPE_CHECKING:

        def __get__(self, instance: Any, owner: type[Any]) -> int: ...  # type: ignore[override]  # a row's is a number

    def __init__(self, **options: Any) -> None:
        options |= {"primary_key": True, "generated": False}
        super().__init__(**options)  # pyright: ignore[reportCallIssue, reportArgumentType]  # as a migration names them
