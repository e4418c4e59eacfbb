"""The network of these tests, and bridges on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from whatsapp_bridge import Bridge, Town, bridge, town


@pytest.fixture
async def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    folder = tmp_path / "network"
    folder.mkdir()
    async with town(folder, monkeypatch) as opened:
        yield opened


@pytest.fixture
async def linked(network: Town, tmp_path: Path) -> AsyncIterator[Bridge]:
    """A bridge linked to the shop's phone."""
    async with bridge(tmp_path / "shop") as started:
        await started.link(network.shop, network.mock)
        yield started
        started.line.kill()  # an end in peace takes its seconds
