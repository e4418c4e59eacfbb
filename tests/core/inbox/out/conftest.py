"""The small inbox, on each engine."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from inbox_world import World, open_world

from jackfield.settings import Settings


@pytest.fixture
async def world(settings: Settings) -> AsyncIterator[World]:
    async with open_world(settings) as opened:
        yield opened
