"""The registry of endpoints: what an endpoint reads, answers and refuses, said once, in its annotations.

    @api.get("/conversations/{conversation}", refuses=(NotFound,))
    async def conversation(call: Call, conversation: str) -> ConversationView:
        '''One conversation.'''

Steps of the path are `str` arguments of the same name; `query` and `body` are structs; the return type
is the answer, None is 204. The OpenAPI document is made from the same annotations.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal, get_type_hints

import msgspec
from msgspec import Struct
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from jackfield.errors import Invalid, Problem, TooLarge
from jackfield.web.auth.door import Door
from jackfield.web.bodies import NOT_JSON, read_body
from jackfield.web.parts import Parts
from jackfield.web.problems import Malformed, UnsupportedMedia

from .call import Call

PREFIX = "/api/v1"
MOST = 1024 * 1024  # bytes of a JSON body

Method = Literal["GET", "POST", "PATCH", "PUT", "DELETE"]
Run = Callable[..., Awaitable[Any]]

_STEP = re.compile(r"{(\w+)}")
_SAID = 500  # characters of msgspec's words: they repeat names the sender chose
_AT = re.compile(
    r" - at `\$\.?(?P<path>[^`]{0,200})`$"
)  # bounded: such a name can hold it ten thousand times
_NAMED = re.compile(r"(?:unknown|required) field `(?P<name>[^`]*)`")


class Picture(Struct, frozen=True, kw_only=True):
    """An answer that is a picture itself: a type that was sniffed, and a name to save it under.

    Whoever opens it as a page saves it instead, and nothing in it runs: an SVG can hold scripts.
    """

    body: bytes
    mime: str
    name: str


PICTURES = ("image/png", "image/svg+xml")
INERT = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


class Endpoint(Struct, frozen=True, kw_only=True):
    """One method of one path. `raw`: the body is the file itself and read by the endpoint."""

    method: Method
    path: str  # below PREFIX
    run: Run
    tag: str
    steps: tuple[str, ...]
    query: Any
    body: Any
    answer: Any
    refuses: tuple[type[Problem], ...]
    raw: bool = False

    @property
    def about(self) -> tuple[str, str]:
        """Its docstring: a line, and the rest."""
        first, _, rest = (inspect.getdoc(self.run) or "").partition("\n")
        return first.strip(), rest.strip()


class Api:
    """Endpoints of one subject."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.endpoints: list[Endpoint] = []

    def get(self, path: str, *, refuses: Sequence[type[Problem]] = ()) -> Callable[[Run], Run]:
        return self._add("GET", path, refuses)

    def post(self, path: str, *, refuses: Sequence[type[Problem]] = ()) -> Callable[[Run], Run]:
        return self._add("POST", path, refuses)

    def patch(self, path: str, *, refuses: Sequence[type[Problem]] = ()) -> Callable[[Run], Run]:
        return self._add("PATCH", path, refuses)

    def put(self, path: str, *, refuses: Sequence[type[Problem]] = ()) -> Callable[[Run], Run]:
        return self._add("PUT", path, refuses)

    def delete(self, path: str, *, refuses: Sequence[type[Problem]] = ()) -> Callable[[Run], Run]:
        return self._add("DELETE", path, refuses)

    def upload(self, path: str, *, refuses: Sequence[type[Problem]] = ()) -> Callable[[Run], Run]:
        """A POST whose body is a file: the endpoint streams it."""
        return self._add("POST", path, refuses, raw=True)

    def _add(
        self, method: Method, path: str, refuses: Sequence[type[Problem]], *, raw: bool = False
    ) -> Callable[[Run], Run]:
        def register(run: Run) -> Run:
            self.endpoints.append(_endpoint(self.tag, method, path, run, refuses, raw=raw))
            return run

        return register


def _endpoint(
    tag: str, method: Method, path: str, run: Run, refuses: Sequence[type[Problem]], *, raw: bool
) -> Endpoint:
    hints = get_type_hints(run, include_extras=True)
    steps = tuple(_STEP.findall(path))
    expected = {"call", *steps} | ({"query", "body"} & hints.keys())
    taken = set(inspect.signature(run).parameters)
    if taken != expected:
        raise TypeError(f"{method} {path} takes {sorted(taken)}; by its path it takes {sorted(expected)}")
    return Endpoint(
        method=method,
        path=path,
        run=run,
        tag=tag,
        steps=steps,
        query=hints.get("query"),
        body=hints.get("body"),
        answer=hints["return"],
        refuses=tuple(refuses),
        raw=raw,
    )


def route(parts: Parts, door: Door, endpoint: Endpoint) -> Route:
    """The endpoint as Starlette serves it."""
    decoder = None if endpoint.body is None else msgspec.json.Decoder(endpoint.body)
    status = 204 if endpoint.answer is type(None) else 200

    async def serve(request: Request) -> Response:
        visitor = await door.admit(request)
        call = Call(parts=parts, visitor=visitor, request=request)
        arguments: dict[str, Any] = {step: request.path_params[step] for step in endpoint.steps}
        if endpoint.query is not None:
            arguments["query"] = read_query(request.query_params, endpoint.query)
        if decoder is not None:
            arguments["body"] = await read_json(request, decoder)
        answer = await endpoint.run(call, **arguments)
        headers = {"Cache-Control": "no-store"}
        if isinstance(answer, Picture):
            headers["Content-Security-Policy"] = INERT
            headers["Content-Disposition"] = f'attachment; filename="{answer.name}"'
            return Response(answer.body, headers=headers, media_type=answer.mime)
        if status == 204:
            return Response(status_code=204, headers=headers)
        return Response(msgspec.json.encode(answer), headers=headers, media_type="application/json")

    return Route(PREFIX + endpoint.path, serve, methods=[endpoint.method])


def read_query(params: QueryParams, want: type[Any]) -> Any:
    """The query as its struct. Raises Invalid naming the parameter."""
    fields: dict[str, str] = {}
    for name, value in params.multi_items():
        if name in fields:
            raise Invalid(f"{name} is there twice", fields={name: "twice"})
        fields[name] = value
    try:
        return msgspec.convert(fields, want, strict=False)
    except msgspec.ValidationError as error:
        raise invalid(error) from error


async def read_json(request: Request, decoder: msgspec.json.Decoder[Any]) -> Any:
    """The body as its struct. Raises Invalid, Malformed, TooLarge, UnsupportedMedia."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnsupportedMedia("the body is application/json")
    try:
        return decoder.decode(await read_body(request, MOST))
    except msgspec.ValidationError as error:
        raise invalid(error) from error
    except NOT_JSON as error:
        raise Malformed(str(error)) from error


def invalid(error: msgspec.ValidationError) -> Invalid:
    """msgspec's words with the path of the field: {"parts[0].body": "Expected `str`, got `int`"}."""
    text = str(error)
    at = _AT.search(text)
    path = at["path"] if at else ""
    text = (text[: at.start()] if at else text)[:_SAID]
    named = _NAMED.search(text)
    if named:
        path = f"{path}.{named['name']}" if path else named["name"]
    return Invalid(text, fields={path: text})


ALWAYS: tuple[type[Problem], ...] = ()
BODY: tuple[type[Problem], ...] = (Malformed, UnsupportedMedia, TooLarge, Invalid)
