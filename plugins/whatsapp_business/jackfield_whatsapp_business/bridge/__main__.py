"""Run a bridge: where its channel is, its token and its folder come from the environment.

It ends when its parent has: standard input is closed then. What the engine prints goes to standard error.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import sys
import threading
import time
from pathlib import Path

from msgspec import structs
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from jackfield_whatsapp_business import protocol as say
from jackfield_whatsapp_business.engines import neonize
from jackfield_whatsapp_business.files import Arriving, pieces

from .discretion import discreet
from .journal import Journal
from .memory import until_too_big
from .notebook import Notebook
from .runner import Runner

log = logging.getLogger("jackfield.bridge")

FRAME = 64 * 1024 * 1024  # bytes: a piece of the past is big
FIRST, MOST = 0.2, 5.0  # seconds between two tries to reach the channel
END = 10.0  # seconds in which the engine has to let go
LOCK, LOOK = 15.0, 0.1  # seconds to wait for the session's lock, and between two looks at it


class Locked(Exception):
    """Another process holds this session. Two of them would throw each other out for ever."""


async def main() -> None:
    url, token = os.environ["JACKFIELD_BRIDGE_URL"], os.environ.pop("JACKFIELD_BRIDGE_TOKEN")
    folder = Path(os.environ["JACKFIELD_BRIDGE_FOLDER"])
    proxy = os.environ.get("JACKFIELD_BRIDGE_PROXY", "")
    lock = await lock_session(folder)
    journal, notebook = Journal(folder / "journal.db"), Notebook(folder / "notebook.db")
    engine = neonize.engine(folder, proxy=proxy)
    runner = Runner(engine, journal, notebook, folder)
    try:
        async with asyncio.TaskGroup() as tasks:
            orphan = tasks.create_task(until_orphaned())
            await engine.start(runner)
            curious = tasks.create_task(runner.curiosity.run())
            ends = (
                orphan,
                tasks.create_task(talk(url, token, runner, folder)),
                tasks.create_task(runner.over.wait()),
                tasks.create_task(until_too_big()),
            )
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            end_for_sure()
            for task in (*ends, curious):
                task.cancel()
        await engine.end()
    finally:
        journal.close()
        notebook.close()
        os.close(lock)


async def lock_session(folder: Path) -> int:
    """Hold the session's lock for as long as the process lives. The bridge of a server that was killed
    takes its time to end: it is waited for. Raises Locked."""
    file = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    until = time.monotonic() + LOCK
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                os.close(file)
                raise Locked(str(folder)) from None
            await asyncio.sleep(LOOK)
        else:
            return file


def end_for_sure() -> None:
    """An engine that does not let go must not hold the session: nobody may be left who would end us."""
    last = threading.Timer(END, os._exit, (1,))
    last.daemon = True
    last.start()


async def until_orphaned() -> None:
    """Until the process that started us is gone: it holds the other end of our standard input."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()


async def talk(url: str, token: str, runner: Runner, folder: Path) -> None:
    """Keep a connection to the channel; returns when the channel says End."""
    pause = FIRST
    while True:
        ended = False
        try:
            headers = {"Authorization": f"Bearer {token}"}
            async with connect(url, additional_headers=headers, max_size=FRAME, compression=None) as line:
                pause = FIRST
                ended = await converse(line, runner, folder)
        except* (OSError, WebSocketException) as lost:
            log.info("no connection to the channel: %s", lost.exceptions[0])
        if ended or _cancelled():
            return
        await asyncio.sleep(pause)
        pause = min(pause * 2, MOST)


def _cancelled() -> bool:
    """A connection that breaks while we are told to end leaves of both only its own error."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def converse(line: ClientConnection, runner: Runner, folder: Path) -> bool:
    """One connection. True: the channel said End. `folder`: for the files that come along."""

    arriving = Arriving(folder)

    async def tell(frame: say.FromBridge) -> None:
        await line.send(say.encode(frame))

    async def obey(command: say.Command) -> None:
        path = None
        if isinstance(command, say.Send) and command.files and (path := arriving.whole(command.ref)):
            here = {name: structs.replace(file, path=str(path)) for name, file in command.files.items()}
            command = structs.replace(command, files=here)
        try:
            answer = await runner.do(command)
            if isinstance(answer, say.Done) and answer.path:
                path = Path(answer.path)
                async for piece in pieces(answer.ref, path):
                    await line.send(piece)
                answer = structs.replace(answer, path="")
            await tell(answer)
        finally:
            if path is not None:
                path.unlink(missing_ok=True)

    turns: asyncio.Queue[say.Command] = asyncio.Queue()

    async def one_by_one() -> None:
        """The engine's keys are used one message at a time."""
        while True:
            await obey(await turns.get())

    async with asyncio.TaskGroup() as tasks:
        works = [tasks.create_task(runner.report(tell)), tasks.create_task(one_by_one())]
        try:
            async for data in line:
                if isinstance(data, bytes):
                    arriving.take(data)
                    continue
                match say.to_bridge(data):
                    case say.Ack(number=number):
                        runner.acknowledge(number)
                    case say.End():
                        return True
                    case say.Fetch() | say.Ask() | say.Type() as command:
                        works.append(tasks.create_task(obey(command)))
                    case command:
                        turns.put_nowait(command)
        finally:
            for work in works:
                work.cancel()
    return False


if __name__ == "__main__":
    discreet()
    logging.basicConfig(level=logging.INFO, format="%(name)s %(levelname)s %(message)s")
    os.umask(0o077)
    asyncio.run(main())
