"""The session cookie, and the proof that a change was asked for by a page of ours."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

from jackfield.settings import Settings
from jackfield.web.headers import host_name, is_loopback
from jackfield.web.problems import CrossSite

from .keys import same

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "x-csrf-token"


def cookie_name(settings: Settings) -> str:
    """`__Host-` cookies cannot be set by a neighbouring host. Without https the port keeps two
    installs on one machine apart: cookies know no ports."""
    if settings.secure:
        return "__Host-jackfield"
    return f"jackfield-{urlsplit(settings.url).port or 80}"


def session_key(settings: Settings, connection: HTTPConnection) -> str:
    """The key a browser came with, or ""."""
    return connection.cookies.get(cookie_name(settings), "")


def give(settings: Settings, response: Response, key: str, *, max_age: int) -> None:
    """Put the key of a session into a browser. `max_age` in seconds; 0 takes it away."""
    response.set_cookie(
        cookie_name(settings),
        key,
        max_age=max_age,
        path="/",
        secure=settings.secure,
        httponly=True,
        samesite="lax",
    )


def is_our_page(settings: Settings, connection: HTTPConnection) -> bool:
    """Whether the Origin is our address, or this machine's own where it was reached by that."""
    scheme, _, netloc = connection.headers.get("origin", "").partition("://")
    ours = urlsplit(settings.url)
    if (scheme, netloc) == (ours.scheme, ours.netloc):
        return True
    return netloc == connection.headers.get("host", "") and is_loopback(host_name(netloc))


def check_page(settings: Settings, connection: HTTPConnection) -> None:
    """Before there is a session: refuse what a page of another site sends. No Origin: no browser."""
    if "origin" in connection.headers and not is_our_page(settings, connection):
        raise CrossSite("the Origin is another site's")


def check_change(settings: Settings, connection: HTTPConnection, csrf: str) -> None:
    """A change asked for with a cookie needs an Origin of ours and the session's key. Raises CrossSite."""
    if not is_our_page(settings, connection):
        raise CrossSite("a change with a cookie needs the Origin of our own page")
    if not same(connection.headers.get(CSRF_HEADER, ""), csrf):
        raise CrossSite("a change with a cookie needs the session's X-CSRF-Token")
