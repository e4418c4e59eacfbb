"""The pages: the shell of the inbox, sign-in, words, static files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Literal
from urllib.parse import quote

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from jackfield.channel import Site

from .dist import DIST, NotBuilt, Shelf
from .words import LOCALES, catalogue, liked, translate

NEVER = {"Cache-Control": "no-store"}
UNTOLD = {**NEVER, "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}
ICON = DIST.parent / "icon.svg"


class Chosen(Struct, frozen=True, kw_only=True):
    """What the shell itself needs of a boot (wire.views.Boot)."""

    locale: str
    theme: Literal["system", "light", "dark"] = "system"


class Asks(Struct, frozen=True, kw_only=True):
    """What the shell itself needs of a link (web.invitations.page.LinkView)."""

    workspace: str
    kind: str


def routes(site: Site, shelf: Shelf | None = None) -> Sequence[BaseRoute]:
    """Everything under /, /i, /settings, /login, /link, /static, /locales, and small files beside."""
    pages = Pages(site, shelf or Shelf())
    return (
        Route("/", pages.inbox),
        Route("/i/{path:path}", pages.inbox),
        Route("/settings", pages.inbox),
        Route("/settings/{path:path}", pages.inbox),
        Route("/login", pages.login, methods=["GET"]),
        Route("/link/{token}", pages.link, methods=["GET"]),
        Route("/boot.json", pages.boot),
        Route("/locales/{locale}.json", pages.words),
        Route("/static/{path:path}", pages.shelf.serve),
        Route("/icon.svg", pages.icon),
        Route("/manifest.webmanifest", pages.manifest),
    )


class Pages:
    """Holds the templates and the build; everything else comes with the request."""

    def __init__(self, site: Site, shelf: Shelf) -> None:
        self.site, self.shelf = site, shelf
        self._templates = Environment(
            loader=PackageLoader("jackfield_ui"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )

    async def inbox(self, request: Request) -> Response:
        boot = await self.site.boot(request)
        if boot is None:
            there = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(f"/login?next={quote(there, safe='')}", 303, headers=NEVER)
        chosen = msgspec.json.decode(boot, type=Chosen)
        locale = chosen.locale if chosen.locale in LOCALES else LOCALES[0]
        words = msgspec.json.encode(catalogue(locale))
        return self._page(
            request, "inbox.html", locale, theme=chosen.theme, boot=inline(boot), words=inline(words)
        )

    async def login(self, request: Request) -> Response:
        """Works without a script: a form, and the word for what went wrong last time."""
        if await self.site.boot(request) is not None:
            return RedirectResponse("/", 303, headers=NEVER)
        error, there = request.query_params.get("error", ""), request.query_params.get("next", "/")
        locale = liked(request.headers.get("accept-language", ""))
        known = f"problem.{error}" in catalogue(locale)
        reason = translate(locale, f"problem.{error}" if known else "login.failed") if error else ""
        return self._page(request, "login.html", locale, theme="system", reason=reason, there=there)

    async def link(self, request: Request) -> Response:
        """A client's page: its address is a key, which is told to nobody and kept nowhere."""
        asked = request.query_params.get("lang", "")
        locale = asked if asked in LOCALES else liked(request.headers.get("accept-language", ""))
        found = await self.site.invitation(request, str(request.path_params["token"]))
        if found is None:
            return self._page(request, "link_shut.html", locale, status=410, headers=UNTOLD, theme="system")
        asks = msgspec.json.decode(found, type=Asks)
        areas = ("link.", "admin.", "ui.", "problem.", f"{asks.kind}.")
        words = {key: text for key, text in catalogue(locale).items() if key.startswith(areas)}
        return self._page(
            request,
            "link.html",
            locale,
            headers=UNTOLD,
            theme="system",
            workspace=asks.workspace,
            link=inline(found),
            words=inline(msgspec.json.encode(words)),
        )

    async def boot(self, request: Request) -> Response:
        """The state again, for a page whose own is too old."""
        boot = await self.site.boot(request)
        if boot is None:
            return _problem(401, "unauthorised")
        return Response(boot, media_type="application/json", headers=NEVER)

    async def words(self, request: Request) -> Response:
        locale = str(request.path_params["locale"])
        if locale not in LOCALES:
            return JSONResponse(
                {"code": "not_found", "status": 404}, 404, media_type="application/problem+json"
            )
        return Response(
            msgspec.json.encode(catalogue(locale)),
            media_type="application/json",
            headers={"Cache-Control": "public, max-age=300"},
        )

    async def icon(self, _request: Request) -> Response:
        return FileResponse(
            ICON, media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"}
        )

    async def manifest(self, _request: Request) -> Response:
        about = {
            "name": "Jackfield",
            "start_url": "/",
            "display": "standalone",
            "background_color": "#17212b",
            "theme_color": "#1d6fc0",
            "icons": [{"src": "/icon.svg", "sizes": "any", "type": "image/svg+xml"}],
        }
        return JSONResponse(about, media_type="application/manifest+json")

    def _page(
        self,
        request: Request,
        template: str,
        locale: str,
        *,
        status: int = 200,
        headers: Mapping[str, str] = NEVER,
        **values: object,
    ) -> Response:
        common: dict[str, object] = {
            "locale": locale,
            "t": partial(translate, locale),
            "nonce": self.site.nonce(request),
        }
        try:
            built = self.shelf.built()
        except NotBuilt:
            text = self._templates.get_template("not_built.html").render(common)
            return HTMLResponse(text, 503, headers=headers)
        entry = built.link if template == "link.html" else built.inbox
        values |= {"built": built, "entry": entry, "sprite": Markup(built.sprite)}  # noqa: S704  # our own build's drawing
        return HTMLResponse(self._templates.get_template(template).render(common | values), status, headers)


def _problem(status: int, code: str) -> Response:
    body = {"code": code, "status": status}
    return JSONResponse(body, status, headers=NEVER, media_type="application/problem+json")


def inline(json: bytes) -> Markup:
    """JSON that can stand inside a script element: nothing in it ends the element."""
    text = json.decode().replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup(text)  # noqa: S704  # escaped just now
