"""A `jackfield serve` in its own process, to be killed and started again on its port."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import aiohttp
from fixtures.ports import free_port

JACKFIELD = Path(sys.executable).with_name("jackfield")
ENDED, FROZEN = "chaos: ended", "chaos: frozen"  # notes
READY_WITHIN = 60.0  # seconds; the machine may be busy with other tests


class Process:
    """`url` stays the same over kill() and start(). `log`: what it says, of all its lives."""

    def __init__(self, environ: Mapping[str, str], log: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        self.environ = {**environ, "JACKFIELD_URL": self.url}
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def ended(self) -> bool:
        return self._process is None or self._process.returncode is not None

    def note(self, what: str) -> None:
        """Into its log, as a line of its own would stand there."""
        with self.log.open("a") as log:
            log.write(f"{datetime.now():%Y-%m-%d %H:%M:%S,%f} {what}\n")  # noqa: DTZ005  # as logging does

    def freeze(self) -> None:
        self.note(FROZEN)
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    async def start(self, more: Mapping[str, str] | None = None) -> None:
        """Start, and wait until it is ready or has ended. `more`: variables of this life only."""
        environ = {**os.environ, **self.environ, **(more or {})}
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                JACKFIELD, "serve", "--port", str(self.port), env=environ, stdout=log, stderr=log
            )
        async with asyncio.timeout(READY_WITHIN), aiohttp.ClientSession() as http:
            while not self.ended and not await self._ready(http):  # noqa: ASYNC110  # another process has no event
                await asyncio.sleep(0.02)

    async def _ready(self, http: aiohttp.ClientSession) -> bool:
        try:
            async with http.get(f"{self.url}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def ends(self, within: float) -> None:
        """Wait until it has ended by itself: at a crash point. Raises TimeoutError."""
        assert self._process is not None
        async with asyncio.timeout(within):
            await self._process.wait()

    async def kill(self) -> None:
        """As a power cut would."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """As a service manager would."""
        await self._end(signal.SIGTERM)

    async def _end(self, with_signal: signal.Signals) -> None:
        if self._process is None:
            return
        if self._process.returncode is None:
            self._process.send_signal(with_signal)
            self.note(ENDED)
        try:
            async with asyncio.timeout(20):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
            raise


@asynccontextmanager
async def process_of(environ: Mapping[str, str], log: Path) -> AsyncGenerator[Process]:
    """A process that has not been started; killed at the end if it still runs."""
    process = Process(environ, log)
    try:
        yield process
    finally:
        await process.kill()
