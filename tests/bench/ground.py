"""The ground the contenders stand on: folders on the disk, a PostgreSQL and a NATS server when asked for."""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path

from fixtures.nats import NatsServer, nats_server
from fixtures.postgres import PostgresServer, postgres_server
from fixtures.tables import bring_tables

DURABLE = ("-c", "fsync=on", "-c", "full_page_writes=on", "-c", "shared_buffers=512MB")


class Ground:
    """Everything goes when the run ends."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="jackfield-bench-")))

    def folder(self, name: str) -> str:
        """A data folder of that name, with its tables."""
        found = self._home / name
        if not found.exists():
            bring_tables(found)
        return str(found)

    def database(self) -> str:
        """A fresh database on PostgreSQL, migrated. Not to be asked for inside an event loop."""
        return self._stack.enter_context(self._postgres.database())

    @cached_property
    def nats(self) -> NatsServer:
        return self._stack.enter_context(nats_server())

    @cached_property
    def _postgres(self) -> PostgresServer:
        server = self._stack.enter_context(postgres_server(DURABLE, on_disk=True))
        server.make_template()
        return server


@contextmanager
def ground() -> Generator[Ground]:
    with ExitStack() as stack:
        yield Ground(stack)
