"""Every answer of the API that a test gets is held against the OpenAPI document: status, type and body."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import httpx
import pytest
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


@contextmanager
def held() -> Generator[None]:
    """As long as this is open, whatever any client of httpx or aiohttp is answered is held."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpx.AsyncClient, "send", _httpx(httpx.AsyncClient.send))
        patch.setattr(aiohttp.ClientSession, "_request", _aiohttp(aiohttp.ClientSession._request))  # pyright: ignore[reportPrivateUsage]  # what every verb goes through
        yield


def _httpx(send: Callable[..., Awaitable[httpx.Response]]) -> Callable[..., Awaitable[httpx.Response]]:
    async def checked(*args: Any, **options: Any) -> httpx.Response:
        response = await send(*args, **options)
        method, url = response.request.method, str(response.request.url)
        if operation_of(method, url) is not None:
            body = await response.aread()
            check(method, url, response.status_code, response.headers.get("content-type", ""), body)
        return response

    return checked


def _aiohttp(
    request: Callable[..., Awaitable[aiohttp.ClientResponse]],
) -> Callable[..., Awaitable[aiohttp.ClientResponse]]:
    async def checked(*args: Any, **options: Any) -> aiohttp.ClientResponse:
        response = await request(*args, **options)
        method, url = response.method, str(response.url)
        if operation_of(method, url) is not None:
            body = await response.read()
            check(method, url, response.status, response.headers.get("content-type", ""), body)
        return response

    return checked


def check(method: str, url: str, status: int, media_type: str, body: bytes) -> None:
    """Raises AssertionError for an answer the document does not know; what is not the API's is let by."""
    operation = operation_of(method, url)
    if operation is None:
        return
    case = f"{method} {urlsplit(url).path} answered {status}"
    said = operation["responses"].get(str(status))
    assert said is not None, f"{case}, which is not documented: {body[:300]!r}"
    if "content" not in said:
        assert body == b"", f"{case} with a body, which is not documented"
        return
    assert media_type in said["content"], f"{case} as {media_type}"
    if media_type.startswith("image/"):
        return
    described = said["content"][media_type]
    validator = _validator(json.dumps(described["schema"]))
    found = validator.iter_errors(json.loads(body))  # pyright: ignore[reportUnknownMemberType]  # half typed
    faults = [f"{fault.json_path}: {fault.message[:200]}" for fault in found]
    assert faults == [], f"{case} with what is not documented"


def operation_of(method: str, url: str) -> Mapping[str, Any] | None:
    """What the document says of this method of this address; None: nothing of the API."""
    path = urlsplit(url).path
    if not path.startswith(PREFIX):
        return None
    for pattern, operations in PATHS:
        if pattern.fullmatch(path):
            return operations.get(method.lower())
    return None


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator({**json.loads(schema), "components": DOCUMENT["components"]})
