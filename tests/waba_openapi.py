"""Meta's OpenAPI file of the Cloud API, v23.0: which operation a call is, and in what it deviates from it."""

from __future__ import annotations

import gzip
import importlib
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct

from jackfield_whatsapp_api.payload import is_list, is_node
from jackfield_whatsapp_api.simulator import Received

# Their own annotations leave much unknown: to the type checkers they are Any.
jsonschema: Any = importlib.import_module("jsonschema")
referencing: Any = importlib.import_module("referencing")
DRAFT: Any = importlib.import_module("referencing.jsonschema").DRAFT202012

FILE = Path(__file__).parent / "plugins/whatsapp_api/data/openapi-v23.0.json.gz"
# Which kind of id the first part of a path is: the file names them, a call does not.
NUMBER, WABA, TEMPLATE, MEDIA, BUSINESS = (
    "Phone-Number-ID",
    "WABA-ID",
    "TEMPLATE_ID",
    "Media-ID",
    "Business-ID",
)
SAID_OTHERWISE = {WABA: "WhatsApp-Business-Account-ID"}  # the same thing under another name
HIDDEN = frozenset(
    {"limit", "after", "before", "fields", "summary"}
)  # every edge of the Graph API takes them

Json = dict[str, Any]


class Deviation(Struct, frozen=True, kw_only=True, order=True):
    """`call`: what was asked for, in our words; `at`: where in the request or the answer, or its edge;
    `says`: the keyword of JSON Schema that is not met, "path" where the file has no such operation, or
    "query"."""

    call: str
    side: str
    at: str
    says: str


@cache
def spec() -> Json:
    found: Json = json.loads(gzip.decompress(FILE.read_bytes()))
    return found


@cache
def _registry() -> Any:
    resource = DRAFT.create_resource(spec())
    return referencing.Registry().with_resource("openapi", resource)


def _validator(schema: Json) -> Any:
    return jsonschema.Draft202012Validator(_absolute(schema), registry=_registry())


def _absolute(schema: Any) -> Any:
    """References within the file, as seen from outside of it."""
    if is_node(schema):
        return {
            name: f"openapi{value}" if name == "$ref" and str(value).startswith("#") else _absolute(value)
            for name, value in schema.items()
        }
    return [_absolute(one) for one in schema] if is_list(schema) else schema


def operation(call: Received, kinds: Mapping[str, str]) -> Json | None:
    """What the file says of this call. `kinds`: of each id what it is."""
    _, id_, *rest = call.path.strip("/").split("/")
    kind = kinds.get(id_, "")
    for path, item in spec()["paths"].items():
        _, _, name, *edges = path.split("/")
        if name.strip("{}") not in (kind, SAID_OTHERWISE.get(kind)):
            continue
        pattern = re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape("/".join(edges)))
        found = item.get(call.method.lower())
        if found is not None and re.fullmatch(pattern, "/".join(rest)):
            return {**found, "parameters": [*item.get("parameters", []), *found.get("parameters", [])]}
    return None


def _edge(call: Received, kinds: Mapping[str, str]) -> str:
    """The method and the path, with what an id is in its place."""
    _, id_, *rest = call.path.strip("/").split("/")
    first = f"{{{kinds[id_]}}}" if id_ in kinds else id_.partition(":")[0]
    return f"{call.method} {'/'.join([first, *rest])}"


def deviations(call: Received, kinds: Mapping[str, str], name: str) -> Iterator[Deviation]:
    """In what a call and its answer are not what the file says."""
    found = operation(call, kinds)
    if found is None:
        yield Deviation(call=name, side="request", at=_edge(call, kinds), says="path")
        return
    yield from _of_query(found, call, name)
    content = _resolved(found.get("requestBody", {})).get("content", {})
    if content and call.kind not in content and call.body is not None:
        yield Deviation(call=name, side="request", at=call.kind, says="content")
    elif call.kind == "application/json" and (schema := content.get(call.kind, {}).get("schema")):
        yield from _of_value(schema, call.body, name, "request")
    answers = found["responses"]
    answered = _resolved(answers.get(str(call.status), answers.get("default", {})))
    if schema := answered.get("content", {}).get("application/json", {}).get("schema"):
        yield from _of_value(schema, call.answer, name, "answer")


def _of_query(found: Json, call: Received, name: str) -> Iterator[Deviation]:
    known = {one["name"]: one for each in found["parameters"] if (one := _resolved(each))["in"] == "query"}
    for key in sorted(call.query.keys() - known.keys() - HIDDEN):
        yield Deviation(call=name, side="request", at=key, says="query")
    for key in sorted(key for key, one in known.items() if one.get("required") and key not in call.query):
        yield Deviation(call=name, side="request", at=key, says="required query")


def _of_value(schema: Json, value: Any, name: str, side: str) -> Iterator[Deviation]:
    """One for each place where the value is wrong, as deep as can be said."""
    seen: set[Deviation] = set()
    for error in _validator(schema).iter_errors(value):
        deepest = jsonschema.exceptions.best_match([error])
        seen.add(Deviation(call=name, side=side, at=_where(deepest), says=_says(deepest)))
    yield from sorted(seen)


def _where(error: Any) -> str:
    return "".join("[]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)


def _says(error: Any) -> str:
    """The keyword, and for what is too much or missing its name."""
    named = (
        re.findall(r"'(\w+)'", error.message)
        if error.validator in ("additionalProperties", "required")
        else []
    )
    of_it = named[-1] if error.validator == "additionalProperties" else named[0] if named else ""
    return f"{error.validator} {of_it}".strip()


def _resolved(value: Json) -> Json:
    """Follow a reference within the file, if it is one."""
    reference = value.get("$ref")
    if reference is None:
        return value
    found: Any = spec()
    for step in str(reference).removeprefix("#/").split("/"):
        found = found[step.replace("~1", "/")]
    return _resolved(found)
