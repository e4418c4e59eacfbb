"""A desk with one server: on either engine, through uvicorn's transport and through ASGI."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from realtime_world import Desk, Process, open_desk

from jackfield.bus.memory import MemoryBus
from jackfield.settings import Settings


@pytest.fixture
async def desk(settings: Settings) -> AsyncIterator[Desk]:
    async with open_desk(settings, MemoryBus()) as opened:
        yield opened


@pytest.fixture(params=["raw", "asgi"])
async def server(request: pytest.FixtureRequest, desk: Desk) -> AsyncIterator[Process]:
    async with Process(desk, desk.world.bus, request.param == "raw").running() as process:
        yield process
