"""Which handler answers which path of the Graph API, under any /vN.N prefix."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from jackfield_whatsapp_api.simulator.errors import GraphError, unknown_object
from jackfield_whatsapp_api.simulator.model import Json
from jackfield_whatsapp_api.simulator.world import World

from . import (
    accounts,
    analytics,
    automation,
    blocking,
    businesses,
    enrolling,
    links,
    media,
    messages,
    numbers,
    profile,
    shop,
    template_edges,
    templates,
    uploads,
)
from .calls import Call, Handler, serve

EDGES: dict[str, dict[str, Handler]] = {
    "messages": {"POST": messages.post_message, "PUT": messages.post_message},
    "marketing_messages": {"POST": messages.post_marketing},
    "media": {"POST": media.post_media},
    "message_templates": {
        "GET": templates.get_templates,
        "POST": templates.post_templates,
        "DELETE": templates.delete_templates,
    },
    "message_templates/archive": {"POST": template_edges.post_archive},
    "message_templates/unarchive": {"POST": template_edges.post_unarchive},
    "upsert_message_templates": {"POST": template_edges.post_upsert},
    "migrate_message_templates": {"POST": template_edges.post_migrate},
    "compare": {"GET": template_edges.get_compare},
    "unpause": {"POST": template_edges.post_unpause},
    "phone_numbers": {"GET": accounts.get_numbers, "POST": enrolling.post_phone_numbers},
    "request_code": {"POST": enrolling.request_code},
    "verify_code": {"POST": enrolling.verify_code},
    "smb_app_data": {"POST": enrolling.post_app_data},
    "businesses": {"GET": businesses.get_businesses},
    "permissions": {"GET": businesses.get_permissions},
    "owned_whatsapp_business_accounts": {"GET": businesses.get_owned},
    "client_whatsapp_business_accounts": {"GET": businesses.get_client},
    "subscribed_apps": {
        "GET": accounts.get_subscribed,
        "POST": accounts.post_subscribed,
        "DELETE": accounts.delete_subscribed,
    },
    "whatsapp_business_profile": {"GET": profile.get_profile, "POST": profile.post_profile},
    "username": {
        "GET": profile.get_username,
        "POST": profile.post_username,
        "DELETE": profile.delete_username,
    },
    "username_suggestions": {"GET": profile.get_suggestions},
    "whatsapp_commerce_settings": {"GET": shop.get_settings, "POST": shop.post_settings},
    "product_catalogs": {"GET": shop.get_catalogues},
    "products": {"GET": shop.get_products},
    "message_qrdls": {"GET": links.get_links, "POST": links.post_link},
    "message_qrdls/{code}": {"GET": links.get_link, "DELETE": links.delete_link},
    "conversational_automation": {"POST": automation.post_automation},
    "template_analytics": {"GET": analytics.get_templates},
    "register": {"POST": enrolling.register},
    "deregister": {"POST": enrolling.deregister},
    "block_users": {
        "GET": blocking.get_blocked,
        "POST": blocking.post_block,
        "DELETE": blocking.delete_block,
    },
    "uploads": {"POST": uploads.post_uploads},
}

UNVERSIONED = ("message_templates/archive", "message_templates/unarchive")
"""On another host over there, and without a version before them."""


NAMED: dict[str, dict[str, Handler]] = {
    "message_template_library": {"GET": template_edges.get_library},
    "debug_token": {"GET": businesses.debug_token},
}
"""What has a name in the place of an id."""


def _node(call: Call) -> dict[str, Handler]:
    """An id alone: what it is says what can be done with it."""
    state = call.world.state
    if call.id in NAMED:
        return NAMED[call.id]
    if call.id in state.numbers:
        return {"GET": numbers.get_number, "POST": numbers.post_number}
    if call.id in state.accounts:
        return {"GET": accounts.get_account, "POST": analytics.post_account}
    if call.id in state.templates:
        return {"GET": templates.get_template, "POST": templates.post_template}
    if call.id in state.media:
        return {"GET": media.get_media, "DELETE": media.delete_media}
    if call.id in state.uploads:
        return {"GET": uploads.get_upload, "POST": uploads.post_upload}
    raise unknown_object(call.id)


async def _any_node(call: Call) -> Json:
    handler = _node(call).get(call.request.method)
    if handler is None:
        raise unknown_object(call.id)
    return await handler(call)


async def _no_such_path(call: Call) -> Json:
    raise GraphError(2500, message=f"Unknown path components: {call.request.url.path}")


METHODS = ["GET", "POST", "PUT", "DELETE"]


def graph_routes(world: World) -> list[Route]:
    def route(path: str, handlers: dict[str, Handler]) -> Route:
        async def endpoint(request: Request) -> Response:
            return await serve(world, request, handlers)

        return Route(path, endpoint, methods=METHODS)

    def plain(path: str, work: Callable[[World, Request], Awaitable[Response]]) -> Route:
        async def endpoint(request: Request) -> Response:
            return await work(world, request)

        return Route(path, endpoint, methods=["GET"])

    version = "/v{version:float}"
    edges = [route(f"{version}/{{id}}/{edge}", handlers) for edge, handlers in EDGES.items()]
    return [
        plain("/media/{id}", media.download),
        plain("/examples/{id}", uploads.example),
        *(route(f"/{{id}}/{edge}", EDGES[edge]) for edge in UNVERSIONED),
        plain("/qr/{code}.{form}", links.picture),
        *edges,
        route(f"{version}/{{id}}", dict.fromkeys(METHODS, _any_node)),
        route(f"{version}/{{id}}/{{rest:path}}", dict.fromkeys(METHODS, _no_such_path)),
    ]
