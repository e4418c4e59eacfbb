"""POST /login (JSON or form), POST /logout, GET /signin/{key}: the only ways to a session."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from jackfield.errors import Problem
from jackfield.web.bodies import NOT_JSON, read_body
from jackfield.web.parts import Parts
from jackfield.web.problems import Malformed, UnsupportedMedia

from .cookies import check_change, check_page, give
from .door import LIFE, Door
from .sessions import Begun, SignIn

MOST = 16 * 1024  # bytes of a sign-in


class Credentials(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    email: str
    password: str
    next: str = "/"  # where a form goes on to


class SignedIn(Struct, frozen=True, kw_only=True):
    """The cookie is in the headers; `csrf` goes into X-CSRF-Token with every change."""

    csrf: str


def routes(parts: Parts, door: Door, sign_in: SignIn) -> list[Route]:
    settings = parts.settings

    def welcome(begun: Begun, response: Response) -> Response:
        give(settings, response, begun.key, max_age=LIFE // 1000)
        response.headers["Cache-Control"] = "no-store"
        return response

    async def login(request: Request) -> Response:
        check_page(settings, request)
        wants = _media_type(request)
        if wants == "application/json":
            said = await _json(request)
            begun = await sign_in.by_password(request, said.email, said.password)
            body = msgspec.json.encode(SignedIn(csrf=begun.csrf))
            return welcome(begun, Response(body, media_type="application/json"))
        if wants != "application/x-www-form-urlencoded":
            raise UnsupportedMedia("a sign-in is JSON or a form")
        said = await _form(request)
        try:
            begun = await sign_in.by_password(request, said.email, said.password)
        except Problem as problem:  # a form gets its page back, with the word for what was wrong
            query = f"?error={quote(problem.code)}&next={quote(said.next, safe='')}"
            return RedirectResponse(f"/login{query}", 303)
        return welcome(begun, RedirectResponse(said.next, 303))

    async def logout(request: Request) -> Response:
        visitor = await door.visitor(request)
        if visitor is not None and visitor.by == "session":
            check_change(settings, request, visitor.csrf)
            await sign_in.end(request)
        response = Response(status_code=204, headers={"Clear-Site-Data": '"cache", "storage"'})
        give(settings, response, "", max_age=0)
        return response

    async def signin(request: Request) -> Response:
        if request.method == "HEAD" or "prefetch" in request.headers.get("sec-purpose", ""):
            return Response(status_code=204)  # a look ahead must not use the link up
        begun = await sign_in.by_link(request, request.path_params["key"])
        return welcome(begun, RedirectResponse("/", 303))

    return [
        Route("/login", login, methods=["POST"]),
        Route("/logout", logout, methods=["POST"]),
        Route("/signin/{key}", signin, methods=["GET"]),
    ]


def inside(path: str) -> str:
    """The path if it is one of ours, else "/": an open redirect would lend our name to anybody."""
    ours = (
        path.startswith("/")
        and not path.startswith(("//", "/\\"))
        and path.isprintable()
        and "\\" not in path
    )
    return path if ours else "/"


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _json(request: Request) -> Credentials:
    try:
        return msgspec.json.decode(await read_body(request, MOST), type=Credentials)
    except NOT_JSON as error:
        raise Malformed(str(error)) from error


async def _form(request: Request) -> Credentials:
    try:
        fields = dict(parse_qsl((await read_body(request, MOST)).decode(), max_num_fields=8))
    except ValueError as error:
        raise Malformed(str(error)) from error
    return Credentials(
        email=fields.get("email", ""),
        password=fields.get("password", ""),
        next=inside(fields.get("next", "/")),
    )
