"""Who may open a websocket: a browser of ours with its session, or a program with its token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.websockets import WebSocket

from jackfield.errors import Forbidden
from jackfield.inbox.perform import Actor
from jackfield.settings import Settings
from jackfield.web.auth.cookies import is_our_page
from jackfield.web.auth.door import Door


def entrance(settings: Settings, door: Door) -> Callable[[WebSocket], Awaitable[Actor | None]]:
    """A browser sends cookies for any page that asks: with one, the Origin must be ours, else Forbidden."""

    async def enter(websocket: WebSocket) -> Actor | None:
        visitor = await door.again(websocket)
        if visitor is None:
            return None
        if visitor.by == "session" and not is_our_page(settings, websocket):
            raise Forbidden("a page of another site opened this")
        return visitor.actor

    return enter
