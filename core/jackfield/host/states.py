"""States of channels on their way to be stored: in order, one at a time, tried again where that fails."""

from __future__ import annotations

import asyncio
import logging

from jackfield.channel import ChannelId

from .port import Backstage, Standing

log = logging.getLogger("jackfield.host")

TRIES = 3  # a second apart, before a state that cannot be stored is only logged
WITHIN = 10.0  # seconds for storing one state


class States:
    """What channels have said and nobody was told yet. tell() runs until it is cancelled."""

    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage
        self._waiting: asyncio.Queue[tuple[ChannelId, Standing]] = asyncio.Queue()

    def queue(self, channel: ChannelId, standing: Standing) -> None:
        self._waiting.put_nowait((channel, standing))

    async def told(self) -> None:
        """Return when nothing waits any more."""
        await self._waiting.join()

    async def tell(self) -> None:
        while True:
            channel, now = await self._waiting.get()
            try:
                await self._tell(channel, now)
            finally:
                self._waiting.task_done()

    async def _tell(self, channel: ChannelId, now: Standing) -> None:
        for attempt in range(1, TRIES + 1):
            try:
                async with asyncio.timeout(WITHIN):
                    return await self._backstage.set_state(channel, now.state, now.code, now.text)
            except Exception:
                log.exception("state %s of channel %s was not stored (try %d)", now.state, channel, attempt)
            if attempt < TRIES:
                await asyncio.sleep(1)
        return None
