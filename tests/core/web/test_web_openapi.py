"""The OpenAPI document: valid, whole, and true."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest
from web_world import World

from jackfield.channel import Part
from jackfield.web.api.openapi import document, problems_of
from jackfield.web.api.registry import Api, Endpoint
from jackfield.web.api.routes import endpoints

DOCUMENT: dict[str, Any] = document(endpoints(), url="http://127.0.0.1:8000", version="1", cookie="jackfield")
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
OPERATIONS = [
    (method, path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
NAMES = [f"{method} {path}" for method, path, _ in OPERATIONS]


def test_every_schema_is_one() -> None:
    for schema in SCHEMAS.values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_every_reference_leads_somewhere() -> None:
    refs = set(re.findall(r'"\$ref": "([^"]*)"', json.dumps(DOCUMENT)))
    refs |= set(re.findall(r'"(#/[^"]*)"', json.dumps(DOCUMENT)))  # discriminators name schemas too
    assert refs
    assert [ref for ref in refs if ref.removeprefix("#/components/schemas/") not in SCHEMAS] == []


def test_names_are_such_as_openapi_allows() -> None:
    assert [name for name in SCHEMAS if not re.fullmatch(r"[A-Za-z0-9._-]+", name)] == []


def test_every_operation_has_its_own_id() -> None:
    ids = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=NAMES)
def test_an_operation_says_what_it_takes_answers_and_refuses(
    method: str, path: str, operation: dict[str, Any]
) -> None:
    assert operation["summary"].endswith((".", "?")), "a sentence"
    steps = [p["name"] for p in operation["parameters"] if p["in"] == "path"]
    assert steps == re.findall(r"{(\w+)}", path)
    assert all(p["required"] for p in operation["parameters"] if p["in"] == "path")
    responses = operation["responses"]
    assert ("200" in responses) != ("204" in responses)
    assert {"401", "403", "500", "503"} <= responses.keys()
    assert ("404" in responses) or not steps
    assert ("400" in responses) == ("application/json" in operation.get("requestBody", {}).get("content", {}))
    for status, response in responses.items():
        if int(status) >= 400:
            assert "application/problem+json" in response["content"]


def test_the_parts_of_a_message_are_described_though_they_are_not_parsed() -> None:
    items = SCHEMAS["MessageView"]["properties"]["parts"]["items"]
    assert items["discriminator"]["propertyName"] == "type"
    assert len(items["anyOf"]) == len(Part.__args__)


def test_the_document_is_open_to_read() -> None:
    schemes = DOCUMENT["components"]["securitySchemes"]
    assert all(set(need) <= schemes.keys() for need in DOCUMENT["security"])


async def test_the_document_is_served(site: World) -> None:
    answer = await site.browser().get("/api/v1/openapi.json")
    assert answer.json()["openapi"] == "3.1.0"
    assert answer.json()["paths"].keys() == DOCUMENT["paths"].keys()


async def test_every_endpoint_is_routed(site: World) -> None:
    browser = site.browser()
    for endpoint in endpoints():
        path = "/api/v1" + re.sub(r"{\w+}", "x", endpoint.path)
        answer = await browser.request(endpoint.method, path)
        assert answer.status_code == 401, f"{endpoint.method} {endpoint.path}"


def test_an_endpoint_whose_arguments_do_not_fit_its_path_is_not_taken() -> None:
    api = Api("test")

    async def wrong(call: object, other: str) -> None: ...

    with pytest.raises(TypeError, match="by its path"):
        api.get("/things/{thing}")(wrong)


def documented(endpoint: Endpoint) -> set[int]:
    return {200, 204, *problems_of(endpoint)}


def test_an_endpoint_with_a_body_refuses_what_is_none() -> None:
    for endpoint in endpoints():
        if endpoint.body is not None:
            assert {400, 413, 415, 422} <= documented(endpoint)
