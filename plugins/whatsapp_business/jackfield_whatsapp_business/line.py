"""The channel's end of the line to its bridge: starts the process, lets it in by its token, asks and hears.

The bridge connects to us, so that it can also run elsewhere. One line has one bridge; it may come again
after its connection broke, and what was asked meanwhile is asked again: a bridge does nothing twice.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import secrets
import shlex
import shutil
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO, TypeAlias

import msgspec
from msgspec import structs
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from . import protocol as say
from .files import Arriving, NoPiece, pieces

log = logging.getLogger("jackfield.whatsapp_business")

_unheard = logging.getLogger(f"{log.name}.socket")
_unheard.setLevel(logging.WARNING)  # below it the library writes down the token and every frame

COMMAND = "JACKFIELD_BRIDGE_COMMAND"
"""Environment of the install: what starts a bridge, for another engine."""

MODULE = "jackfield_whatsapp_business.bridge"
HOLDER = "holder"
"""The file in a session's folder that says which line it is of: the last that began to hold it."""

FRAME = 64 * 1024 * 1024  # bytes
LEAVE = 5.0  # seconds a bridge has to end by itself
ANSWER = 60.0  # seconds for one command
Answer: TypeAlias = say.Done | say.Failed | say.Alive
Hear = Callable[[say.FromBridge], Awaitable[None]]


class Gone(Exception):
    """The bridge's process has ended. `code`: what it ended with."""

    def __init__(self, code: int | None, words: str) -> None:
        super().__init__(f"the bridge ended with {code}: {words}")
        self.code = code


class NotKept(Exception):
    """Raised by a hearer that stores nothing: the bridge says it again to the next one."""


class NoAnswer(Exception):
    """The bridge did not answer in time, or has ended. `asked`: whether it may have been told at all."""

    def __init__(self, *, asked: bool) -> None:
        super().__init__("the bridge did not answer")
        self.asked = asked


