"""The provider's figures, asked for once a day by the process that runs the channel."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta

from jackfield.channel import ChannelError, Counts
from jackfield.errors import Problem
from jackfield.inbox.figures import DAY, pull
from jackfield.inbox.outbox import Outbox
from jackfield.store.rows import ChannelRow
from jackfield.store.store import Store

from .lines import OpenLines

log = logging.getLogger("jackfield.figures")

EVERY = 600.0  # seconds between looks
WITHIN = 120.0  # seconds for one channel
FIRST, AGAIN = timedelta(days=30), timedelta(days=3)  # back: providers correct the last days
PAUSE = 3600.0  # seconds until another try where one failed


class Counting:
    """run() until it is cancelled."""

    def __init__(self, store: Store, lines: OpenLines, outbox: Outbox, *, every: float = EVERY) -> None:
        self._store, self._lines, self._outbox, self._every = store, lines, outbox, every
        self._not_before: dict[int, float] = {}  # by channel: loop time

    async def run(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            try:
                await self.look()
            except Problem as error:
                log.warning("figures were not looked after: %s", error)

    async def look(self) -> int:
        """Ask for what is due, one channel after another. Answers how many were asked."""
        asked = 0
        now = datetime.now(UTC)
        loop = asyncio.get_running_loop()
        for channel in sorted(self._outbox.running()):
            line = self._lines.get(channel)
            if line is None or not isinstance(line.channel, Counts):
                continue
            if self._not_before.get(channel, 0) > loop.time():
                continue
            rows = await self._store.rows(ChannelRow, "WHERE id = $1", channel)
            if not rows or rows[0].counted_at > now.timestamp() * 1000 - DAY:
                continue
            since = now - (AGAIN if rows[0].counted_at else FIRST)
            asked += 1
            try:
                async with asyncio.timeout(WITHIN):
                    await pull(self._store, line.workspace, channel, line.channel, since=since, until=now)
            except (ChannelError, TimeoutError) as error:
                log.warning("channel %d gives no figures: %s", channel, error)
                self._not_before[channel] = loop.time() + PAUSE
            except Problem:
                raise
            except Exception:  # a plugin's own fault: the other channels are asked all the same
                log.exception("channel %d broke at its figures", channel)
                self._not_before[channel] = loop.time() + PAUSE
        return asked
