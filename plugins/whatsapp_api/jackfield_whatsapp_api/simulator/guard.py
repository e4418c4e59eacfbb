"""Keeps strange web pages away from the control API and the phone page; sets the page's headers."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
_GUARDED = ("/control", "/phone")


class Guard:
    """`hosts` are the names under which the simulator may be asked: another one is a page that had its
    name point here (DNS rebinding); another origin is a page that asks behind its visitor's back."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self._app, self._hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(_GUARDED):
            await self._app(scope, receive, send)
            return
        reason = refusal(Headers(scope=scope), self._hosts)
        if reason:
            await JSONResponse({"error": reason}, 403)(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = CSP
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)


def refusal(headers: Headers, hosts: frozenset[str]) -> str:
    """Why a request is not let in, or ""."""
    host = headers.get("host", "").lower()
    if host not in hosts:
        return f"not known by the name {host!r}"
    origin = headers.get("origin")
    if origin is not None and origin not in (f"http://{host}", f"https://{host}"):
        return f"not open to {origin}"
    own = headers.get("sec-fetch-site", "none") in ("none", "same-origin")
    if not own and headers.get("sec-fetch-mode") != "navigate":
        return "not open to other sites"
    return ""
