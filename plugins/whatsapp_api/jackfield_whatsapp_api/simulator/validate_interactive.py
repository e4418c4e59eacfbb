"""Checks of `interactive` messages: buttons, lists, links, requests, products. Pure."""

from __future__ import annotations

from collections.abc import Callable

from .errors import invalid, missing
from .model import Json
from .reading import child, objects, text


def check_interactive(value: Json) -> None:
    """Raises GraphError where the provider would refuse."""
    kind = value.get("type")
    check = _CHECKS.get(kind) if isinstance(kind, str) else None
    if check is None:
        raise invalid(f"interactive.type must be one of {{{', '.join(sorted(_CHECKS))}}} - got {kind!r}.")
    if kind not in _WITHOUT_BODY:
        text(child(value, "body", "interactive"), "text", "interactive.body", most=_BODY.get(str(kind), 1024))
    if value.get("header") is not None:
        header = child(value, "header", "interactive")
        if header.get("type") == "text":
            text(header, "text", "interactive.header", most=60)
    if value.get("footer") is not None:
        text(child(value, "footer", "interactive"), "text", "interactive.footer", most=60)
    check(child(value, "action", "interactive") if kind not in _WITHOUT_ACTION else {})


def _buttons(action: Json) -> None:
    buttons = objects(action.get("buttons") or [], "interactive.action.buttons")
    if not 1 <= len(buttons) <= 3:
        raise invalid("interactive.action.buttons must have 1 to 3 buttons.")
    seen: set[str] = set()
    for button in buttons:
        reply = child(button, "reply", "interactive.action.buttons")
        seen.add(text(reply, "id", "reply", most=256))
        text(reply, "title", "reply", most=20)
    if len(seen) != len(buttons):
        raise invalid("interactive.action.buttons: ids must differ.")


def _list(action: Json) -> None:
    text(action, "button", "interactive.action", most=20)
    sections = objects(action.get("sections") or [], "interactive.action.sections")
    if not 1 <= len(sections) <= 10:
        raise invalid("interactive.action.sections must have 1 to 10 sections.")
    rows = 0
    for section in sections:
        text(section, "title", "section", most=24, least=1 if len(sections) > 1 else 0)
        of_section = objects(section.get("rows") or [], "section.rows")
        if not of_section:
            raise missing("section.rows")
        for row in of_section:
            text(row, "id", "row", most=200)
            text(row, "title", "row", most=24)
            text(row, "description", "row", most=72, least=0)
        rows += len(of_section)
    if rows > 10:
        raise invalid("interactive.action.sections: at most 10 rows in all.")


def _link(action: Json) -> None:
    parameters = child(action, "parameters", "interactive.action")
    text(parameters, "display_text", "parameters", most=20)
    url = text(parameters, "url", "parameters", most=2000)
    if not url.startswith(("https://", "http://")):
        raise invalid("parameters.url is not a valid URI.")


def _flow(action: Json) -> None:
    parameters = child(action, "parameters", "interactive.action")
    text(parameters, "flow_cta", "parameters", most=30)
    if not parameters.get("flow_id") and not parameters.get("flow_name"):
        raise missing("parameters.flow_id")


def _product(action: Json) -> None:
    text(action, "catalog_id", "interactive.action", most=64)
    text(action, "product_retailer_id", "interactive.action", most=100)


def _products(action: Json) -> None:
    text(action, "catalog_id", "interactive.action", most=64)
    sections = objects(action.get("sections") or [], "interactive.action.sections")
    items = sum(len(objects(one.get("product_items") or [], "product_items")) for one in sections)
    if not 1 <= len(sections) <= 10 or not 1 <= items <= 30:
        raise invalid("interactive.action.sections: 1 to 10 sections and 1 to 30 products in all.")


def _carousel(action: Json) -> None:
    cards = objects(action.get("cards") or [], "interactive.action.cards")
    if not 2 <= len(cards) <= 10:
        raise invalid("interactive.action.cards must have 2 to 10 cards.")


def _named(action: Json) -> None:
    text(action, "name", "interactive.action", most=60)


def _anything(_action: Json) -> None:
    """Nothing in it is checked."""


_BODY = {"list": 4096}
_WITHOUT_BODY = frozenset({"product", "contact_request"})
_WITHOUT_ACTION = frozenset({"contact_request"})
_CHECKS: dict[str, Callable[[Json], None]] = {
    "button": _buttons,
    "list": _list,
    "cta_url": _link,
    "location_request_message": _named,
    "address_message": _named,
    "flow": _flow,
    "product": _product,
    "product_list": _products,
    "catalog_message": _named,
    "carousel": _carousel,
    "voice_call": _named,
    "call_permission_request": _anything,
    "request_contact_info": _named,
    "contact_request": _anything,
}
