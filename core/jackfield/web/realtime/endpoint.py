"""The websocket endpoint: who comes in, reading frames, ending in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from jackfield.inbox.perform import Actor, Inbox
from jackfield.inbox.reading import Reading
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from jackfield.wire.realtime import CloseCode

from .hub import Hub
from .outlet import AsgiOutlet, Outlet, RawOutlet
from .server import EXTENSION, RawWebSocket
from .session import Bye, Session

log = logging.getLogger("jackfield.realtime")

HELLO_WITHIN = 10.0  # seconds
SILENCE = 90.0  # seconds without any frame of the client: three heartbeats


class Realtime(NamedTuple):
    """What the endpoint is made of.

    `enter` authenticates a connection (cookie with a checked Origin, or bearer token), None: not known;
    it is asked again while the session lives. `words` finds a sentence for (locale, code, data).
    """

    hub: Hub
    inbox: Inbox
    reading: Reading
    enter: Callable[[WebSocket], Awaitable[Actor | None]]
    words: Callable[[str, str, Mapping[str, Any]], str]
    build: str


class RealtimeEndpoint:
    """An ASGI app for one path."""

    def __init__(self, parts: Realtime) -> None:
        self._parts = parts
        self._going_down = asyncio.Event()
        self._outlets: set[Outlet] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        websocket = WebSocket(scope, receive, send)
        actor = await self._parts.enter(websocket)
        await websocket.accept()  # refused after the handshake: a browser sees no other reason
        if actor is None:
            await websocket.close(CloseCode.UNAUTHORISED, "sign in")
            return
        raw = (scope.get("extensions") or {}).get(EXTENSION)
        outlet: Outlet = RawOutlet(raw) if isinstance(raw, RawWebSocket) else AsgiOutlet(send)
        await self._run(websocket, outlet, actor)

    async def _run(self, websocket: WebSocket, outlet: Outlet, actor: Actor) -> None:
        parts = self._parts
        locale = websocket.query_params.get("lang", "en")
        session = Session(
            hub=parts.hub,
            inbox=parts.inbox,
            reading=parts.reading,
            outlet=outlet,
            actor=actor,
            renew=lambda: parts.enter(websocket),
            words=lambda code, data: parts.words(locale, f"problem.{code}", data),
            build=parts.build,
        )
        self._outlets.add(outlet)
        try:
            async with asyncio.TaskGroup() as tasks:
                sending = tasks.create_task(outlet.run())
                beating = tasks.create_task(self._beat(session, outlet))
                await self._read(websocket, session, outlet)
                beating.cancel()
                await self._flush(sending)
        finally:
            self._outlets.discard(outlet)
            await session.leave()

    async def _read(self, websocket: WebSocket, session: Session, outlet: Outlet) -> None:
        try:
            async with asyncio.timeout(HELLO_WITHIN):
                text = await _text(websocket)
            await session.greet(text)
            while True:
                async with asyncio.timeout(SILENCE):
                    text = await _text(websocket)
                await session.handle(text)
        except WebSocketDisconnect:
            return
        except TimeoutError:
            outlet.drop(CloseCode.PROTOCOL, "silence")
        except Bye as bye:
            outlet.drop(bye.code, bye.reason)
        except Exception:
            log.exception("a realtime session failed")
            outlet.drop(1011, "something went wrong here")

    async def _beat(self, session: Session, outlet: Outlet) -> None:
        try:
            await session.keep_alive()
        except Bye as bye:
            outlet.drop(bye.code, bye.reason)
        except Exception:
            log.exception("a realtime session failed")
            outlet.drop(1011, "something went wrong here")

    @staticmethod
    async def _flush(sending: asyncio.Task[None]) -> None:
        """Give a close frame a moment to leave."""
        with suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await asyncio.shield(sending)
        sending.cancel()

    def go_down(self) -> None:
        """The server stops: everybody comes back to resume."""
        for outlet in list(self._outlets):
            outlet.drop(CloseCode.GOING_DOWN, "server going down")


async def _text(websocket: WebSocket) -> str | bytes:
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    text: str | bytes | None = message.get("text")
    return text if text is not None else message.get("bytes") or b""
