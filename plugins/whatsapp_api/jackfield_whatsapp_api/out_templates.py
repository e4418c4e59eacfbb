"""Outbound templates: the components of one that is sent, each with the values of its places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, assert_never

from jackfield.channel import (
    CarouselCard,
    MediaSort,
    Moment,
    Money,
    Option,
    Product,
    Rejected,
    Template,
)

from . import limits
from .out_cards import place
from .out_choices import json_object, minutes
from .out_files import Uploads, header
from .out_products import sections

Body = dict[str, Any]
Values = dict[str, str]

NAME = re.compile(r"[a-z0-9_]{1,512}")
PLACE = re.compile(
    r"(?:card\.(?P<card>\d+)\.)?(?P<where>header|body|button)\.(?P<place>\w+)(?:\.(?P<more>\w+))?"
)
DEADLINE = "deadline"
FILES_ABOVE: tuple[MediaSort, ...] = ("image", "video", "gif", "document")


class Places:
    """The values of a template by where they belong. Raises Rejected for a place that cannot be one."""

    def __init__(self, part: Template) -> None:
        self.exact = part.exact
        self.deadline = part.parameters.get(DEADLINE, "")
        self._values: dict[tuple[str, str], Values] = {}
        for key, value in part.parameters.items():
            if not value:
                raise Rejected(f"template: the parameter {key} is empty")
            if key != DEADLINE:
                self._put(key, value)
        if unknown := part.exact.keys() - part.parameters.keys():
            raise Rejected(f"template: {min(unknown)} has no words for apps that cannot write it")

    def _put(self, key: str, value: str) -> None:
        found = PLACE.fullmatch(key)
        if found is None:
            raise Rejected(f"template: {key!r} is no place for a parameter")
        card, where, name, more = found.group("card", "where", "place", "more")
        if where == "button" and not name.isdecimal():
            raise Rejected(f"template: {key} is not the place of a button")
        if more and where != "button":
            raise Rejected(f"template: {key!r} is no place for a parameter")
        prefix = "" if card is None else f"card.{int(card)}."
        self._values.setdefault((prefix, where), {})[f"{name}.{more}" if more else name] = value

    def of(self, where: str, card: int | None = None) -> Values:
        """The values of a header, a body or the buttons, by the rest of their place."""
        return self._values.get(("" if card is None else f"card.{card}.", where), {})

    def cards(self) -> set[int]:
        return {int(prefix.split(".")[1]) for prefix, _ in self._values if prefix}


def template(part: Template, uploads: Uploads) -> Body:
    """What goes under `template`. Raises Rejected for a name or a place that cannot be one, and for a text
    that its values make too long."""
    if not NAME.fullmatch(part.name):
        raise Rejected("template: a name has 1 to 512 of a-z, 0-9 and _")
    if not part.language:
        raise Rejected("template: the language is missing")
    said: Body = {"name": part.name, "language": {"code": part.language}}
    if components := [*_components(part, uploads)]:
        said["components"] = components
    return said


def _components(part: Template, uploads: Uploads) -> Iterator[Body]:
    places = Places(part)
    if above := _header(part, places, uploads):
        yield {"type": "header", "parameters": above}
    if body := places.of("body"):
        limits.at_most("body", part.body, limits.BODY)
        yield {"type": "body", "parameters": _parameters("body", body, places.exact)}
    if places.deadline:
        yield _deadline(places.deadline)
    yield from _buttons(part.buttons, _codes(part, places), part.offer)
    if part.cards:
        yield _carousel(part, places, uploads)
    elif places.cards():
        raise Rejected("template: it has values for cards, but no cards")


def _header(part: Template, places: Places, uploads: Uploads) -> list[Body]:
    if part.header_media:
        return [header(part.header_media, uploads, *FILES_ABOVE)]
    match part.header_wants:
        case "location":
            if part.header_location is None:
                raise Rejected("header: the place is missing")
            return [{"type": "location", "location": place(part.header_location)}]
        case "product":
            return [
                _product(part.offer, part.offer.products[0] if part.offer and part.offer.products else "")
            ]
        case "":
            if values := places.of("header"):
                limits.at_most("header", part.header, limits.SMALL)
                return _parameters("header", values, places.exact)
            return []
        case _:
            assert_never(part.header_wants)


def _product(offer: Product | None, product: str) -> Body:
    if offer is None or not offer.catalog or not product:
        raise Rejected("template: the product and its catalogue are missing")
    return {"type": "product", "product": {"product_retailer_id": product, "catalog_id": offer.catalog}}


def _parameters(where: str, values: Values, exact: Mapping[str, Money | Moment]) -> list[Body]:
    """By number, in order; or by name. A template has either."""
    numbered = [key for key in values if key.isdecimal()]
    if not numbered:
        return [
            {**_value(value, exact.get(f"{where}.{key}")), "parameter_name": key}
            for key, value in values.items()
        ]
    if len(numbered) != len(values):
        raise Rejected(f"template: parameters of the {where} are numbered or named, not both")
    wanted = [str(number) for number in range(1, len(values) + 1)]
    if missing := [key for key in wanted if key not in values]:
        raise Rejected(f"template: the parameter {where}.{missing[0]} is missing")
    return [_value(values[key], exact.get(f"{where}.{key}")) for key in wanted]


def _value(words: str, exact: Money | Moment | None) -> Body:
    """A text; or money and moments with the text for apps that cannot write them."""
    match exact:
        case None:
            return {"type": "text", "text": words}
        case Money():
            money = {"fallback_value": words, "code": exact.currency, "amount_1000": _thousandths(exact)}
            return {"type": "currency", "currency": money}
        case Moment():
            return {"type": "date_time", "date_time": {"fallback_value": words}}
        case _:
            assert_never(exact)


def _thousandths(money: Money) -> int:
    try:
        return int(Decimal(money.amount) * 1000)
    except (InvalidOperation, ValueError, OverflowError):
        raise Rejected(f"template: {money.amount!r} is no amount of money") from None


def _deadline(said: str) -> Body:
    """When a limited offer ends."""
    try:
        ends = datetime.fromisoformat(said)
    except ValueError:
        raise Rejected(f"template: {said!r} is no moment") from None
    if ends.tzinfo is None:
        raise Rejected(f"template: {said!r} does not say its time zone")
    offer = {"expiration_time_ms": int(ends.timestamp() * 1000)}
    return {
        "type": "limited_time_offer",
        "parameters": [{"type": "limited_time_offer", "limited_time_offer": offer}],
    }


# -- buttons ------------------------------------------------------------------------------------------


def _codes(part: Template, places: Places) -> Values:
    """The values of the buttons; the code of an authentication template is on its button too."""
    values = dict(places.of("button"))
    code = places.of("body").get("1", "")
    if part.category.lower() == "authentication" and code:
        limits.at_most("code", code, limits.OTP)
        for index, button in enumerate(part.buttons):
            if button.id in ("otp", "url"):
                values.setdefault(str(index), code)
    return values


def _buttons(buttons: tuple[Option, ...], values: Values, offer: Product | None) -> Iterator[Body]:
    given = {int(key.partition(".")[0]) for key in values}
    wanted = {index for index, button in enumerate(buttons) if offer and button.id in ("catalog", "mpm")}
    for index in sorted(given | wanted):
        kind = _kind(buttons, index)
        sub_type, parameters = _button(kind, index, values, offer)
        yield {"type": "button", "sub_type": sub_type, "index": str(index), "parameters": parameters}


def _kind(buttons: tuple[Option, ...], index: int) -> str:
    """As listed; for a template that was not listed, from what the button looks like."""
    if index >= len(buttons):
        return "url"
    button = buttons[index]
    return button.id or ("url" if button.url else "quick_reply")


def _button(kind: str, index: int, values: Values, offer: Product | None) -> tuple[str, list[Body]]:
    """What the API calls the button in a message, and what it takes."""
    value, at = values.get(str(index), ""), f"button.{index}"
    more = {key.partition(".")[2] for key in values if key.startswith(f"{index}.")}
    if extra := more - EXTRAS.get(kind, frozenset()):
        raise Rejected(f"template: {at}.{min(extra)} is no place for a parameter")
    match kind:
        case "quick_reply" | "url" | "otp" | "copy_code":
            sub_type, parameter, most = SIMPLE[kind]
            return sub_type, [{"type": parameter, parameter: limits.some(at, value, most)}]
        case "flow":
            return kind, [{"type": "action", "action": _flow(index, values)}]
        case "catalog" | "mpm":
            return kind, [{"type": "action", "action": _shown(kind, value, offer)}]
        case "voice_call":
            return kind, _call(index, values)
        case _:
            raise Rejected(f"template: a button of type {kind} takes no parameter")


SIMPLE: Mapping[str, tuple[str, str, int]] = {
    "quick_reply": ("quick_reply", "payload", limits.PAYLOAD),
    "url": ("url", "text", limits.URL),
    "otp": ("url", "text", limits.OTP),
    "copy_code": ("copy_code", "coupon_code", limits.COUPON),
}
"""A button's type → what the API calls it in a message, the type of its parameter, and its length."""

