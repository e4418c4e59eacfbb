"""A channel whose files come as a script says, and the job that fetches them: for tests of what is shown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from inbox_line import Line
from scripted_channel import Plain

from jackfield.channel import Channel, Download
from jackfield.inbox.fetching import Fetching

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000003000000020802000000121688f10000000049454e44ae426082"
)
Step = bytes | Exception


class Album(Plain):
    """A channel whose downloads go as `script` says, one after another; the last step stays."""

    def __init__(self, *script: Step) -> None:
        super().__init__()
        self.files, self.asked = list(script), list[str]()
        self.under_way = self.most = self.closed = 0

    async def download(self, ref: str) -> Download:
        self.asked.append(ref)
        step = self.files[0] if len(self.files) == 1 else self.files.pop(0)
        if isinstance(step, Exception):
            raise step
        return Download(chunks=self._chunks(step), mime="image/png")

    async def _chunks(self, content: bytes) -> AsyncIterator[bytes]:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            for start in range(0, len(content), 16):
                await asyncio.sleep(0)
                yield content[start : start + 16]
        finally:
            self.under_way -= 1
            self.closed += 1


@asynccontextmanager
async def fetching(line: Line, channel: Channel | None, *, limit: int = 1000) -> AsyncGenerator[None]:
    def find(number: int) -> Channel | None:
        return channel if number == line.channel else None

    job = Fetching(line.store, find, limit=limit, every=0.01, first_wait=1)
    task = asyncio.create_task(job.run())
    try:
        yield
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def eventually(so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await so():  # noqa: ASYNC110  # it looks into the database
            await asyncio.sleep(0.01)
