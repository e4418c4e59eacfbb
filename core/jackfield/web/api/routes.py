"""All endpoints of the API, and the document that describes them."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from jackfield.web.auth.cookies import cookie_name
from jackfield.web.auth.door import Door
from jackfield.web.parts import Parts

from . import (
    blocking,
    business,
    channels,
    contacts,
    conversations,
    copying,
    costs,
    deliveries,
    designs,
    invitations,
    logins,
    me,
    messages,
    protecting,
    search,
    standing,
    tokens,
    uploads,
    workspaces,
)
from .openapi import document
from .registry import PREFIX, Endpoint, route

SUBJECTS = (
    me.api,
    workspaces.api,
    invitations.api,  # before a channel is read where their name stands
    channels.api,
    logins.api,
    business.api,
    standing.api,
    protecting.api,
    blocking.api,
    designs.api,
    copying.api,
    costs.api,
    conversations.api,
    messages.api,
    search.api,
    contacts.api,
    contacts.labels_api,
    uploads.api,
    deliveries.api,
    tokens.api,
)


def endpoints() -> Sequence[Endpoint]:
    return [endpoint for subject in SUBJECTS for endpoint in subject.endpoints]


def routes(parts: Parts, door: Door) -> list[BaseRoute]:
    settings = parts.settings
    described = document(
        endpoints(), url=settings.url, version=version("jackfield"), cookie=cookie_name(settings)
    )
    encoded = msgspec.json.encode(described)

    async def openapi(_request: Request) -> Response:
        return Response(encoded, media_type="application/json")

    return [
        Route(f"{PREFIX}/openapi.json", openapi, methods=["GET"]),
        *(route(parts, door, endpoint) for endpoint in endpoints()),
    ]
