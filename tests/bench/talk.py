"""The parent and its children: contenders and loads are processes of their own, asked in lines of JSON."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import IO, Any

TESTS = Path(__file__).parents[1]
PATHS = os.environ.get("PYTHONPATH", "").split(os.pathsep)
READY = 60.0  # seconds a child has to start
ANSWER = 180.0  # seconds it has for one answer
LINE = 1 << 20  # bytes

Verb = Callable[..., Awaitable[Any]]


class ChildFailed(Exception):
    """A child ended, or said nothing in time. The text holds the end of what it wrote to stderr."""


# -- in the child ------------------------------------------------------------------------------------


def play(main: Callable[[dict[str, Any]], Coroutine[Any, Any, None]]) -> None:
    """Run a child's main with what its parent gave it, on uvloop."""
    import uvloop

    uvloop.run(main(json.loads(sys.argv[1])))


async def obey(verbs: Mapping[str, Verb], **ready: Any) -> None:
    """Say what there is to know about us; then do what each line asks, until there are no more."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    _say(ready)
    while asked := await reader.readline():  # as long as the parent wants
        wish = json.loads(asked)
        _say(await verbs[wish.pop("do")](**wish))


def _say(answer: Any) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


# -- in the parent -----------------------------------------------------------------------------------


class Child:
    """A running child. `ready` is what it said of itself."""

    def __init__(self, module: str, process: asyncio.subprocess.Process, log: IO[bytes]) -> None:
        self.ready: dict[str, Any] = {}
        self._module, self._process, self._log = module, process, log

    async def ask(self, do: str, **wish: Any) -> Any:
        """Raises ChildFailed."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **wish}).encode() + b"\n")
        return await self.heard(ANSWER)

    async def heard(self, within: float) -> Any:
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(within):
                said = await self._process.stdout.readline()
        except TimeoutError:
            raise ChildFailed(f"{self._module} says nothing\n{self._last_words()}") from None
        if not said:
            raise ChildFailed(f"{self._module} is gone\n{self._last_words()}")
        return json.loads(said)

    def _last_words(self) -> str:
        self._log.seek(0)
        return self._log.read()[-4000:].decode(errors="replace")

    @property
    def cpu(self) -> float:
        """Seconds of processor time so far, all threads."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def memory(self) -> int:
        """Resident bytes now."""
        pages = Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    async def end(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(15):
                await self._process.wait()
            return
        self._process.kill()
        await self._process.wait()


@asynccontextmanager
async def child(module: str, **given: Any) -> AsyncGenerator[Child]:
    """Start `python -m module` and wait until it is ready; it ends with the context."""
    with tempfile.TemporaryFile() as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            json.dumps(given),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            env=os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), *PATHS])},
            limit=LINE,
        )
        started = Child(module, process, log)
        try:
            started.ready = await started.heard(READY)
            yield started
        finally:
            await started.end()
