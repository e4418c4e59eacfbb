"""The channel log is kept as well as it can be, and never at the price of anything else."""

from __future__ import annotations

import asyncio
import sqlite3

import asyncpg
import pytest
from inbox_world import open_world
from tortoise.exceptions import OperationalError

from jackfield.app import backstage
from jackfield.app.backstage import Backstage
from jackfield.app.standing import KeepLog
from jackfield.channel import ChannelId, LogEntry
from jackfield.errors import Unavailable
from jackfield.ids import show
from jackfield.settings import Settings
from jackfield.store.rows import ChannelLogRow
from jackfield.store.store import Store

FULL = (
    Unavailable("the database cannot be written: database or disk is full"),
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

    async def refuses(work: KeepLog) -> None:
        tried.set()
        raise error

    monkeypatch.setattr(store.writer, "do", refuses)
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


async def test_what_a_channel_logged_is_kept_in_order_and_nothing_of_one_that_never_was(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backstage, "LOG_CHUNK", 2)
    async with open_world(settings) as world:
        stage = Backstage(world.store)
        here = ChannelId(show("ch", world.here.channel))
        stage.log(
            here, LogEntry(op="send", ok=True, status=200, request="POST", response="{}", elapsed_ms=7.9)
        )
        stage.log(ChannelId("ch_0000000000001"), LogEntry(op="send", ok=True))
        stage.log(here, LogEntry(op="o" * 99, ok=False, error="e" * 99_999))
        keeping = asyncio.create_task(stage.keep_log())
        await asyncio.sleep(0)  # it has begun
        keeping.cancel()  # and keeps the rest before it ends
        await asyncio.wait({keeping})
        good, bad = await world.store.rows(ChannelLogRow, "ORDER BY id")
        workspace, channel = world.here.workspace, world.here.channel
    assert (good.workspace_id, good.channel_id, good.op, good.ok, good.status) == (
        workspace, channel, "send", True, 200,
    )  # fmt: skip
    assert (good.request, good.response, good.elapsed_ms) == ("POST", "{}", 7)
    assert (bad.ok, len(bad.op), len(bad.error)) == (False, 40, 20_000)
