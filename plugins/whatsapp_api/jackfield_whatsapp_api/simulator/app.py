"""The simulator's ASGI application: Graph API, media host, control API, phone page."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from .control import control_routes
from .graph import graph_routes
from .guard import Guard
from .world import World

PAGE = Path(__file__).parent / "page"


async def _phone(_request: Request) -> Response:
    return FileResponse(PAGE / "phone.html", media_type="text/html; charset=utf-8")


async def _root(_request: Request) -> Response:
    return RedirectResponse("/phone")


def build(world: World, hosts: frozenset[str]) -> Starlette:
    return Starlette(
        routes=[
            Route("/", _root),
            Route("/phone", _phone),
            Mount("/phone/", StaticFiles(directory=PAGE)),
            *control_routes(world),
            *graph_routes(world),
        ],
        middleware=[Middleware(Guard, hosts=hosts)],
    )
