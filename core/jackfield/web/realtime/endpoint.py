"""The websocket endpoint: who comes in, reading frames, ending in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple, cast

from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from jackfield.errors import Forbidden, Unavailable
from jackfield.inbox.perform import Actor, Inbox
from jackfield.inbox.reading import Reading
from jackfield.wire.realtime import CloseCode

from .frames import Bye
from .hub import Hub
from .outlet import AsgiOutlet, Outlet, RawOutlet
from .server import EXTENSION, PATIENCE, RawWebSocket
from .session import Session

log = logging.getLogger("jackfield.realtime")

HELLO_WITHIN = 10.0  # seconds
TRY_LATER, FAILED = 1013, 1011  # close codes of RFC 6455: the client comes back
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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        websocket = WebSocket(scope, receive, send)
        actor, refused = None, (CloseCode.UNAUTHORISED, "sign in")
        try:
            actor = await self._parts.enter(websocket)
        except Forbidden:
            refused = (CloseCode.FORBIDDEN, "forbidden")
        except Unavailable:
            refused = (TRY_LATER, "try again later")
        await websocket.accept()  # refused after the handshake: a browser sees no other reason
        raw = cast("dict[str, object]", scope.get("extensions") or {}).get(EXTENSION)
        outlet: Outlet = RawOutlet(raw) if isinstance(raw, RawWebSocket) else AsgiOutlet(send)
        if actor is None:
            outlet.drop(*refused)
            await outlet.run()
            return
        await self._run(websocket, outlet, actor)

    async def _run(self, websocket: WebSocket, outlet: Outlet, actor: Actor) -> None:
        parts = self._parts
        session = Session(
            hub=parts.hub,
            inbox=parts.inbox,
            reading=parts.reading,
            outlet=outlet,
            actor=actor,
            renew=lambda: parts.enter(websocket),
            words=lambda locale, code, data: parts.words(locale, f"problem.{code}", data),
            locale=websocket.query_params.get("lang", "en"),
            build=parts.build,
        )
        try:
            async with asyncio.TaskGroup() as tasks:
                sending = tasks.create_task(outlet.run())
                lasting = tasks.create_task(_last(websocket, session, outlet))
                dropped = tasks.create_task(outlet.dropped.wait())
                await asyncio.wait((lasting, dropped), return_when=asyncio.FIRST_COMPLETED)
                lasting.cancel()
                dropped.cancel()
                await session.leave()
                if outlet.dropped.is_set():  # a moment for the close frame to leave
                    await asyncio.wait((sending,), timeout=PATIENCE)
                sending.cancel()
        finally:
            await session.leave()


async def _last(websocket: WebSocket, session: Session, outlet: Outlet) -> None:
    """As long as the session lasts. Its end is a word to the outlet, never an exception."""
    try:
        async with asyncio.timeout(HELLO_WITHIN):
            await session.greet(await _text(websocket))
        async with asyncio.TaskGroup() as both:
            both.create_task(session.keep_alive())
            await _read(websocket, session)
    except* WebSocketDisconnect:
        pass
    except* TimeoutError:
        outlet.drop(CloseCode.PROTOCOL, "silence")
    except* Bye as byes:
        outlet.drop(*_first(byes))
    except* Unavailable:
        outlet.drop(TRY_LATER, "try again later")
    except* Exception:
        log.exception("a realtime session failed")
        outlet.drop(FAILED, "something went wrong here")


async def _read(websocket: WebSocket, session: Session) -> None:
    while True:
        async with asyncio.timeout(SILENCE):
            text = await _text(websocket)
        await session.handle(text)


def _first(byes: BaseExceptionGroup[Bye]) -> tuple[int, str]:
    bye: BaseException = byes
    while isinstance(bye, BaseExceptionGroup):
        bye = bye.exceptions[0]
    assert isinstance(bye, Bye)
    return bye.code, bye.reason


async def _text(websocket: WebSocket) -> str | bytes:
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    text: str | bytes | None = message.get("text")
    return text if text is not None else message.get("bytes") or b""
