"""The page's own client, run in Node against a server behind a bad line; see ui/client/fire/."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

ROOT = Path(__file__).parents[1]
NODE = ROOT / ".venv" / "bin" / "node"
ROLLDOWN = ROOT / "node_modules" / "rolldown" / "bin" / "cli.mjs"
DRIVER = ROOT / "ui" / "client" / "fire" / "driver.ts"
WITHIN = 200.0  # seconds for everything after calm()


class Person(Struct, frozen=True, kw_only=True):
    cookie: str
    name: str


class End(Struct, frozen=True, kw_only=True):
    """What became of one client. `wrong`: where it differs from a fresh one; `said`: texts it sent."""

    name: str
    wrong: tuple[str, ...]
    said: tuple[str, ...]
    refused: dict[str, int]
    done: int
    sockets: int
    boots: int


class _Ends(Struct, frozen=True):
    ends: tuple[End, ...]


class Clients:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def end(self) -> tuple[End, ...]:
        """The line is good again: how they end. Raises TimeoutError, AssertionError."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"calm\n")
        async with asyncio.timeout(WITHIN):
            line = await self._line()
        return msgspec.json.decode(line, type=_Ends).ends

    async def _line(self) -> bytes:
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        assert line, "the client ended by itself"
        return line

    async def begun(self) -> None:
        async with asyncio.timeout(60):
            assert await self._line() == b"working\n"


async def bundle(folder: Path) -> Path:
    """The driver and the client's core as one file that Node runs. Raises AssertionError."""
    made = folder / "driver.mjs"
    process = await asyncio.create_subprocess_exec(
        NODE, ROLLDOWN, DRIVER, "--format", "esm", "--platform", "node", "-o", made,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, said = await process.communicate()
    assert process.returncode == 0, said.decode()
    return made


@asynccontextmanager
async def clients_at(
    *, url: str, wire: str, people: Sequence[Person], seed: int, haste: float, folder: Path
) -> AsyncGenerator[Clients]:
    """Clients at work: HTTP goes to `url`, websockets over `wire`."""
    wish = {
        "url": url,
        "wire": wire,
        "seed": seed,
        "haste": haste,
        "people": [{"cookie": one.cookie, "name": one.name} for one in people],
    }
    driver = await bundle(folder)
    with (folder / "client.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            NODE, driver, json.dumps(wish),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log, limit=1 << 26,
        )  # fmt: skip
    try:
        clients = Clients(process)
        await clients.begun()
        yield clients
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
