"""A realtime server on loopback, with everything behind it, and clients that speak the protocol."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import uvicorn
from inbox_world import World
from msgspec import Struct
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from jackfield.app import Heads, listen
from jackfield.app.publisher import Publisher
from jackfield.bus import Bus
from jackfield.errors import Unavailable
from jackfield.ids import new_id, show
from jackfield.inbox.derive import derive
from jackfield.inbox.perform import Actor
from jackfield.inbox.reading import Reading
from jackfield.settings import Settings
from jackfield.store.indexes import WORKSPACE
from jackfield.store.rows import StreamRow
from jackfield.store.store import open_store
from jackfield.store.uow import Need, Uow
from jackfield.web.realtime import Hub, RawWebSocket, Realtime, RealtimeEndpoint

WITHIN = 10.0  # seconds anything here may take

Frame = dict[str, Any]


class Happen(Struct, frozen=True, kw_only=True):
    """Events of a stream: for everybody, or for one operator."""

    workspace: int
    audiences: tuple[int | None, ...] = (None,)
    size: int = 0

    def needs(self, uow: Uow) -> Iterable[Need]:
        return ()

    def apply(self, uow: Uow) -> None:
        row = uow.one(WORKSPACE, self.workspace)
        assert row is not None
        uow.edit(row)
        for audience in self.audiences:
            row.seq += 1
            data = json.dumps({"e": "test", "n": row.seq, "fill": "x" * self.size})
            uow.add(
                StreamRow(
                    id=new_id(), workspace_id=row.id, seq=row.seq, audience=audience, data=data, at=uow.now
                )
            )


class Renew(Struct, frozen=True, kw_only=True):
    """A restored backup: the stream has another name."""

    workspace: int
    epoch: str

    def needs(self, uow: Uow) -> Iterable[Need]:
        return ()

    def apply(self, uow: Uow) -> None:
        row = uow.one(WORKSPACE, self.workspace)
        assert row is not None
        uow.edit(row).epoch = self.epoch


class Client:
    """Speaks the protocol as its documentation says, and keeps what it heard."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.last: dict[str, int] = {}
        self.epochs: dict[str, str] = {}
        self.events: list[int] = []  # the seqs applied, in order
        self.frames: list[Frame] = []  # everything else, not yet looked at
        self.waiting: dict[str, list[Frame]] = {}
        self.messages = 0  # websocket messages with events in them
        self.code: int | None = None

    async def say(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    async def begin(self, t: str = "hello", *, streams: Frame | None = None) -> Frame:
        given: Frame = streams or {}
        for name, at in given.items():
            self.last[name] = at["seq"]
        await self.say(t=t, v=1, streams=given)
        answer = await self.until("ready", "resumed")
        for name, at in answer["streams"].items():
            self.last.setdefault(name, at["seq"])
            self.epochs[name] = at["epoch"]
        return answer

    def positions(self) -> Frame:
        return {name: {"epoch": self.epochs[name], "seq": seq} for name, seq in self.last.items()}

    async def until(self, *kinds: str) -> Frame:
        """The next frame of one of these kinds; events on the way are applied."""
        async with asyncio.timeout(WITHIN):
            while True:
                for number, frame in enumerate(self.frames):
                    if frame["t"] in kinds:
                        return self.frames.pop(number)
                await self.read()

    async def reach(self, workspace: str, seq: int) -> None:
        async with asyncio.timeout(WITHIN):
            while self.last.get(workspace, 0) < seq:
                await self.read()

    async def closed(self) -> int:
        """Read until the other side closes; the code it gave."""
        async with asyncio.timeout(WITHIN):
            while True:
                try:
                    await self.read()
                except ConnectionClosed as end:
                    return end.rcvd.code if end.rcvd is not None else 1006

    async def read(self) -> None:
        text = await self.socket.recv()
        frames: list[Frame] = json.loads(text if text[:1] == "[" else f"[{text!s}]")
        self.messages += any(frame["t"] == "ev" for frame in frames)
        for frame in frames:
            if frame["t"] == "ev":
                await self.apply(frame)
            else:
                if frame["t"] == "reset" and "stream" in frame:
                    self.last[frame["ws"]] = frame["stream"]["seq"]
                    self.epochs[frame["ws"]] = frame["stream"]["epoch"]
                self.frames.append(frame)

    async def apply(self, frame: Frame) -> None:
        name, seq = frame["ws"], frame["seq"]
        last = self.last.setdefault(name, frame["prev"])
        if seq <= last:
            return
        if frame["prev"] > last:
            await self.say(t="diff", ws=name, seq=last)
            return
        assert frame["d"]["n"] == seq if frame["d"]["e"] == "test" else True
        self.last[name] = seq
        self.events.append(seq)


def _words(locale: str, key: str, data: Mapping[str, Any]) -> str:
    return f"{locale}:{key}"


class Process:
    """One hub with its server."""

    def __init__(self, desk: Desk, bus: Bus, raw: bool) -> None:
        self.desk, self.bus, self.raw = desk, bus, raw
        self.port = 0
        self._server: uvicorn.Server | None = None

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[Process]:
        desk = self.desk
        reading = Reading(desk.world.store)
        async with Hub(self.bus, Heads(desk.world.store, reading), reading.events).running() as hub:
            self.hub = hub
            parts = Realtime(
                hub=hub,
                inbox=desk.world.inbox,
                reading=reading,
                enter=desk.enter,
                words=_words,
                build="test",
            )
            sock = listen("127.0.0.1", 0)
            self.port = sock.getsockname()[1]
            config = uvicorn.Config(
                Starlette(routes=[WebSocketRoute("/realtime", RealtimeEndpoint(parts))]),
                ws=RawWebSocket if self.raw else "websockets-sansio",
                ws_max_size=1 << 20,
                ws_per_message_deflate=False,
                lifespan="off",
                log_config=None,
                timeout_graceful_shutdown=5,
            )
            server = self._server = uvicorn.Server(config)
            server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]  # older uvicorn asks it
            task = asyncio.create_task(server.serve(sockets=[sock]))
            try:
                async with asyncio.timeout(WITHIN):
                    while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
                        await asyncio.sleep(0.005)
                yield self
            finally:
                server.should_exit = True
                await task

    def stop(self) -> None:
        assert self._server is not None
        self._server.should_exit = True

    @asynccontextmanager
    async def client(self, who: str = "operator", **options: Any) -> AsyncGenerator[Client]:
        """Somebody connected who has not said anything yet."""
        url = f"ws://127.0.0.1:{self.port}/realtime?who={who}"
        socket = await connect(url, compression=None, max_size=None, ping_interval=None, **options)
        try:
            yield Client(socket)
        finally:
            with suppress(ConnectionClosed):
                await socket.close()


