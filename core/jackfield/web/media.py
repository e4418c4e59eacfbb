"""/media/{file}: files of the conversations, to those who see their workspace, in ranges, never as a page."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import formatdate
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from jackfield import ids
from jackfield.errors import NotFound, Unauthorised
from jackfield.store.rows import FileRow

from .auth.door import Door
from .parts import Parts
from .ranges import NoSuchRange, parse

SHOWN = frozenset(  # what a browser may show by itself; no SVG and no HTML: they can hold scripts
    {
        "image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "image/bmp",
        "audio/mpeg", "audio/mp4", "audio/aac", "audio/ogg", "audio/opus", "audio/amr", "audio/wav",
        "audio/webm", "audio/flac",
        "video/mp4", "video/webm", "video/ogg", "video/3gpp", "video/quicktime",
    }
)  # fmt: skip
KEPT = 31_536_000  # seconds: the bytes behind an id never change


def routes(parts: Parts, door: Door) -> list[Route]:
    async def media(request: Request) -> Response:
        visitor = await door.visitor(request)
        if visitor is None:
            raise Unauthorised()
        rows = await parts.store.rows(FileRow, "WHERE id = $1", ids.read("f", request.path_params["file"]))
        if not rows or not visitor.sees(rows[0].workspace_id) or rows[0].state != "ready":
            raise NotFound(what="f")
        return answer(parts, request, rows[0])

    return [
        Route("/media/{file}", media, methods=["GET"]),
        Route("/media/{file}/{name:path}", media, methods=["GET"]),
    ]


def answer(parts: Parts, request: Request, row: FileRow) -> Response:
    """The file, a part of it, or "you have it". HEAD answers the headers of the whole."""
    size = row.size or 0
    headers = dict(headers_of(row))
    if matches(request.headers.get("if-none-match", ""), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    wanted = request.headers.get("range", "")
    if request.headers.get("if-range", headers["ETag"]) != headers["ETag"]:
        wanted = ""  # made for other bytes than these
    try:
        found = parse(wanted, size) if request.method == "GET" else None
    except NoSuchRange:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    start, end = found or (0, size)
    headers["Content-Length"] = str(end - start)
    if found is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    status = 200 if found is None else 206
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    return StreamingResponse(parts.store.files.open(row.path, start, end), status, headers)


def headers_of(row: FileRow) -> Mapping[str, str]:
    """What goes with a file whichever part of it is sent."""
    shown = row.mime in SHOWN
    return {
        "Content-Type": row.mime if shown else "application/octet-stream",
        "Content-Disposition": disposition("inline" if shown else "attachment", row.name),
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'self'",
        "Cache-Control": f"private, max-age={KEPT}, immutable",
        "Vary": "Cookie, Authorization",
        "Accept-Ranges": "bytes",
        "ETag": f'"{row.sha256}"',
        "Last-Modified": formatdate(row.created_at / 1000, usegmt=True),
    }


def disposition(how: str, name: str) -> str:
    """Content-Disposition with the name in any script (RFC 6266); the bytes of a header stay ASCII."""
    clean = "".join(letter for letter in name if letter.isprintable() and letter not in '/\\"').strip(". ")
    if not clean:
        return how
    plain = clean.encode("ascii", "replace").decode().replace("?", "_").replace("%", "_")
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(clean, safe='')}"


def matches(header: str, etag: str) -> bool:
    """If-None-Match: a list of tags, compared weakly, or *."""
    tags = {tag.strip().removeprefix("W/") for tag in header.split(",")}
    return etag in tags or "*" in tags
