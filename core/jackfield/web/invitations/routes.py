"""/link/{token}/…: the steps of a login for whoever holds a link. No cookie is read: the link is the key."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from jackfield.errors import Conflict, Invalid
from jackfield.store.tables import Invitation as Table
from jackfield.web import connecting
from jackfield.web.api.registry import read_json
from jackfield.web.auth.cookies import check_page
from jackfield.web.clock import now_ms
from jackfield.web.parts import Attempt, Parts

from .finding import Invitation, find, find_open, show, stage_of
from .walks import Walk, WalkView

HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


class Chosen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    flow: str


class Values(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    values: dict[str, Annotated[str, Meta(max_length=2_000)]]


class Seen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    seen: int


def routes(parts: Parts) -> list[Route]:
    async def begin(request: Request) -> WalkView:
        body: Chosen = await read_json(request, CHOSEN)
        return await _begin(parts, await find_open(parts, request, token_of(request)), body.flow)

    async def submit(request: Request) -> WalkView:
        body: Values = await read_json(request, VALUES)
        walk = await _walk(parts, request)
        parts.link_limits.attempts.take(walk.login.channel)
        return await walk.submit(body.values)

    async def wait(request: Request) -> WalkView:
        body: Seen = await read_json(request, SEEN)
        return await (await _walk(parts, request)).wait(body.seen)

    async def cancel(request: Request) -> None:
        await (await _walk(parts, request)).login.cancel()

    def served(run: Callable[[Request], Awaitable[WalkView | None]]) -> Callable[[Request], Any]:
        async def serve(request: Request) -> Response:
            check_page(parts.settings, request)
            said = await run(request)
            if said is None:
                return Response(status_code=204, headers=HEADERS)
            return Response(msgspec.json.encode(said), headers=HEADERS, media_type="application/json")

        return serve

    login = "/link/{token}/logins/{login}"
    return [
        Route("/link/{token}/logins", served(begin), methods=["POST"]),
        Route(f"{login}/submit", served(submit), methods=["POST"]),
        Route(f"{login}/wait", served(wait), methods=["POST"]),
        Route(login, served(cancel), methods=["DELETE"]),
    ]


CHOSEN, VALUES, SEEN = (msgspec.json.Decoder(body) for body in (Chosen, Values, Seen))


def token_of(request: Request) -> str:
    return str(request.path_params["token"])


async def _begin(parts: Parts, found: Invitation, flow: str) -> WalkView:
    """A new attempt; one that was begun before ends, so that two do not ask for one phone."""
    row = found.row
    if flow not in found.flows:
        raise Invalid("this link has no such way", fields={"flow": "unknown"})
    parts.link_limits.attempts.take(show(row))
    _forget_old(parts)
    before = parts.walks.pop(row.id, None)
    if before is not None:
        await before.login.cancel("begun again")
    attempt = Attempt(operator=row.by_id, workspace=row.workspace_id, again=row.again_id, invitation=row.id)
    login = connecting.begin(parts, attempt, row.kind, flow, found.renewed)
    walk = parts.walks[row.id] = Walk(parts, login, attempt)
    await Table.filter(id=row.id).update(login=login.id, opened_at=now_ms())
    return await walk.start()


async def _walk(parts: Parts, request: Request) -> Walk:
    """The attempt a page speaks of, also one that has ended in this process: the page is to hear how."""
    found = await find(parts, request, token_of(request))
    asked, walk = str(request.path_params["login"]), parts.walks.get(found.row.id)
    if walk is not None and walk.login.id == asked:
        return walk
    if found.row.login == asked and stage_of(found.row, now_ms()) == "open":
        raise Conflict(
            "this attempt is in another process, or was in one that has ended", code="login_elsewhere"
        )
    raise Conflict("another attempt was begun", code="login_ended")


def _forget_old(parts: Parts) -> None:
    now = time.monotonic()
    for number, walk in list(parts.walks.items()):
        if walk.login.ended and walk.old_at < now:
            del parts.walks[number]
