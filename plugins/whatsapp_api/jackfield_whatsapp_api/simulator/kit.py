"""What a number and an account have beside their messages: links, shop, username, what the app offers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct, field


class Link(Struct, kw_only=True):
    """A short link: `code` is the end of its address and the content of its QR code."""

    code: str
    text: str
    at: datetime

    @property
    def url(self) -> str:
        return f"https://wa.me/message/{self.code}"


class Goods(Struct, frozen=True, kw_only=True):
    """One product of a catalogue. `price` as the provider writes it, with its currency."""

    retailer_id: str
    name: str
    price: str = "$1.00"
    currency: str = "USD"
    description: str = ""
    image_url: str = ""
    availability: str = "in stock"


class Catalogue(Struct, kw_only=True):
    id: str
    name: str
    goods: list[Goods] = field(default_factory=list[Goods])


class Kit(Struct, kw_only=True):
    """Of a number. `offers` is its conversational automation; `username_state`: "reserved" or "approved"."""

    links: dict[str, Link] = field(default_factory=dict[str, Link])  # by code
    cart: bool = True
    visible: bool = False
    username: str = ""
    username_state: str = ""
    offers: dict[str, Any] = field(default_factory=dict[str, Any])
    picture: str = ""  # the upload it was taken from
