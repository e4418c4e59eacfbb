"""What the page behind a link is told when it opens."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import Struct
from starlette.requests import Request

from jackfield.errors import Problem
from jackfield.web.clock import now_ms
from jackfield.web.parts import Parts

from .finding import Screen, find_open
from .walks import WalkView


class FlowView(Struct, frozen=True, kw_only=True):
    """`words`: the key of its name."""

    words: str
    screen: Screen


class LinkView(Struct, frozen=True, kw_only=True):
    """Who asks for what. `channel`: the one that is linked anew, by its name; `walk`: an attempt that is
    under way, for a page that was closed meanwhile."""

    workspace: str
    kind: str
    channel: str
    flows: Mapping[str, FlowView]
    expires_at: int
    now: int
    walk: WalkView | None


async def open_page(parts: Parts, request: Request, token: str) -> bytes:
    """LinkView as JSON. Raises LinkUsed and TooMany."""
    found = await find_open(parts, request, token)
    walk, under_way = parts.walks.get(found.row.id), None
    if walk is not None and not walk.login.ended:
        try:
            under_way = walk.view
        except Problem:  # it is begun again
            under_way = None
    names = parts.plugins.kinds[found.row.kind].logins()
    view = LinkView(
        workspace=found.workspace,
        kind=found.row.kind,
        channel="" if found.renewed is None else found.renewed.name,
        flows={flow: FlowView(words=names[flow], screen=screen) for flow, screen in found.flows.items()},
        expires_at=found.row.expires_at,
        now=now_ms(),
        walk=under_way,
    )
    return msgspec.json.encode(view)
