"""What every answer carries: a strict content policy with a nonce, and which hosts we answer for."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jackfield.settings import Settings

from .problems import Translate, WrongHost, answer

CSP = b"content-security-policy"
BARE = (  # for all but pages: nothing is loaded, run or framed
    b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    b"require-trusted-types-for 'script'"
)
NONCE = "jackfield.nonce"  # in the ASGI scope
PROBES = ("/healthz", "/readyz")  # asked by address, not by name

FIXED: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # no-referrer would make a form's Origin "null"
    "Permissions-Policy": "camera=(), geolocation=(), payment=(), usb=(), microphone=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def policy(nonce: str) -> str:
    """The content security policy of a page whose own scripts and styles carry this nonce."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            f"style-src 'self' 'nonce-{nonce}'",
            "connect-src 'self'",
            "img-src 'self' data: blob:",
            "media-src 'self' blob:",
            "font-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types svelte-trusted-html",
        )
    )


def nonce_of(connection: HTTPConnection) -> str:
    """The nonce of this answer; the same however often it is asked."""
    nonce = connection.scope.setdefault(NONCE, secrets.token_urlsafe(16))
    assert isinstance(nonce, str)
    return nonce


def _policy(scope: Scope, said: Iterable[tuple[bytes, bytes]]) -> bytes:
    if any(name == b"content-type" and value.startswith(b"text/html") for name, value in said):
        return policy(nonce_of(HTTPConnection(scope))).encode()
    return BARE


class SecurityHeaders:
    """Adds the headers an answer does not set itself."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        secure = {"Strict-Transport-Security": "max-age=31536000"} if settings.secure else {}
        self._fixed = [(name.lower().encode(), value.encode()) for name, value in {**FIXED, **secure}.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                said: list[tuple[bytes, bytes]] = list(message["headers"])
                names = {name for name, _ in said}
                said += [header for header in self._fixed if header[0] not in names]
                if CSP not in names:
                    said.append((CSP, _policy(scope, said)))
                message = {**message, "headers": said}
            await send(message)

        return await self._app(scope, receive, with_headers)


def is_loopback(host: str) -> bool:
    """Whether a host of an URL ("localhost", "127.0.0.1", "::1") can only be this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def host_name(netloc: str) -> str:
    """The host of "host:port" or "[::1]:port", lower case; "" if it is none."""
    try:
        return urlsplit(f"//{netloc}").hostname or ""
    except ValueError:
        return ""


class KnownHosts:
    """Answers only for the host of `settings.url` and for loopback, so that no other name can be
    pointed at us (DNS rebinding) or get into a link we write."""

    def __init__(self, app: ASGIApp, settings: Settings, translate: Translate) -> None:
        self._app, self._translate = app, translate
        self._ours = urlsplit(settings.url).hostname or ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or scope["path"] in PROBES:
            return await self._app(scope, receive, send)
        named = next((value for name, value in scope["headers"] if name == b"host"), b"")
        if _known(named, self._ours):
            return await self._app(scope, receive, send)
        return await answer(self._translate, HTTPConnection(scope), WrongHost())(scope, receive, send)


@lru_cache(maxsize=256)  # the same few in every request
def _known(named: bytes, ours: str) -> bool:
    host = host_name(named.decode("latin-1"))
    return bool(host) and (host == ours or is_loopback(host))
