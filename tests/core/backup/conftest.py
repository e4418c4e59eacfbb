"""Installs on both engines: one that is backed up, and an empty one to restore into."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from backup_world import Make
from fixtures.postgres import PostgresServer

from jackfield.settings import Settings


@pytest.fixture
def install(tmp_path: Path, sqlite_template: Path, postgres: PostgresServer) -> Iterator[Make]:
    """Makes an empty install, with the same key as the others: await install("sqlite", "a")."""
    with ExitStack() as stack:

        async def make(engine: str, name: str) -> Settings:
            data = tmp_path / name
            data.mkdir()
            (data / "secret.key").write_text("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n")
            if engine == "sqlite":
                settings = Settings(data=data)
                shutil.copy(sqlite_template, settings.sqlite_path)
                return settings
            database = await asyncio.to_thread(stack.enter_context, postgres.database())
            return Settings(data=data, database=database)

        yield make


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found
