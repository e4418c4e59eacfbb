"""The whole of Jackfield behind real doors."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from safety_world import House, open_house
from web_fixtures import site, world

from jackfield.settings import Settings

__all__ = ["each_house", "house", "site", "world"]


@pytest.fixture
async def house(sqlite_settings: Settings) -> AsyncIterator[House]:
    """On SQLite only: for what depends on the doors."""
    async with open_house(sqlite_settings) as opened:
        yield opened


@pytest.fixture
async def each_house(settings: Settings) -> AsyncIterator[House]:
    """On each engine: for what depends on what the database does."""
    async with open_house(settings) as opened:
        yield opened
