"""One call of the Graph API: who calls, what with, and how errors are answered and everything is logged."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from jackfield_whatsapp_api.simulator.errors import GraphError
from jackfield_whatsapp_api.simulator.model import Account, Json, Number, Received
from jackfield_whatsapp_api.simulator.reading import decode
from jackfield_whatsapp_api.simulator.world import World


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call that came with a good token. `open` are the accounts it opens."""

    world: World
    request: Request
    open: frozenset[str]
    body: bytes

    @property
    def id(self) -> str:
        return str(self.request.path_params["id"])

    @property
    def query(self) -> dict[str, str]:
        return dict(self.request.query_params)

    def json(self) -> Json:
        """The body, and where there is none the query: the provider takes parameters from either."""
        return decode(self.body) if self.body else dict(self.query)

    def account(self) -> Account:
        return self.world.state.account(self.id, set(self.open))

    def number(self) -> Number:
        return self.world.state.number(self.id, set(self.open))


Handler = Callable[[Call], Awaitable[Json]]
MAX_BODY = 110 * 1024 * 1024


def answer(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(value), status, headers, "application/json; charset=UTF-8")


def token_of(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() in ("bearer", "oauth"):
        return token.strip()
    return request.query_params.get("access_token", "")


def opened(world: World, request: Request) -> frozenset[str]:
    """The accounts open to this caller. Raises GraphError 190 without a good token."""
    token = token_of(request)
    if not token:
        raise GraphError(190, message="An access token is required to request this resource.")
    if found := world.state.opened_by(token):
        return frozenset(found)
    raise GraphError(190, message="Invalid OAuth access token - Cannot parse access token")


async def read_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise GraphError(100, "The request is too large.", status=413)
    return bytes(body)


async def serve(world: World, request: Request, handlers: dict[str, Handler]) -> Response:
    """Answer with the handler of the method; log the call; put errors into the provider's envelope."""
    body, status, said = b"", 500, b""
    try:
        body = b"" if _is_form(request) else await read_body(request)
        call = Call(world=world, request=request, open=opened(world, request), body=body)
        _refused(world, request)
        handler = handlers.get(request.method)
        if handler is None:
            raise GraphError(100, message="Unsupported request - method type: " + request.method.lower())
        response = answer(await handler(call))
        status, said = response.status_code, bytes(response.body)
        return response
    except GraphError as error:
        status = error.status
        headers: dict[str, str] = {}
        if error.retry_after:
            headers["Retry-After"] = str(error.retry_after)
        if error.code == 190:
            headers["WWW-Authenticate"] = 'OAuth "Facebook Platform" "invalid_token"'
        response = answer(error.envelope(), status, headers)
        said = bytes(response.body)
        return response
    except HTTPException as error:
        status = error.status_code
        return Response(error.detail, status, media_type="text/plain")
    finally:
        world.state.requests.append(
            Received(
                method=request.method,
                path=request.url.path,
                body=_for_log(body),
                status=status,
                at=world.state.clock.now(),
                query={name: value for name, value in request.query_params.items() if name != "access_token"},
                kind=request.headers.get("content-type", "").partition(";")[0],
                answer=_for_log(said),
            )
        )


def _refused(world: World, request: Request) -> None:
    """Raises the error that a script wants for this call."""
    _, _, edge = request.url.path.strip("/").split("/", 1)[-1].partition("/")
    if wanted := world.script.take_call(request.method, edge, str(request.path_params.get("id", ""))):
        raise GraphError(wanted.code, wanted.details, subcode=wanted.subcode, retry_after=wanted.retry_after)


def _is_form(request: Request) -> bool:
    """Multipart bodies are read by their handler, file by file."""
    return request.headers.get("content-type", "").startswith("multipart/")


def _for_log(body: bytes) -> Any:
    if not body:
        return None
    if len(body) > 100_000:
        return f"({len(body)} bytes)"
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return body.decode(errors="replace")
