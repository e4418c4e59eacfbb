"""uvicorn's websocket protocol with its connection in reach, so that one frame can go to many at once.

Given to uvicorn as `ws=RawWebSocket`. On any other server the realtime endpoint falls back to ASGI sends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from jackfield.wire.realtime import CloseCode

EXTENSION = "jackfield.raw_websocket"
PATIENCE = 3.0  # seconds between our close frame and the end of a client that says nothing to it


class RawWebSocket(WebSocketsSansIOProtocol):
    """Puts itself into the ASGI scope and says when the client takes bytes again."""

    on_drain: Callable[[], None] | None = None

    async def run_asgi(self) -> None:
        extensions = cast(
            "dict[str, object]", self.scope.get("extensions")
        )  # uvicorn types the values as dicts
        extensions[EXTENSION] = self
        await super().run_asgi()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.on_drain is not None:
            self.on_drain()

    @property
    def open(self) -> bool:
        return not (self.close_sent or self.disconnected or self.transport.is_closing())

    @property
    def ready(self) -> bool:
        """The client takes bytes: the transport's buffer is below its high-water mark."""
        return self.writable.is_set()

    def write(self, frames: bytes) -> None:
        """Write whole websocket frames. They must not be split across calls of send()."""
        self.transport.write(frames)

    def shutdown(self) -> None:
        """The server stops: the client comes back to resume after a random pause."""
        if self.handshake_complete and not self.close_sent:
            self.drop(CloseCode.GOING_DOWN, "server going down")
        else:
            super().shutdown()

    def drop(self, code: int, reason: str) -> None:
        """Say why, and go when the client has answered; one that does not read is cut after a while.

        To close at once would reset the connection where something of the client is unread, and with it
        lose the reason.
        """
        if not self.open:
            return
        self.stop_keepalive()
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.close_timer = self.loop.call_later(PATIENCE, self.transport.abort)
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