EXTRAS: Mapping[str, frozenset[str]] = {"flow": frozenset({"values"}), "voice_call": frozenset({"minutes"})}
"""What a button of a type takes beside its value."""


def _flow(index: int, values: Values) -> Body:
    action: Body = {}
    if token := values.get(str(index)):
        action["flow_token"] = token
    if data := values.get(f"{index}.values"):
        action["flow_action_data"] = json_object(f"button.{index}.values", data)
    return action


def _call(index: int, values: Values) -> list[Body]:
    parameters: list[Body] = []
    if said := values.get(f"{index}.minutes"):
        parameters.append({"type": "ttl_minutes", "ttl_minutes": minutes(said)})
    if payload := values.get(str(index)):
        said = limits.at_most(f"button.{index}", payload, limits.CALL_PAYLOAD)
        parameters.append({"type": "payload", "payload": said})
    return parameters


def _shown(kind: str, thumbnail: str, offer: Product | None) -> Body:
    """What a button shows of the catalogue, with the product on its picture."""
    picture = thumbnail or (offer.products[0] if offer and offer.products else "")
    if kind == "catalog":
        if not picture:
            raise Rejected("template: the product for the catalogue's picture is missing")
        return {"thumbnail_product_retailer_id": picture}
    if offer is None:
        raise Rejected("template: the products are missing")
    shown = sections(offer)
    picture = picture or shown[0]["product_items"][0]["product_retailer_id"]
    return {"thumbnail_product_retailer_id": picture, "sections": shown}


