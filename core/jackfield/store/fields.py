"""The primary key of every table: a number made in the process (see ids.py), never by the database."""

from __future__ import annotations

from typing import Any

from tortoise.fields import BigIntField


class Id(BigIntField):
    """SQLite: "INTEGER PRIMARY KEY" is the row's own address, one tree instead of two."""

    class _db_sqlite:  # pyright: ignore[reportIncompatibleVariableOverride]  # Tortoise's own way
        SQL_TYPE = "INTEGER"

    def __init__(self, **options: Any) -> None:
        options |= {"primary_key": True, "generated": False}
        super().__init__(**options)  # pyright: ignore[reportCallIssue, reportArgumentType]  # as a migration names them
