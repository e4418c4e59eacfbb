"""A mirror: a client that keeps the whole state of one workspace, by the protocol as it is documented."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
from inbox_reduce import State, reduce, snapshot
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from jackfield.ids import show
from jackfield.inbox.reading import Reading
from jackfield.wire.stream import AnyStreamEvent

SILENCE = 1.0  # seconds without a word after which it comes back
AGAIN = 0.5  # seconds after which it asks once more

Frame = dict[str, Any]


class Lost(Exception):
    """This connection is of no use any more."""


def frames_of(text: str) -> list[Frame]:
    """One frame, or an array of them. Raises Lost: something on the way broke it."""
    try:
        frames: list[Frame] = json.loads(text if text[:1] == "[" else f"[{text}]")
    except ValueError as error:
        raise Lost from error
    return frames


class Mirror:
    """`url` is asked for at every connection. `resets`: how often everything was read again."""

    def __init__(self, reading: Reading, workspace: int, url: Callable[[], str], *, me: int) -> None:
        self._reading, self._workspace, self._url, self._me = reading, workspace, url, me
        self._ws = show("w", workspace)
        self.state, self.last, self.epoch = State(), -1, ""
        self.connections = self.resets = 0
        self._held: dict[int, Frame] = {}
        self._asked = 0.0
        self._unanswered: dict[str, Frame] = {}
        self._cids = (f"{id(self)}.{number}" for number in itertools.count(1))
        self._socket: ClientConnection | None = None

    async def command(self, **command: Any) -> None:
        """Said until it is answered, always under the same key."""
        cid = next(self._cids)
        self._unanswered[cid] = {"t": "cmd", "cid": cid, "d": command}
        if self._socket is not None:
            with suppress(WebSocketException):
                await self._socket.send(json.dumps(self._unanswered[cid]))

    async def probe(self) -> None:
        """Ask for a ping: it tells whether the end of a burst was lost."""
        if self._socket is not None:
            with suppress(WebSocketException):
                await self._socket.send('{"t":"probe"}')

    @property
    def idle(self) -> bool:
        return not self._unanswered

    async def run(self) -> None:
        """Until cancelled."""
        await self._read_all()
        while True:
            with suppress(OSError, WebSocketException, TimeoutError, Lost):
                async with connect(
                    self._url(), compression=None, max_size=None, ping_interval=None, close_timeout=0.2
                ) as socket:
                    await self._live(socket)
            self._socket = None
            await asyncio.sleep(0.02)

    async def _read_all(self) -> None:
        """The position first, then the state."""
        head = (await self._reading.heads([self._workspace]))[self._workspace]
        self.state = await snapshot(self._reading, self._workspace, me=self._me)
        self.last, self.epoch = head.seq, head.epoch
        self.resets += 1
        await self._release()

    async def _live(self, socket: ClientConnection) -> None:
        said = "resume" if self.connections else "hello"
        self.connections += 1
        at = {self._ws: {"epoch": self.epoch, "seq": self.last}}
        await socket.send(json.dumps({"t": said, "v": 1, "streams": at}))
        self._held.clear()
        while True:
            async with asyncio.timeout(SILENCE):
                text = await socket.recv()
            for frame in frames_of(str(text)):
                await self._take(frame, socket)

    async def _take(self, frame: Frame, socket: ClientConnection) -> None:
        match frame["t"]:
            case "ready" | "resumed":
                self._socket = socket
                for command in list(self._unanswered.values()):
                    await socket.send(json.dumps(command))
            case "reset":
                await self._read_all()
            case "ev":
                self._held[frame["seq"]] = frame
                await self._release()
                if self._held:
                    await self._ask(socket)
            case "ok":
                self._unanswered.pop(frame["cid"], None)
            case "err":
                if not frame.get("retry"):
                    self._unanswered.pop(frame["cid"], None)
            case "ping":
                await socket.send('{"t":"pong"}')
                if frame["seqs"].get(self._ws, 0) > self.last:
                    await self._ask(socket)
            case _:
                pass

    async def _ask(self, socket: ClientConnection) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._asked > AGAIN:
            self._asked = now
            await socket.send(json.dumps({"t": "diff", "ws": self._ws, "seq": self.last}))

    async def _release(self) -> None:
        for seq in sorted(self._held):
            frame = self._held[seq]
            if seq > self.last and frame["prev"] > self.last:
                return
            del self._held[seq]
            if seq > self.last:
                event = msgspec.json.decode(json.dumps(frame["d"]), type=AnyStreamEvent)
                self.state, self.last = reduce(self.state, [(seq, event)]), seq
