"""The channel log is kept as well as it can be, and never at the price of anything else."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence

import asyncpg
import pytest
from tortoise.exceptions import OperationalError

from jackfield.app import backstage
from jackfield.app.backstage import Backstage
from jackfield.channel import ChannelId, LogEntry
from jackfield.store.store import Store
from jackfield.store.tables import ChannelLog

FULL = (
    OperationalError("disk I/O error"),
    sqlite3.OperationalError("database or disk is full"),
    asyncpg.DiskFullError("no space left on device"),
    ConnectionResetError("the server is away"),
)


@pytest.mark.parametrize("error", FULL, ids=lambda error: type(error).__name__)
async def test_a_full_disk_under_the_channel_log_does_not_end_the_process(
    store: Store, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    tried = asyncio.Event()

    async def refuses(rows: Sequence[ChannelLog]) -> None:
        tried.set()
        raise error

    monkeypatch.setattr(ChannelLog, "bulk_create", refuses)
    monkeypatch.setattr(backstage, "LOG_EVERY", 0.01)
    stage = Backstage(store)
    stage.log(ChannelId("ch_0000000000001"), LogEntry(op="send", ok=True))
    keeping = asyncio.create_task(stage.keep_log())
    async with asyncio.timeout(5):
        await tried.wait()
    await asyncio.sleep(0.05)
    assert not keeping.done(), "the log took everything with it"
    keeping.cancel()
    await asyncio.wait({keeping})
