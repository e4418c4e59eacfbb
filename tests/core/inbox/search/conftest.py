"""The small inbox on each engine, with people who say things in it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from inbox_world import open_world
from search_world import Talk

from jackfield.settings import Settings


@pytest.fixture
async def talk(settings: Settings) -> AsyncIterator[Talk]:
    async with open_world(settings) as world:
        yield Talk(world)