class Desk:
    """The inbox behind the servers, and who may come in: by name, so that rights can be taken."""

    def __init__(self, world: World) -> None:
        self.world, self.away = world, False
        self.here, self.there = world.here.workspace, world.there.workspace
        self.ws, self.other = show("w", self.here), show("w", self.there)
        self.actors: dict[str, Actor] = {
            "operator": world.actor("operator"),
            "admin": world.actor("admin"),
            "viewer": world.actor("viewer"),
        }

    async def enter(self, websocket: WebSocket) -> Actor | None:
        if self.away:
            raise Unavailable("the database is away")
        return self.actors.get(websocket.query_params.get("who", ""))

    async def happen(self, *audiences: int | None, size: int = 0) -> int:
        """Commit events; the seq of the last."""
        await self.world.store.writer.do(
            Happen(workspace=self.here, audiences=audiences or (None,), size=size)
        )
        return await self.seq()

    async def seq(self) -> int:
        found = await self.world.store.fetch("SELECT seq FROM workspace WHERE id = $1", self.here)
        return int(found[0][0])

    async def log(self, operator: int, after: int) -> list[int]:
        """What this operator ought to have been told."""
        found = await self.world.store.fetch(
            "SELECT seq FROM stream WHERE workspace_id = $1 AND seq > $2"
            " AND (audience IS NULL OR audience = $3) ORDER BY seq",
            self.here,
            after,
            operator,
        )
        return [int(row[0]) for row in found]


@asynccontextmanager
async def open_desk(settings: Settings, bus: Bus, *, into: Bus | None = None) -> AsyncGenerator[Desk]:
    """`into`: where stream rows are published, if not on the same bus."""
    publisher = Publisher()
    async with open_store(settings, derive=derive, committed=publisher.committed) as store:
        publishing = asyncio.create_task(publisher.run(into or bus))
        try:
            world = World(store, bus)  # type: ignore[arg-type]  # any bus does here
            await world.open()
            yield Desk(world)
        finally:
            publishing.cancel()
            with suppress(asyncio.CancelledError):
                await publishing
