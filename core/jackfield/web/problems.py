"""Every error as problem+json (RFC 9457), with words in the visitor's language and never an inside detail.

Problem (jackfield.errors)
├── Malformed              malformed             400   no JSON at all
├── WrongCredentials       wrong_credentials     401   e-mail or password: which one is not said
├── CrossSite              cross_site            403   a page of another site sent this, or the key is missing
├── MethodNotAllowed       method_not_allowed    405
├── LinkUsed               link_used             410   used before, too old, or never made
├── UnsupportedMedia       unsupported_media     415
├── WrongHost              wrong_host            421
└── Internal               internal              500   `id` finds it in the log
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from tortoise.exceptions import DBConnectionError, IntegrityError, OperationalError

from jackfield.errors import Conflict, NotFound, NotSendable, Problem, Refused, TooLarge, TooMany, Unavailable

from .locales import locale_of

log = logging.getLogger("jackfield.web")

MEDIA_TYPE = "application/problem+json"
TRY_AGAIN = 5  # seconds, where nothing better is known

Translate = Callable[[str, str, Mapping[str, Any]], str]


class Malformed(Problem):
    code, status = "malformed", 400


class WrongCredentials(Problem):
    code, status = "wrong_credentials", 401


class CrossSite(Problem):
    code, status = "cross_site", 403


class MethodNotAllowed(Problem):
    code, status = "method_not_allowed", 405


class LinkUsed(Problem):
    code, status = "link_used", 410


class UnsupportedMedia(Problem):
    code, status = "unsupported_media", 415


class WrongHost(Problem):
    code, status = "wrong_host", 421


class Internal(Problem):
    code, status = "internal", 500


class ProblemView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`code` is stable, `title` is for a person, `detail` for whoever wrote the client.

    `data` depends on the code: `fields` (path: what is wrong there), `after` (seconds), `id` …
    """

    type: str
    title: str
    status: int
    code: str
    detail: str = ""
    data: Mapping[str, Any] = {}


def code_only(_locale: str, key: str, _params: Mapping[str, Any], /) -> str:
    """Words where no catalogue is installed: the key itself."""
    return key


def words(translate: Translate, locale: str, problem: Problem) -> str:
    """The problem's own words, else those of its class, else its code."""
    area = "can_send" if isinstance(problem, NotSendable) else "problem"
    area = "error" if isinstance(problem, Refused) else area
    said = problem.data.get("words") or f"{area}.{problem.code}"
    for key in (str(said), f"{area}.{problem.code}", f"problem.{type(problem).code}"):
        text = translate(locale, key, problem.data)
        if text != key:
            return text
    return problem.code


def view(translate: Translate, locale: str, problem: Problem) -> ProblemView:
    return ProblemView(
        type=f"urn:jackfield:problem:{problem.code}",
        title=words(translate, locale, problem),
        status=problem.status,
        code=problem.code,
        detail=problem.detail,
        data=problem.data,
    )


def answer(translate: Translate, connection: HTTPConnection, problem: Problem) -> Response:
    """The problem as an answer, with the headers that go with it."""
    locale = locale_of(connection)
    headers = {"Cache-Control": "no-store", "Content-Language": locale}
    if isinstance(problem, TooMany | Unavailable):
        headers["Retry-After"] = str(max(1, round(float(problem.data.get("after", TRY_AGAIN)))))
    if problem.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="jackfield"'
    if isinstance(problem, MethodNotAllowed) and "allow" in problem.data:
        headers["Allow"] = str(problem.data["allow"])
    body = msgspec.json.encode(view(translate, locale, problem), enc_hook=str)
    return Response(body, problem.status, headers, MEDIA_TYPE)


def from_http(error: HTTPException) -> Problem:
    """What Starlette itself refuses, in our words."""
    if error.status_code == MethodNotAllowed.status:
        return MethodNotAllowed(allow=(error.headers or {}).get("Allow", ""))
    for problem in (NotFound, TooLarge, UnsupportedMedia, Unavailable):
        if error.status_code == problem.status:
            return problem()
    return Malformed(error.detail) if error.status_code < 500 else Internal()


def handlers(
    translate: Translate,
) -> Mapping[Any, Callable[[HTTPConnection, Exception], Any]]:
    """Exception handlers for Starlette: known problems, its own refusals, a database that is away."""

    async def known(connection: HTTPConnection, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return answer(translate, connection, error)

    async def refused(connection: HTTPConnection, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return answer(translate, connection, from_http(error))

    async def database(connection: HTTPConnection, error: Exception) -> Response:
        match error:
            case IntegrityError():  # two asked for the same name at the same moment
                return answer(translate, connection, Conflict())
            case OperationalError() if type(error) is not OperationalError:
                raise error  # a question asked wrongly, not a database that is away
            case _:
                log.error("the database is away", exc_info=error)
                return answer(translate, connection, Unavailable())

    return {
        Problem: known,
        HTTPException: refused,
        OperationalError: database,
        DBConnectionError: database,
    }


class LastResort:
    """Answers 500 for what nobody foresaw: the trace goes to the log, only its id to the visitor."""

    def __init__(self, app: ASGIApp, translate: Translate) -> None:
        self._app, self._translate = app, translate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:
            log.debug("gone in the middle of %s %s", scope["method"], scope["path"])
        except Exception:
            number = secrets.token_hex(6)
            log.exception("error %s at %s %s", number, scope["method"], scope["path"])
            if started:  # a half-sent answer must look broken
                raise
            problem = Internal(id=number)
            await answer(self._translate, HTTPConnection(scope), problem)(scope, receive, send)
