"""The web part with everything behind it, for the conftest of whoever tests through it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from web_world import World, open_world

from jackfield.settings import Settings


@pytest.fixture
async def world(settings: Settings) -> AsyncIterator[World]:
    """On each engine: for what depends on what the database does."""
    async with open_world(settings) as opened:
        yield opened


@pytest.fixture
async def site(sqlite_settings: Settings) -> AsyncIterator[World]:
    """On SQLite only: for what depends on HTTP."""
    async with open_world(sqlite_settings) as opened:
        yield opened
