"""uvicorn's websocket protocol with its connection in reach, so that one frame can go to many at once.

Given to uvicorn as `ws=RawWebSocket`. On any other server the realtime endpoint falls back to ASGI sends.
"""

from __future__ import annotations

from collections.abc import Callable

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

EXTENSION = "jackfield.raw_websocket"


class RawWebSocket(WebSocketsSansIOProtocol):
    """Puts itself into the ASGI scope and says when the client takes bytes again."""

    on_drain: Callable[[], None] | None = None

    async def run_asgi(self) -> None:
        extensions = self.scope["extensions"]
        assert extensions is not None
        extensions[EXTENSION] = self  # pyright: ignore[reportArgumentType]  # uvicorn types it as dicts
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

    def drop(self, code: int, reason: str) -> None:
        """Say why, and go: a client that does not read is cut after five seconds."""
        if not self.open:
            return
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.loop.call_later(5, self.transport.abort)
        self.transport.close()
