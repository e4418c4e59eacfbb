"""PostgreSQL's own connection, for what is read and written here in bulk."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import asyncpg

from jackfield.errors import Unavailable
from jackfield.settings import Settings
from jackfield.store.schema import driver_arguments

_TROUBLE = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


@asynccontextmanager
async def connected(settings: Settings, *, name: str) -> AsyncGenerator[Any]:
    """A connection of our own, known to the server by `name`. Raises Unavailable."""
    with postgres_errors():
        connection = await asyncpg.connect(**driver_arguments(settings, name=name))
    try:
        yield connection
    finally:
        with suppress(*_TROUBLE):
            await connection.close(timeout=10)


@contextmanager
def postgres_errors() -> Generator[None]:
    """Whatever PostgreSQL says becomes Unavailable, in its words."""
    try:
        yield
    except _TROUBLE as error:
        raise Unavailable(f"PostgreSQL: {error or type(error).__name__}") from error
