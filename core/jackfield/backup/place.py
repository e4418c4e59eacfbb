"""Where a backup is restored to: a fresh place beside the database, which takes its place in one step.

Until take_over() the install is what it was, whatever happens; after it, it is what the backup says.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from jackfield.settings import Settings


class Load(Protocol):
    """Takes rows in, table by table."""

    async def __call__(self, table: str, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None: ...


class Place(Protocol):
    """`settings` lead into the fresh place, `occupied` says whether the install has anything to lose."""

    settings: Settings
    occupied: bool

    def loading(self) -> AbstractAsyncContextManager[Load]:
        """For rows in bulk, into tables that are there and empty. Raises Unavailable, Invalid."""
        ...

    async def take_over(self) -> None:
        """Become the install. Raises Conflict if somebody uses it now; then it stays what it was."""
        ...
