"""Asking a provider for its templates, and keeping what it says."""

from __future__ import annotations

import asyncio
import random
import time

from jackfield.channel import ChannelError, DesignsTemplates, Unavailable
from jackfield.store.rows import TemplateRow
from jackfield.store.store import Store

from .copies import account_of
from .works import NotRead, Read

WITHIN = 30.0  # seconds for a listing of many pages
EVERY = 3_600_000  # ms between two readings of an account
AFTER_TROUBLE = 300_000  # ms


async def read(
    store: Store, *, workspace: int, channel_id: int, kind: str, channel: DesignsTemplates
) -> None:
    """List an account's templates and store them. Raises a ChannelError; then the old ones stay."""
    account, asked_at = account_of(kind, channel.template_account), _now()
    try:
        async with asyncio.timeout(WITHIN):
            records = await channel.designs()
    except TimeoutError:
        error = Unavailable("the templates were not listed in time")
        await _not_read(store, workspace, account, error)
        raise error from None
    except ChannelError as error:
        await _not_read(store, workspace, account, error)
        raise
    again_at = _now() + int(EVERY * random.uniform(0.9, 1.1))  # noqa: S311  # so that not all ask at once
    await store.writer.do(
        Read(
            workspace=workspace,
            channel=channel_id,
            account=account,
            records=records,
            asked_at=asked_at,
            again_at=again_at,
        )
    )


async def rows_of(store: Store, workspace: int, account: str) -> list[TemplateRow]:
    """Our copy of an account's templates."""
    sql = "WHERE workspace_id = $1 AND account = $2 AND NOT gone ORDER BY name, language, id"
    return await store.rows(TemplateRow, sql, workspace, account)


async def _not_read(store: Store, workspace: int, account: str, error: ChannelError) -> None:
    wait = max(AFTER_TROUBLE if error.retryable else EVERY, int(error.after * 1000))
    again_at = _now() + wait
    await store.writer.do(NotRead(workspace=workspace, account=account, code=error.code, again_at=again_at))


def _now() -> int:
    return time.time_ns() // 1_000_000
