"""The OpenAPI 3.1 document of the API, made from the same annotations that decode its requests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, cast

import msgspec

from jackfield.channel import Part
from jackfield.errors import Forbidden, NotFound, Problem, TooMany, Unauthorised, Unavailable
from jackfield.inbox.perform import CID_MAX
from jackfield.web.problems import CrossSite, Internal, ProblemView, WrongHost
from jackfield.wire.commands import AnyCommand
from jackfield.wire.realtime import ClientFrame, ServerFrame
from jackfield.wire.stream import AnyStreamEvent

from .call import IDEMPOTENCY
from .registry import BODY, PICTURES, PREFIX, Endpoint, Picture

_REF = "#/components/schemas/{name}"
_EVERYWHERE: tuple[type[Problem], ...] = (
    Unauthorised,
    CrossSite,
    Forbidden,
    WrongHost,
    Internal,
    Unavailable,
)

Json = dict[str, Any]

ABOUT = """\
Every error is `application/problem+json` with a stable `code`. Lists are pages: pass `next` as `after`.
Times are milliseconds since 1970 UTC. What is not yours answers 404, as if it did not exist.
A POST that changes something may carry an `Idempotency-Key`: the same key within 24 hours gets the same
answer and does nothing twice. Browsers use the session cookie and send its key in `X-CSRF-Token`."""


def document(endpoints: Sequence[Endpoint], *, url: str, version: str, cookie: str) -> Json:
    """The whole document, ready to be encoded."""
    types = list(_types(endpoints))
    schemas, components = msgspec.json.schema_components(types, ref_template=_REF)
    schema_of = {id(kind): schema for kind, schema in zip(types, schemas, strict=True)}
    _parts_are_parts(components, schema_of)
    paths: defaultdict[str, Json] = defaultdict(dict)
    for endpoint in endpoints:
        paths[PREFIX + endpoint.path][endpoint.method.lower()] = _operation(endpoint, schema_of, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Jackfield", "version": version, "description": ABOUT},
        "servers": [{"url": url}],
        "tags": [{"name": tag} for tag in dict.fromkeys(endpoint.tag for endpoint in endpoints)],
        "paths": dict(paths),
        "components": {
            "schemas": components,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "An API token: jf_…"},
                "session": {"type": "apiKey", "in": "cookie", "name": cookie},
            },
        },
        "security": [{"token": []}, {"session": []}],
    }


_ALSO: tuple[Any, ...] = (ProblemView, Part, AnyCommand, AnyStreamEvent, ClientFrame, ServerFrame)


def _types(endpoints: Iterable[Endpoint]) -> Iterable[Any]:
    for endpoint in endpoints:
        yield from (kind for kind in (endpoint.query, endpoint.body, endpoint.answer) if _said(kind))
    yield from _ALSO


def _said(kind: Any) -> bool:
    return kind is not None and kind is not type(None) and kind is not Picture


def _parts_are_parts(components: Mapping[str, Json], schema_of: Mapping[int, Json]) -> None:
    """A stored message's parts go out as the bytes they are, but they are what the contract says."""
    components["MessageView"]["properties"]["parts"] = {"type": "array", "items": schema_of[id(Part)]}


def _operation(endpoint: Endpoint, schema_of: Mapping[int, Json], components: Mapping[str, Json]) -> Json:
    summary, description = endpoint.about
    parameters: list[Json] = [
        {"name": step, "in": "path", "required": True, "schema": {"type": "string"}}
        for step in endpoint.steps
    ]
    if endpoint.query is not None:
        parameters += _query(schema_of[id(endpoint.query)], components)
    if endpoint.method == "POST":
        parameters.append(
            {
                "name": IDEMPOTENCY,
                "in": "header",
                "required": False,
                "schema": {"type": "string", "minLength": 1, "maxLength": CID_MAX},
            }
        )
    operation: Json = {
        "operationId": endpoint.run.__name__,
        "tags": [endpoint.tag],
        "summary": summary,
        "parameters": parameters,
        "responses": _responses(endpoint, schema_of),
    }
    if description:
        operation["description"] = description
    if endpoint.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema_of[id(endpoint.body)]}},
        }
    if endpoint.raw:
        operation["requestBody"] = {"required": True, "content": {"application/octet-stream": {}}}
    return operation


def _query(schema: Json, components: Mapping[str, Json]) -> list[Json]:
    """A query struct as one parameter a field."""
    struct = components[cast("str", schema["$ref"]).rsplit("/", 1)[-1]]
    required = struct.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": field}
        for name, field in struct["properties"].items()
    ]


def problems_of(endpoint: Endpoint) -> Mapping[int, Sequence[str]]:
    """Every status an endpoint refuses with, and the codes that come with it."""
    said = [*_EVERYWHERE, *endpoint.refuses]
    if endpoint.body is not None:
        said += BODY
    if endpoint.query is not None or endpoint.method == "POST":
        said.append(_INVALID)
    if endpoint.steps or endpoint.query is not None or endpoint.body is not None:
        said.append(NotFound)  # of what the path, the query or the body names
    found: defaultdict[int, list[str]] = defaultdict(list)
    for problem in dict.fromkeys(said):
        found[problem.status].append(problem.code)
    return dict(sorted(found.items()))


_INVALID = BODY[-1]


def _responses(endpoint: Endpoint, schema_of: Mapping[int, Json]) -> Json:
    responses: Json = {}
    if endpoint.answer is Picture:
        pictures = {mime: {"schema": {"type": "string", "format": "binary"}} for mime in PICTURES}
        responses["200"] = {"description": "Done.", "content": pictures}
    elif _said(endpoint.answer):
        content = {"application/json": {"schema": schema_of[id(endpoint.answer)]}}
        responses["200"] = {"description": "Done.", "content": content}
    else:
        responses["204"] = {"description": "Done."}
    problem = {"application/problem+json": {"schema": schema_of[id(ProblemView)]}}
    for status, codes in problems_of(endpoint).items():
        answer: Json = {
            "description": f"{HTTPStatus(status).phrase}: {', '.join(codes)}",
            "content": problem,
        }
        if status in (TooMany.status, Unavailable.status):
            answer["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds"}}
        responses[str(status)] = answer
    return responses
