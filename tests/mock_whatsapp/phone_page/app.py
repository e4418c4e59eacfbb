"""The phones' page and what it asks for: Starlette, on the loopback interface only."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, cast, get_args

from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from .content import Kind
from .handset import Handset, Refused
from .handsets import Fault, Handsets

PAGE = Path(__file__).parent / "page"
SCRIPTS = ("phone.js", "bubble.js", "dom.js", "linking.js", "talk.js", "words.js")
FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/phone.css": ("phone.css", "text/css"),
    "/words.json": ("words.json", "application/json"),
    **{f"/{name}": (name, "text/javascript") for name in SCRIPTS},
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self';"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
SHOWN = frozenset(
    {"image/jpeg", "image/png", "image/webp", "image/gif", "video/mp4", "audio/ogg", "audio/mpeg"}
)
MOST = 16 * 1024 * 1024  # bytes of a file
WRITTEN = frozenset({"text", "location", "contact"})

Said = Mapping[str, Any]
Act = Callable[[Handset, Said], Awaitable[None]]


def build(handsets: Handsets) -> Starlette:
    return Starlette(
        routes=[
            *(Route(path, _page(name, mime)) for path, (name, mime) in FILES.items()),
            Route("/api/state", _state(handsets)),
            Route("/api/events", _events(handsets)),
            Route("/api/files/{mid}", _file(handsets)),
            Route("/api/fault", _guarded(_fault(handsets)), methods=["POST"]),
            Route("/api/phones/{number}/file", _guarded(_send_file(handsets)), methods=["POST"]),
            Route("/api/phones/{number}/{act}", _guarded(_act(handsets)), methods=["POST"]),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
    )


Endpoint = Callable[[Request], Awaitable[Response]]


def _page(name: str, mime: str) -> Endpoint:
    async def page(_request: Request) -> Response:
        return FileResponse(PAGE / name, media_type=mime, headers=HEADERS)

    return page


def _state(handsets: Handsets) -> Endpoint:
    async def state(_request: Request) -> Response:
        return JSONResponse(handsets.view(), headers=HEADERS)

    return state


def _events(handsets: Handsets) -> Endpoint:
    async def events(_request: Request) -> Response:
        async def said() -> AsyncGenerator[str]:
            seen = 0
            while True:
                seen = await handsets.change(seen)
                yield f"data: {json.dumps({'n': seen})}\n\n"

        return StreamingResponse(said(), media_type="text/event-stream", headers=HEADERS)

    return events


def _file(handsets: Handsets) -> Endpoint:
    async def file(request: Request) -> Response:
        try:
            found = handsets.file(request.path_params["mid"])
        except (KeyError, ValueError):
            found = None
        if found is None:
            return JSONResponse({"error": "failed"}, 404, headers=HEADERS)
        about, data = found
        mime = about.mime if about.mime in SHOWN else "application/octet-stream"
        headers = HEADERS | {"Cache-Control": "private, max-age=3600"}  # what was sent stays as it is
        if about.mime not in SHOWN:
            headers["Content-Disposition"] = "attachment"
        return Response(data, media_type=mime, headers=headers)

    return file


# -- what a thumb does -----------------------------------------------------------------------------------


def _guarded(do: Callable[[Request], Awaitable[None]]) -> Endpoint:
    """Another site's page does nothing here, and what is refused is said with its code."""

    async def guarded(request: Request) -> Response:
        origin = request.headers.get("origin")
        if origin is not None and origin != f"http://{request.headers.get('host')}":
            return JSONResponse({"error": "failed"}, 403, headers=HEADERS)
        try:
            await do(request)
        except Refused as error:
            return JSONResponse({"error": error.code}, 409, headers=HEADERS)
        except (KeyError, TypeError, ValueError):
            return JSONResponse({"error": "failed"}, 400, headers=HEADERS)
        return JSONResponse({}, headers=HEADERS)

    return guarded


def _fault(handsets: Handsets) -> Callable[[Request], Awaitable[None]]:
    async def fault(request: Request) -> None:
        wanted = (await _said(request))["fault"]
        if wanted not in get_args(Fault):
            raise ValueError(wanted)
        await handsets.go_wrong(cast("Fault", wanted))

    return fault


def _act(handsets: Handsets) -> Callable[[Request], Awaitable[None]]:
    async def link(handset: Handset, said: Said) -> None:
        await handsets.link(handset, text=str(said.get("text", "")), characters=str(said.get("code", "")))

    acts: Mapping[str, Act] = {**ACTS, "link": link}

    async def act(request: Request) -> None:
        handset = handsets.phones[request.path_params["number"]]
        await acts[request.path_params["act"]](handset, await _said(request))

    return act


async def _unlink(handset: Handset, _said: Said) -> None:
    await handset.phone.unlink()


async def _write(handset: Handset, said: Said) -> None:
    chat, kind = handset.open(str(said["chat"])), said["kind"]
    if kind == "call":
        await handset.call(chat)
    elif kind in WRITTEN:
        await handset.write(chat, kind, str(said.get("text", "")), str(said.get("reply_to") or ""))
    else:
        raise ValueError(kind)


async def _react(handset: Handset, said: Said) -> None:
    await handset.react(handset.open(str(said["chat"])), str(said["message"]), str(said["emoji"]))


async def _edit(handset: Handset, said: Said) -> None:
    await handset.edit(handset.open(str(said["chat"])), str(said["message"]), str(said["text"]))


async def _delete(handset: Handset, said: Said) -> None:
    await handset.delete(handset.open(str(said["chat"])), str(said["message"]))


async def _type(handset: Handset, said: Said) -> None:
    await handset.type(handset.open(str(said["chat"])), on=bool(said["on"]))


async def _read(handset: Handset, said: Said) -> None:
    await handset.read(handset.open(str(said["chat"])))


ACTS: Mapping[str, Act] = {
    "unlink": _unlink,
    "write": _write,
    "react": _react,
    "edit": _edit,
    "delete": _delete,
    "typing": _type,
    "read": _read,
}


def _send_file(handsets: Handsets) -> Callable[[Request], Awaitable[None]]:
    async def send_file(request: Request) -> None:
        handset = handsets.phones[request.path_params["number"]]
        async with request.form(max_files=1, max_part_size=MOST) as form:
            kind, given = form.get("kind"), form["file"]
            if kind not in get_args(Kind) or not isinstance(given, UploadFile):
                raise ValueError("no file of a kind that can be sent")
            data = await given.read(MOST)
            mime, name = given.content_type or "application/octet-stream", given.filename or "file"
            chat, caption = handset.open(str(form.get("chat"))), str(form.get("caption") or "")
        await handset.send_file(chat, cast("Kind", kind), data, mime=mime, name=name, caption=caption)

    return send_file


async def _said(request: Request) -> Said:
    found = await request.json()
    if not isinstance(found, dict):
        raise TypeError("an object is needed")
    return cast("Said", found)
