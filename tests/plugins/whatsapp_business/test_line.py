"""The two ends of the line to a bridge: what a kill of either leaves of the other."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

import pytest
from jackfield_whatsapp_business import protocol as say
from jackfield_whatsapp_business.bridge import __main__ as process
from jackfield_whatsapp_business.bridge.runner import Runner
from jackfield_whatsapp_business.line import COMMAND, HOLDER, Line, NoAnswer
from websockets.asyncio.server import ServerConnection, serve
from whatsapp_bridge import WITHIN, Bridge, Town

from jackfield.channel import Text


class Breaking:
    """A runner whose connection breaks in the moment in which it is told to end."""

    def __init__(self) -> None:
        self.talks = asyncio.Event()

    async def report(self, tell: Callable[[say.FromBridge], Awaitable[None]]) -> None:
        self.talks.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise ConnectionError("gone") from None


async def test_a_bridge_whose_server_was_killed_ends(tmp_path: Path) -> None:
    """It went on for ever if its connection broke just when it noticed that it was alone, and held the
    session's lock against the next one."""

    async def listen(socket: ServerConnection) -> None:
        await socket.wait_closed()

    runner = Breaking()
    async with serve(listen, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        talking = asyncio.create_task(
            process.talk(f"ws://127.0.0.1:{port}", "t", cast("Runner", runner), tmp_path)
        )
        async with asyncio.timeout(WITHIN):
            await runner.talks.wait()
            talking.cancel()
            await asyncio.wait({talking})


async def test_the_bridge_of_a_killed_server_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "LOCK", 0.2)
    held = os.open(tmp_path / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(held, fcntl.LOCK_EX)
    with pytest.raises(process.Locked):
        await process.lock_session(tmp_path)
    monkeypatch.setattr(process, "LOCK", WITHIN)
    asyncio.get_running_loop().call_later(0.2, os.close, held)
    async with asyncio.timeout(WITHIN):
        os.close(await process.lock_session(tmp_path))


async def test_what_is_over_is_not_wiped_under_the_next_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever linked again at once lost the new session to the end of the old one."""
    monkeypatch.setenv(COMMAND, "cat")  # ends when its standard input does
    folder = tmp_path / "account"

    async def hear(_frame: say.FromBridge) -> None:
        pass

    def read(file: Path) -> bytes:
        return file.read_bytes() if file.exists() else b""

    async def held_by_another(than: bytes) -> bytes:
        async with asyncio.timeout(WITHIN):
            while (mark := read(folder / HOLDER)) == than:  # noqa: ASYNC110  # a file has no event
                await asyncio.sleep(0.01)
        return mark

    old, new = Line(folder, hear), Line(folder, hear)
    async with asyncio.TaskGroup() as tasks:
        holding = [tasks.create_task(old.hold())]
        mark = await held_by_another(b"")
        holding.append(tasks.create_task(new.hold()))
        await held_by_another(mark)
        old.wipe()
        assert (folder / HOLDER).exists()
        new.wipe()
        assert not folder.exists()
        for task in holding:
            task.cancel()


async def test_who_waits_for_a_bridge_that_dies_waits_no_longer(network: Town, linked: Bridge) -> None:
    """A lane stood still for a minute, since nobody said that no answer would come."""
    network.mock.rejections.append(network.mock.SILENT_LOST)
    line: Line = linked.line
    command = say.Send(ref=line.ref(), to="900000000000002@lid", part=Text(body="?"), txn="t1")
    asking = asyncio.create_task(line.ask(command))
    async with asyncio.timeout(WITHIN):
        while network.mock.rejections:  # noqa: ASYNC110  # the mock tells nobody
            await asyncio.sleep(0.02)
    line.kill()
    async with asyncio.timeout(30):
        with pytest.raises(NoAnswer) as gone:
            await asking
        assert gone.value.asked, "it may have gone out"
        with pytest.raises(NoAnswer) as never:
            await line.ask(say.Ask(ref=line.ref()))
    assert not never.value.asked


async def test_a_bridge_does_not_outlive_whoever_will_not_wait_for_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancelled a second time, its line let it run on: past the event loop, in the worst case."""
    born = tmp_path / "born"
    monkeypatch.setenv(COMMAND, f"sh -c 'echo $$ > {born}.tmp; mv {born}.tmp {born}; exec sleep 60'")

    async def hear(_frame: say.FromBridge) -> None:
        pass

    holding = asyncio.create_task(Line(tmp_path / "account", hear).hold())
    async with asyncio.timeout(WITHIN):
        while not born.exists():  # noqa: ASYNC110  # a file has no event
            await asyncio.sleep(0.01)
        holding.cancel()
        await asyncio.sleep(0.05)  # it is asked to end, and does not
        holding.cancel()
        await asyncio.wait({holding})
    with pytest.raises(ProcessLookupError):
        os.kill(int(born.read_text()), 0)
