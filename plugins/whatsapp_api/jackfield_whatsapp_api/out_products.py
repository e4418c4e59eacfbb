"""Outbound products of a catalogue, and cards side by side."""

from __future__ import annotations

from typing import Any

from jackfield.channel import Carousel, CarouselCard, Product, Rejected

from . import limits
from .out_choices import link
from .out_files import Uploads, header

Body = dict[str, Any]


def products(part: Product) -> Body:
    """What goes under `interactive`: one product, several under headings, or the whole catalogue."""
    if part.whole:
        return _catalogue(part)
    if not part.catalog:
        raise Rejected("products: the catalogue is missing")
    if part.sections or len(part.products) > 1:
        return _several(part)
    if len(part.products) != 1:
        raise Rejected("products: there is none")
    if part.header:
        raise Rejected("header: one product has none")
    said: Body = {"type": "product", **_words(part)}
    return {**said, "action": {"catalog_id": part.catalog, "product_retailer_id": part.products[0]}}


def _catalogue(part: Product) -> Body:
    if part.sections or len(part.products) > 1 or part.header:
        raise Rejected("catalogue: it takes one product for its picture, no sections and no header")
    limits.some("body", part.body, limits.BODY)
    action: Body = {"name": "catalog_message"}
    if part.products:
        action["parameters"] = {"thumbnail_product_retailer_id": part.products[0]}
    return {"type": "catalog_message", **_words(part), "action": action}


def _several(part: Product) -> Body:
    limits.some("body", part.body, limits.BODY)
    said: Body = {
        "type": "product_list",
        "header": {"type": "text", "text": limits.some("header", part.header, limits.SMALL)},
        **_words(part),
    }
    return {**said, "action": {"catalog_id": part.catalog, "sections": sections(part)}}


def sections(part: Product) -> list[Body]:
    """Products under their headings; those without one are a section of their own."""
    given = [(section.title, section.products) for section in part.sections]
    if part.products and not part.sections:
        given = [("", part.products)]
    limits.count("sections", len(given), limits.SECTIONS)
    limits.count("products", sum(len(items) for _, items in given), limits.PRODUCTS)
    if len(given) > 1 and not all(title and items for title, items in given):
        raise Rejected("sections: each needs a title and a product where there are several")
    return [_section(title, items) for title, items in given]


def _section(title: str, items: tuple[str, ...]) -> Body:
    said: Body = {"product_items": [{"product_retailer_id": item} for item in items]}
    if title:
        said["title"] = limits.at_most("section title", title, limits.SECTION_TITLE)
    return said


def _words(part: Product) -> Body:
    said: Body = {}
    if part.body:
        said["body"] = {"text": limits.at_most("body", part.body, limits.BODY)}
    if part.footer:
        said["footer"] = {"text": limits.at_most("footer", part.footer, limits.SMALL)}
    return said


# -- cards --------------------------------------------------------------------------------------------


def carousel(part: Carousel, uploads: Uploads) -> Body:
    """What goes under `interactive`. The cards must be alike: all products, or files with the same
    number of the same buttons."""
    body = {"text": limits.some("body", part.body, limits.BODY)}
    if not limits.LEAST_CARDS <= len(part.cards) <= limits.CARDS:
        raise Rejected(f"cards: {len(part.cards)}, from {limits.LEAST_CARDS} to {limits.CARDS} are allowed")
    if len({_shape(card) for card in part.cards}) != 1:
        raise Rejected("cards: all must have the same kind and number of buttons")
    cards = [
        {"card_index": index, **_card(card, part.catalog, uploads)} for index, card in enumerate(part.cards)
    ]
    return {"type": "carousel", "body": body, "action": {"cards": cards}}


def _shape(card: CarouselCard) -> tuple[bool, tuple[bool, ...]]:
    return bool(card.product), tuple(bool(option.url) for option in card.options)


def _card(card: CarouselCard, catalog: str, uploads: Uploads) -> Body:
    if card.product:
        if not catalog:
            raise Rejected("cards: the catalogue is missing")
        if card.media or card.body or card.options:
            raise Rejected("cards: a product shows itself, and nothing else")
        action = {"product_retailer_id": card.product, "catalog_id": catalog}
        return {"type": "product", "action": action}
    if card.media is None:
        raise Rejected("cards: each needs a picture or a video")
    said: Body = {"type": "cta_url", "header": header(card.media, uploads, "image", "video")}
    if card.body:
        if card.body.count("\n") > limits.CARD_BREAKS:
            raise Rejected(f"card: at most {limits.CARD_BREAKS} line breaks are allowed")
        said["body"] = {"text": limits.at_most("card", card.body, limits.CARD_BODY)}
    return {**said, "action": _card_action(card)}


def _card_action(card: CarouselCard) -> Body:
    links = [option for option in card.options if option.url]
    if links:
        if len(card.options) != 1:
            raise Rejected("cards: either one link or buttons")
        return link(links[0])
    limits.count("card buttons", len(card.options), limits.BUTTONS)
    return {
        "buttons": [
            {
                "type": "quick_reply",
                "quick_reply": {
                    "id": limits.some("button id", option.id, limits.BUTTON_ID),
                    "title": limits.some("button title", option.title, limits.BUTTON_TITLE),
                },
            }
            for option in card.options
        ]
    }
