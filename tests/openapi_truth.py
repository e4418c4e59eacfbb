"""Every answer of the API that a test gets is held against the OpenAPI document: status, type and body."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import httpx
from jsonschema import Draft202012Validator

from jackfield.web.api.openapi import document
from jackfield.web.api.registry import PREFIX
from jackfield.web.api.routes import endpoints

DOCUMENT: Mapping[str, Any] = document(
    endpoints(), url="http://127.0.0.1:8000", version="1", cookie="jackfield"
)
PATHS: list[tuple[re.Pattern[str], Mapping[str, Mapping[str, Any]]]] = [
    (re.compile(re.sub(r"{\w+}", "[^/]+", path)), operations)
    for path, operations in sorted(DOCUMENT["paths"].items(), key=lambda item: item[0].count("{"))
]


async def hold(response: httpx.Response) -> None:
    """An httpx event hook. Raises AssertionError for an answer the document does not know."""
    operation = operation_of(response.request)
    if operation is None:
        return
    await response.aread()
    case = f"{response.request.method} {response.request.url.path} answered {response.status_code}"
    said = operation["responses"].get(str(response.status_code))
    assert said is not None, f"{case}, which is not documented: {response.text[:300]}"
    if "content" not in said:
        assert response.content == b"", f"{case} with a body, which is not documented"
        return
    ((media_type, described),) = said["content"].items()
    assert response.headers["content-type"] == media_type, case
    validator = _validator(json.dumps(described["schema"]))
    faults = [f"{fault.json_path}: {fault.message[:200]}" for fault in validator.iter_errors(response.json())]  # pyright: ignore[reportUnknownMemberType]  # half typed
    assert faults == [], f"{case} with what is not documented"


def operation_of(request: httpx.Request) -> Mapping[str, Any] | None:
    """What the document says of this method of this path; None: nothing of the API."""
    path = request.url.path
    if not path.startswith(PREFIX):
        return None
    for pattern, operations in PATHS:
        if pattern.fullmatch(path):
            return operations.get(request.method.lower())
    return None


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator({**json.loads(schema), "components": DOCUMENT["components"]})
