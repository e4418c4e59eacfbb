"""The store of one process: its writer, its readers, its files and its key."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager, nullcontext
from typing import Any, TypeVar, cast

from tortoise.backends.sqlite.client import SqliteClient
from tortoise.context import TortoiseContext, get_current_context

from jackfield.settings import Settings

from .box import Box, open_box
from .columns import Columns, columns_of
from .edge import forget_statements
from .engine import Engine, EngineName, Records
from .files import Files
from .lock import among_others
from .plan import Derive
from .rows import Row, StreamRow
from .schema import SQLITE, configuration, migrate
from .sqlite import Sqlite
from .uow import Uow
from .writer import Writer

R = TypeVar("R", bound=Row)
V = TypeVar("V")


def _select(columns: Columns[Any], rest: str) -> str:
    return f'SELECT {columns.listed} FROM "{columns.table}" {rest}'  # noqa: S608  # names of our own


def _as_they_are(records: Records) -> Records:
    return records


def no_derive(uow: Uow) -> None:
    """Nothing follows from a change: for tests and tools."""


def nobody(rows: Sequence[StreamRow]) -> None:
    """Nobody is told of what was committed."""


class Store:
    """Changes go through `writer`; `rows` and `fetch` read what is committed."""

    def __init__(self, engine: Engine, *, writer: Writer, files: Files, box: Box) -> None:
        self._engine = engine
        self.writer, self.files, self.box = writer, files, box

    @property
    def engine(self) -> EngineName:
        return self._engine.name

    async def rows(self, row: type[R], rest: str, *params: Any) -> list[R]:
        """Rows of a table: rows(MessageRow, "WHERE conversation_id = $1 LIMIT 60", id).

        Raises Unavailable if the database is away.
        """
        columns: Columns[R] = columns_of(row)
        return await self._engine.fetch(_select(columns, rest), params, columns.rows)

    async def views(self, view: Callable[[R], V], row: type[R], rest: str, *params: Any) -> list[V]:
        """What a pure function makes of each row: views(message_view, MessageRow, "WHERE …", id).

        It runs where the rows are read. Raises Unavailable if the database is away.
        """
        columns: Columns[R] = columns_of(row)
        return await self._engine.fetch(
            _select(columns, rest), params, lambda records: [view(one) for one in columns.rows(records)]
        )

    async def fetch(self, sql: str, *params: Any) -> Records:
        """Records of a SELECT with $1, $2 …. SQLite answers booleans as 0 and 1."""
        return await self._engine.fetch(sql, params, _as_they_are)

    def any(self, column: str, place: str) -> str:
        """SQL for "column is one of the list given at place": any("id", "$1")."""
        return self._engine.any(column, place)


@asynccontextmanager
async def open_store(
    settings: Settings,
    *,
    derive: Derive = no_derive,
    committed: Callable[[Sequence[StreamRow]], None] = nobody,
) -> AsyncGenerator[Store]:
    """Migrate the tables, open the connections, run the writer until the end of the context.

    `derive` adds to every transaction what follows from it; `committed` is told the stream rows of
    each, in their order, on the loop. Works taken before the end are done before it returns. Raises
    Unavailable if the database is away, or being replaced.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    forget_statements()
    context = TortoiseContext()
    # Models find their connection by the context of the task, or else by the process's first store.
    with nullcontext() if settings.database else among_others(settings), context:
        await context.init(configuration(settings), _enable_global_fallback=get_current_context() is None)
        try:
            await migrate(context)
            engine = _engine(context)
            box, files = await open_box(settings), Files(settings.media_folder)
            await files.sweep()
            work = Writer(engine, derive=derive, committed=committed)
            async with aclosing(engine), _running(work) as writer:
                yield Store(engine, writer=writer, files=files, box=box)
        finally:
            await context.close_connections()


@asynccontextmanager
async def _running(writer: Writer) -> AsyncGenerator[Writer]:
    task = asyncio.create_task(writer.run(), name="store writer")
    try:
        yield writer
    finally:
        writer.close()
        await task


def _engine(context: TortoiseContext) -> Engine:
    writer = context.connections.get("writer")
    if isinstance(writer, SqliteClient):
        readers = [context.connections.get(name) for name in SQLITE if name.startswith("reader")]
        return Sqlite(writer=writer, readers=cast("list[SqliteClient]", readers))
    from tortoise.backends.asyncpg.client import AsyncpgDBClient

    from .postgres import Postgres

    reader = context.connections.get("reader")
    return Postgres(writer=cast("AsyncpgDBClient", writer), reader=cast("AsyncpgDBClient", reader))