class Line:
    """`hear` is awaited for every frame but answers; a Heard is acknowledged when it returns."""

    def __init__(self, folder: Path, hear: Hear) -> None:
        self._folder, self._hear = folder, hear
        self._token, self._mark = secrets.token_urlsafe(32), secrets.token_bytes(16)
        self._refs = itertools.count(1)
        self._answers: dict[str, asyncio.Future[Answer]] = {}
        self._asked: dict[str, say.Command] = {}  # what has no answer yet
        self._told: set[str] = set()  # and may have been heard
        self._over = False  # the bridge has ended: there will be no other one
        self._socket: ServerConnection | None = None
        self._arriving = Arriving(folder)
        self._process: asyncio.subprocess.Process | None = None

    @property
    def connected(self) -> bool:
        return self._socket is not None

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def ref(self) -> str:
        return f"{next(self._refs)}"

    async def ask(self, command: say.Command, within: float = ANSWER) -> Answer:
        """Raises NoAnswer."""
        if self._over:
            raise NoAnswer(asked=False)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._answers[command.ref], self._asked[command.ref] = answer, command
        if self.connected:
            self._told.add(command.ref)
        try:
            async with asyncio.timeout(within):
                await self._tell(command)
                return await answer
        except TimeoutError:
            raise NoAnswer(asked=command.ref in self._told) from None
        finally:
            del self._answers[command.ref], self._asked[command.ref]
            self._told.discard(command.ref)
            self._arriving.forget(command.ref)

    async def end(self) -> None:
        """Ask the bridge to end by itself."""
        await self._tell(say.End())

    def kill(self) -> None:
        """End the bridge's process at once."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    def wipe(self) -> None:
        """Remove the session with its keys, unless its folder is another line's by now: whoever is thrown
        out may link the same account again at once."""
        with suppress(FileNotFoundError):
            if (self._folder / HOLDER).read_bytes() == self._mark:
                shutil.rmtree(self._folder, ignore_errors=True)

    async def hold(self) -> None:
        """Start the bridge and listen to it until it ends (Gone), or this is cancelled: then it is ended."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.chmod(0o700)  # whoever made it
        with _for_us(self._folder / HOLDER) as file:
            file.write(self._mark)
        async with serve(
            self._talk,
            "127.0.0.1",
            0,
            process_request=self._admit,
            max_size=FRAME,
            compression=None,
            logger=_unheard,
        ) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            try:
                async with self._started(f"ws://127.0.0.1:{port}") as process:
                    code = await process.wait()
            finally:
                self._give_up()
            raise Gone(code, self._last_words())

    def _give_up(self) -> None:
        """Nobody answers any more: whoever waits need not wait until it is late."""
        self._over = True
        for ref, answer in self._answers.items():
            if not answer.done():
                answer.set_exception(NoAnswer(asked=ref in self._told))

    # -- the process -----------------------------------------------------------------------------

    @asynccontextmanager
    async def _started(self, url: str) -> AsyncGenerator[asyncio.subprocess.Process]:
        command = shlex.split(os.environ.get(COMMAND, "")) or [sys.executable, "-m", MODULE]
        given = {
            "JACKFIELD_BRIDGE_URL": url,
            "JACKFIELD_BRIDGE_TOKEN": self._token,
            "JACKFIELD_BRIDGE_FOLDER": str(self._folder),
        }
        with _for_us(self._folder / "bridge.log") as written:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,  # closed by our end, however that comes
                stdout=written,
                stderr=written,
                env=os.environ | given,
            )
        self._process = process
        try:
            yield process
        finally:
            await self._ended(process)

    async def _ended(self, process: asyncio.subprocess.Process) -> None:
        """Let it end by itself if it does so in time, and if there is time: it never outlives this."""
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(LEAVE):
                    if process.returncode is None:
                        await self.end()
                    if process.stdin is not None:
                        process.stdin.close()
                    await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    def _last_words(self) -> str:
        try:
            lines = (self._folder / "bridge.log").read_text(errors="replace").strip().splitlines()
        except FileNotFoundError:  # somebody began anew in its folder
            return ""
        return lines[-1][:300] if lines else ""

    # -- the socket ------------------------------------------------------------------------------

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        said = request.headers.get("Authorization", "")
        if secrets.compare_digest(said.encode(), f"Bearer {self._token}".encode()):
            return None
        return connection.respond(HTTPStatus.UNAUTHORIZED, "a bridge says its token\n")

    async def _talk(self, socket: ServerConnection) -> None:
        old, self._socket = self._socket, socket
        if old is not None:
            await old.close()
        try:
            for ref, command in list(self._asked.items()):  # it may not have been heard before
                self._told.add(ref)
                await _say(socket, command)
            async for data in socket:
                if isinstance(data, bytes):
                    self._take_piece(data)
                else:
                    await self._take(socket, say.from_bridge(data))
        except ConnectionClosed:
            pass
        except (msgspec.DecodeError, NoPiece) as error:
            log.error("a bridge says what is no frame: %s", error)
            await socket.close(1007)
        finally:
            if self._socket is socket:
                self._socket = None

    async def _take(self, socket: ServerConnection, frame: say.FromBridge) -> None:
        match frame:
            case say.Done() | say.Failed() | say.Alive():
                answer = self._answers.get(frame.ref)
                if answer is not None and not answer.done():
                    answer.set_result(self._with_file(frame))
            case say.Heard(number=number):
                with suppress(NotKept):
                    await self._hear(frame)
                    await socket.send(say.encode(say.Ack(number=number)))
            case _:
                await self._hear(frame)

    def _take_piece(self, piece: bytes) -> None:
        if piece.partition(b" ")[0].decode(errors="replace") in self._answers:  # else it came too late
            self._arriving.take(piece)

    def _with_file(self, frame: Answer) -> Answer:
        path = self._arriving.whole(frame.ref)
        return structs.replace(frame, path=str(path)) if isinstance(frame, say.Done) and path else frame

    async def _tell(self, frame: say.Command | say.End) -> None:
        """If there is a connection; what is not heard over it is told over the next one."""
        if self._socket is not None:
            with suppress(ConnectionClosed):
                await _say(self._socket, frame)


def _for_us(path: Path) -> BinaryIO:
    """A new file that only its owner may read."""
    return open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600))


async def _say(socket: ServerConnection, frame: say.Command | say.End) -> None:
    """With the files that belong to it."""
    if isinstance(frame, say.Send):
        for file in frame.files.values():
            async for piece in pieces(frame.ref, Path(file.path)):
                await socket.send(piece)
        there = {name: structs.replace(file, path="") for name, file in frame.files.items()}
        frame = structs.replace(frame, files=there)
    await socket.send(say.encode(frame))
