"""What the tests of the way in share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from inbox_line import Line, open_line

from jackfield.settings import Settings


@pytest.fixture
async def line(settings: Settings) -> AsyncIterator[Line]:
    """A channel of an empty workspace, on each engine."""
    async with open_line(settings) as opened:
        yield opened
