"""The shop in the chat: what of it is shown, and the goods of the catalogue that is connected."""

from __future__ import annotations

import json
from collections.abc import Mapping

from jackfield.channel import CatalogItem, CatalogPage, Shop
from jackfield_whatsapp_api.payload import Node, decimal, listed, node, text

FIELDS = "id,retailer_id,name,description,price,currency,image_url,availability"
PAGE = "50"
QUERY = 100  # characters of a search
SOLD = frozenset({"in stock", "available for order", "preorder", "pending"})


def connected(answer: Node) -> str:
    """The id of the one catalogue an account can have; "" where there is none."""
    return next((found for item in listed(answer.get("data")) if (found := text(node(item).get("id")))), "")


def shop(catalog: str, answer: Node) -> Shop:
    said = next(map(node, listed(answer.get("data"))), node(None))
    return Shop(
        catalog=catalog,
        cart=said.get("is_cart_enabled") is True,
        visible=said.get("is_catalog_visible") is True,
    )


def settings(*, cart: bool, visible: bool) -> Mapping[str, str]:
    """The parameters that save it: the provider takes them from the address."""
    return {"is_cart_enabled": str(cart).lower(), "is_catalog_visible": str(visible).lower()}


def asked(query: str, after: str) -> Mapping[str, str]:
    """The parameters of a page. A search is for a part of the name or of the seller's own id."""
    found = {"fields": FIELDS, "limit": PAGE}
    if words := query.strip()[:QUERY]:
        parts = [{field: {"i_contains": words}} for field in ("name", "retailer_id")]
        found["filter"] = json.dumps({"or": parts}, ensure_ascii=False)
    return {**found, "after": after} if after else found


def page(answer: Node) -> CatalogPage:
    """Goods without the seller's id cannot be offered, and are left out."""
    return CatalogPage(
        items=tuple(
            item(said) for said in map(node, listed(answer.get("data"))) if text(said.get("retailer_id"))
        ),
        after=after(answer),
    )


def item(said: Node) -> CatalogItem:
    return CatalogItem(
        id=text(said.get("retailer_id")),
        name=text(said.get("name")),
        price=price(said),
        picture=text(said.get("image_url")),
        description=text(said.get("description")),
        available=text(said.get("availability")).lower().replace("_", " ") in SOLD,
    )


def price(said: Node) -> str:
    """As the provider writes it: mostly with its currency, which is put behind it where it is not."""
    amount, currency = decimal(said.get("price")), text(said.get("currency"))
    return f"{amount} {currency}" if amount and currency and not _has_currency(amount) else amount


def _has_currency(amount: str) -> bool:
    return any(not (sign.isdigit() or sign in " .,'\u00a0") for sign in amount)


def after(answer: Node) -> str:
    """What to ask with for the next page; "" where there is none."""
    paging = node(answer.get("paging"))
    return text(node(paging.get("cursors")).get("after")) if paging.get("next") else ""
