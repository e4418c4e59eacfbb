"""What every test may ask for: settings on both engines, an open store, a NATS server; what holds for all."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from fixtures.nats import NatsServer, nats_server
from fixtures.postgres import PostgresServer, postgres_server
from fixtures.tables import bring_tables
from openapi_truth import held

from jackfield.settings import Settings
from jackfield.store.store import Store, open_store


@pytest.fixture(scope="session", autouse=True)
def what_the_api_answers_is_what_its_document_says() -> Iterator[None]:
    """In every test, whatever it is about."""
    with held():
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server, one per test session (or per xdist worker)."""
    with postgres_server() as server:
        server.make_template()
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    return bring_tables(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def nats() -> Iterator[NatsServer]:
    """A NATS server for those who leave it running."""
    with nats_server() as server:
        yield server


@pytest.fixture
def sqlite_settings(tmp_path: Path, sqlite_template: Path) -> Settings:
    """A fresh SQLite database."""
    settings = Settings(data=tmp_path / "data")
    settings.data.mkdir()
    shutil.copy(sqlite_template, settings.sqlite_path)
    return settings


@pytest.fixture
def postgres_settings(tmp_path: Path, postgres: PostgresServer) -> Iterator[Settings]:
    """A fresh PostgreSQL database."""
    with postgres.database() as url:
        yield Settings(data=tmp_path / "data", database=url)


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest) -> Settings:
    """A fresh database on each engine: the test runs twice."""
    found: Settings = request.getfixturevalue(f"{request.param}_settings")
    return found


@pytest.fixture
async def store(settings: Settings) -> AsyncIterator[Store]:
    """An open store on each engine, with nothing derived and nobody told."""
    async with open_store(settings) as opened:
        yield opened
