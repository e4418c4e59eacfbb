"""Site: what the pages that ship with Jackfield get from core."""

from __future__ import annotations

import msgspec
from starlette.requests import Request

from jackfield import ids
from jackfield.wire.realtime import Folder
from jackfield.wire.views import Boot, WorkspaceView

from .auth.door import Door
from .auth.visitor import Visitor
from .clock import now_ms
from .headers import nonce_of
from .invitations.page import open_page
from .parts import Parts
from .problems import LinkUsed

FIRST_PAGE = 60  # conversations


class WebSite:
    """jackfield.channel.Site, from the parts of this process."""

    def __init__(self, parts: Parts, door: Door) -> None:
        self._parts, self._door = parts, door

    async def boot(self, request: Request) -> bytes | None:
        visitor = await self._door.visitor(request)
        if visitor is None or visitor.by != "session":
            return None
        return msgspec.json.encode(await boot(self._parts, visitor))

    async def invitation(self, request: Request, token: str) -> bytes | None:
        try:
            return await open_page(self._parts, request, token)
        except LinkUsed:
            return None

    def nonce(self, request: Request) -> str:
        return nonce_of(request)


async def boot(parts: Parts, visitor: Visitor) -> Boot:
    """All a page needs to start. The positions are read first: what happens meanwhile comes again as
    an event, and an event applied twice does no harm."""
    reading, workspaces = parts.reading, list(visitor.roles)
    heads = await reading.heads(workspaces)
    rows, following = await reading.conversations(
        workspaces, Folder(), me=visitor.operator, after=None, limit=FIRST_PAGE
    )
    return Boot(
        operator=visitor.view,
        locale=visitor.locale,
        theme=visitor.theme,
        workspaces=await workspace_views(parts, visitor),
        streams={ids.show("w", ws): head for ws, head in heads.items()},
        channels=tuple([view for ws in workspaces for view in await reading.channels(ws)]),
        labels=tuple([view for ws in workspaces for view in await reading.labels(ws)]),
        operators={ids.show("w", ws): tuple(await reading.operators(ws)) for ws in workspaces},
        counters={ids.show("w", ws): await reading.counters(ws) for ws in workspaces},
        conversations=tuple(rows),
        next=following,
        drafts=tuple([draft for ws in workspaces for draft in await reading.drafts(visitor.operator, ws)]),
        csrf=visitor.csrf,
        build=parts.build,
        now=now_ms(),
    )


async def workspace_views(parts: Parts, visitor: Visitor) -> tuple[WorkspaceView, ...]:
    """The workspaces a visitor sees, by name."""
    store = parts.store
    found = await store.fetch(
        f"SELECT id, name, color FROM workspace WHERE {store.any('id', '$1')} ORDER BY name, id",  # noqa: S608
        list(visitor.roles),
    )
    return tuple(
        WorkspaceView(id=ids.show("w", ws), name=name, color=color, role=visitor.roles[ws])
        for ws, name, color in found
    )
