"""Checks of a send request against the documented shape and limits of each message type. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .errors import GraphError, invalid, missing
from .model import Json
from .reading import as_list, as_object, child, number, objects, text
from .validate_interactive import check_interactive

MEDIA = ("image", "video", "audio", "document", "sticker")
CAPTIONED = ("image", "video", "document")


def check_send(body: Json) -> str:
    """The type of a message that may be sent. Raises GraphError where the provider would refuse."""
    if body.get("messaging_product") != "whatsapp":
        raise GraphError(100, message="(#100) The parameter messaging_product is required.")
    if not body.get("to") and not body.get("recipient"):
        raise missing("to")
    if body.get("recipient_type", "individual") not in ("individual", "group"):
        raise invalid("recipient_type must be individual or group.")
    if len(str(body.get("biz_opaque_callback_data", ""))) > 512:
        raise GraphError(100, "Param biz_opaque_callback_data must be at most 512 characters long.")
    kind = body.get("type", "text")
    check = _CHECKS.get(kind) if isinstance(kind, str) else None
    if check is None:
        known = ", ".join(sorted(_CHECKS))
        raise GraphError(100, message=f"(#100) Param type must be one of {{{known}}} - got {kind!r}.")
    if "context" in body:
        text(child(body, "context"), "message_id", "context", most=512)
    if body.get(kind) is None:
        raise missing(kind)
    check(body[kind])
    return str(kind)


def _text(value: Any) -> None:
    text(as_object(value, "text"), "body", "text", most=4096)


def media_source(value: Json, where: str) -> None:
    """Either `id` or an http(s) `link`."""
    if value.get("id"):
        return
    link = text(value, "link", where, most=4096)
    if not link.startswith(("https://", "http://")):
        raise invalid(f"Param {where}.link is not a valid URI.")


def _media(kind: str) -> Callable[[Any], None]:
    def check(value: Any) -> None:
        found = as_object(value, kind)
        media_source(found, kind)
        if kind in CAPTIONED:
            text(found, "caption", kind, most=1024, least=0)
        elif "caption" in found:
            raise invalid(f"Param {kind}.caption is not supported.")
        if kind == "document":
            text(found, "filename", kind, most=240, least=0)

    return check


def _location(value: Any) -> None:
    found = as_object(value, "location")
    number(found, "latitude", "location", least=-90, most=90)
    number(found, "longitude", "location", least=-180, most=180)


def _contacts(value: Any) -> None:
    cards = objects(value, "contacts")
    if not cards:
        raise missing("contacts")
    for card in cards:
        name = child(card, "name", "contacts")
        text(name, "formatted_name", "contacts.name", most=1024)
        if not any(name.get(part) for part in ("first_name", "last_name", "middle_name", "prefix", "suffix")):
            raise missing("contacts.name.first_name")


def _reaction(value: Any) -> None:
    found = as_object(value, "reaction")
    text(found, "message_id", "reaction", most=512)
    if not isinstance(found.get("emoji"), str):
        raise missing("reaction.emoji")
    if len(found["emoji"]) > 16:
        raise invalid("Param reaction.emoji must be one emoji.")


def _template(value: Any) -> None:
    found = as_object(value, "template")
    text(found, "name", "template", most=512)
    text(child(found, "language", "template"), "code", "template.language", most=20)
    for component in objects(found.get("components") or [], "template.components"):
        kind = str(component.get("type", "")).lower()
        if kind not in ("header", "body", "button", "carousel", "limited_time_offer"):
            raise invalid(f"template.components: {kind!r} is not a component type.")
        as_list(component.get("parameters") or [], "template.components.parameters")


def _interactive(value: Any) -> None:
    check_interactive(as_object(value, "interactive"))


_CHECKS: dict[str, Callable[[Any], None]] = {
    "text": _text,
    **{kind: _media(kind) for kind in MEDIA},
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
    "template": _template,
    "interactive": _interactive,
}
