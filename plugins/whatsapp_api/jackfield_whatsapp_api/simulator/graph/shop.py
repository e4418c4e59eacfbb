"""The shop in the chat: commerce settings, the catalogue of an account, its goods."""

from __future__ import annotations

from collections.abc import Callable
from zlib import crc32

from jackfield_whatsapp_api.simulator.errors import GraphError, unknown_object
from jackfield_whatsapp_api.simulator.kit import Catalogue, Goods
from jackfield_whatsapp_api.simulator.model import Json
from jackfield_whatsapp_api.simulator.reading import decode, objects

from .calls import Call
from .pages import page, pick

_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "eq": lambda value, wanted: value == wanted,
    "contains": lambda value, wanted: wanted in value,
    "i_contains": lambda value, wanted: wanted.lower() in value.lower(),
    "starts_with": lambda value, wanted: value.startswith(wanted),
}


async def get_settings(call: Call) -> Json:
    number = call.number()
    found: Json = {
        "id": f"9{number.id}",
        "is_cart_enabled": number.kit.cart,
        "is_catalog_visible": number.kit.visible,
    }
    return {"data": [found]}


async def post_settings(call: Call) -> Json:
    """From the query or the body, as texts or as truths."""
    kit, wanted = call.number().kit, {**call.query, **(call.json() if call.body else {})}
    if "is_cart_enabled" in wanted:
        kit.cart = _truth(wanted["is_cart_enabled"])
    if "is_catalog_visible" in wanted:
        kit.visible = _truth(wanted["is_catalog_visible"])
    return {"success": True}


def _truth(value: object) -> bool:
    if str(value).lower() not in ("true", "false"):
        raise GraphError(100, message="(#100) Param must be a boolean.")
    return str(value).lower() == "true"


async def get_catalogues(call: Call) -> Json:
    catalogue = call.account().catalogue
    items: list[Json] = [{"id": catalogue.id, "name": catalogue.name}] if catalogue else []
    return page(items, call.query, str(call.request.url.replace(query="")))


async def get_products(call: Call) -> Json:
    items = [_view(one) for one in _catalogue(call).goods]
    if said := call.query.get("filter"):
        rule = decode(said.encode())
        items = [one for one in items if fits(one, rule)]
    fields = call.query.get("fields")
    return page([pick(one, fields) for one in items], call.query, str(call.request.url.replace(query="")))


def _catalogue(call: Call) -> Catalogue:
    for account in call.world.state.accounts.values():
        found = account.catalogue
        if found and found.id == call.id and account.id in call.open:
            return found
    raise unknown_object(call.id)


def _view(goods: Goods) -> Json:
    return {
        "id": str(crc32(goods.retailer_id.encode())),
        "retailer_id": goods.retailer_id,
        "name": goods.name,
        "description": goods.description,
        "price": goods.price,
        "currency": goods.currency,
        "image_url": goods.image_url,
        "availability": goods.availability,
    }


def fits(item: Json, rule: Json) -> bool:
    """Whether goods fit a filter: `{"or": […]}`, `{"and": […]}` or `{field: {operator: value}}`."""
    if "or" in rule:
        return any(fits(item, one) for one in objects(rule["or"], "filter.or"))
    if "and" in rule:
        return all(fits(item, one) for one in objects(rule["and"], "filter.and"))
    return all(_compared(item, field, test) for field, test in rule.items())


def _compared(item: Json, field: str, test: object) -> bool:
    if field not in item or not isinstance(test, dict):
        raise GraphError(100, message=f"(#100) filter: {field!r} cannot be compared")
    for operator, wanted in objects([test], "filter")[0].items():
        known = _OPERATORS.get(operator)
        if known is None:
            raise GraphError(100, message=f"(#100) filter: unknown operator {operator!r}")
        if not known(str(item[field]), str(wanted)):
            return False
    return True