# -- cards --------------------------------------------------------------------------------------------


def _carousel(part: Template, places: Places, uploads: Uploads) -> Body:
    if len(part.cards) > limits.CARDS:
        raise Rejected(f"cards: {len(part.cards)}, at most {limits.CARDS} are allowed")
    if beyond := [index for index in places.cards() if index >= len(part.cards)]:
        raise Rejected(f"template: there is no card {min(beyond)}")
    cards = [
        {"card_index": index, "components": [*_card(card, index, part.offer, places, uploads)]}
        for index, card in enumerate(part.cards)
    ]
    return {"type": "carousel", "cards": cards}


def _card(
    card: CarouselCard, index: int, offer: Product | None, places: Places, uploads: Uploads
) -> Iterator[Body]:
    if card.media is not None:
        yield {"type": "header", "parameters": [header(card.media, uploads, "image", "video")]}
    else:
        yield {"type": "header", "parameters": [_product(offer, card.product)]}
    if body := places.of("body", index):
        limits.at_most(f"card.{index}.body", card.body, limits.CARD_BODY)
        yield {"type": "body", "parameters": _parameters("body", body, _exact_of(index, places))}
    yield from _buttons(card.options, places.of("button", index), None)


def _exact_of(card: int, places: Places) -> Mapping[str, Money | Moment]:
    """What belongs to one card, by its place on the card."""
    prefix = f"card.{card}."
    return {key.removeprefix(prefix): value for key, value in places.exact.items() if key.startswith(prefix)}
