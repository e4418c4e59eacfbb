"""One web socket of an engine: the handshake, sealed frames, and who it turns out to be."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from neonize.proto.waWa6.WAWebProtobufsWa6_pb2 import ClientPayload, HandshakeMessage
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from .codec import decode, encode
from .devices import Device
from .nodes import SERVER, Content, Node, Value
from .noise import Finished, Responder
from .stanzas import answer

if TYPE_CHECKING:
    from .pairing import Attempt
    from .server import MockWhatsApp

log = logging.getLogger("mock_whatsapp")

HEADER = b"WA"
LINGER = 0.3  # seconds between a last word and the end of the connection
LENGTH = 3  # bytes


class Connection:
    """`device`: whose it is, once it is logged in. `attempt`: it wants to be linked."""

    def __init__(self, server: MockWhatsApp, socket: ServerConnection) -> None:
        self.server, self.socket = server, socket
        self.device: Device | None = None
        self.attempt: Attempt | None = None
        self.noise = b""
        self.payload = ClientPayload()
        self._received = bytearray()
        self._sealed: Finished | None = None

    async def run(self) -> None:
        """Until either side ends it."""
        try:
            await self._handshake()
            if self.payload.HasField("devicePairingData"):
                self.attempt = await self.server.pairing.begin(self)
            elif not await self._log_in():
                return
            while True:
                node = await self._receive()
                log.debug("engine: %s", node)
                await answer(self, node)
        except ConnectionClosed:
            pass
        finally:
            if self.device is not None and self.device.connection is self:
                self.device.connection = None

    async def send(self, node: Node) -> None:
        """Raises ConnectionClosed."""
        assert self._sealed is not None, "nothing is said before the handshake"
        log.debug("server: %s", node)
        await self._write(self._sealed.ours.seal(encode(node)))

    async def result(self, asked: Node, content: Content = None) -> None:
        """Answer a question."""
        attrs: dict[str, Value] = {
            "from": asked.attrs.get("to") or SERVER,
            "type": "result",
            "id": asked.text("id"),
        }
        await self.send(Node("iq", attrs, content))

    async def end(self, last: Node) -> None:
        """Say one last thing, and hang up."""
        await self.send(last)
        await asyncio.sleep(LINGER)
        await self.socket.close()

    # -- frames ----------------------------------------------------------------------------------

    async def _receive(self) -> Node:
        assert self._sealed is not None
        return decode(self._sealed.theirs.open(await self._read()), self.server.words)

    async def _read(self) -> bytes:
        while (size := int.from_bytes(self._received[:LENGTH], "big") + LENGTH) > len(self._received):
            self._received += await self._more()
        frame = bytes(self._received[LENGTH:size])
        del self._received[:size]
        return frame

    async def _more(self) -> bytes:
        data = await self.socket.recv()
        return data.encode() if isinstance(data, str) else data

    async def _write(self, frame: bytes) -> None:
        await self.socket.send(len(frame).to_bytes(LENGTH, "big") + frame)

    # -- the beginning ---------------------------------------------------------------------------

    async def _handshake(self) -> None:
        first = await self._more()
        header, self._received = first[:4], bytearray(first[4:])
        if not header.startswith(HEADER):
            raise ValueError(f"an engine begins with {HEADER!r}, not {header!r}")
        noise = Responder(header, self.server.key)
        said = HandshakeMessage.FromString(await self._read())
        hello = noise.hello(said.clientHello.ephemeral, self.server.certificate_chain())
        answered = HandshakeMessage()
        answered.serverHello.ephemeral = hello.ephemeral
        answered.serverHello.static = hello.static
        answered.serverHello.payload = hello.payload
        await self._write(answered.SerializeToString())
        finish = HandshakeMessage.FromString(await self._read()).clientFinish
        self._sealed = noise.finish(finish.static, finish.payload)
        self.noise = self._sealed.client
        self.payload = ClientPayload.FromString(self._sealed.payload)

    async def _log_in(self) -> bool:
        """Whether it may come in; what came meanwhile is told at once."""
        account = self.server.accounts.get(str(self.payload.username))
        device = None if account is None else account.devices.get(self.payload.device)
        if self.server.refusals:
            await self.end(Node("failure", self.server.refusals.popleft()))
            return False
        if device is None or device.noise != self.noise:
            await self.end(Node("failure", {"reason": "401"}))
            return False
        if device.connection is not None:
            await device.connection.end(Node("stream:error", {}, [Node("conflict", {"type": "replaced"})]))
        device.connection, self.device = self, device
        now = int(time.time())
        attrs = {"t": now, "lid": device.jid(), "creation": now, "props": "1"}
        await self.send(Node("success", attrs))
        waiting, device.waiting = [*device.told.values(), *device.waiting], []
        device.told = {}
        for node in waiting:
            device.tell(node)
        counts = {
            "count": len(waiting),
            "message": len(waiting),
            "appdata": 0,
            "notification": 0,
            "receipt": 0,
        }
        await self.send(Node("ib", {"from": SERVER}, [Node("offline_preview", counts)]))
        for node in waiting:
            await self.send(Node(node.tag, {**node.attrs, "offline": "0"}, node.content))
        await self.send(Node("ib", {"from": SERVER}, [Node("offline", {"count": len(waiting)})]))
        self.server.logins.put_nowait(device)
        return True
