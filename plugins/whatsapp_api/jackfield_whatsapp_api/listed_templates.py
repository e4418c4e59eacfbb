"""Templates as the provider lists them, as a person picks one: with every place that wants a value."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from jackfield.channel import CarouselCard, Media, MediaSort, Option, Template

from .payload import Node, is_list, listed, name, node, text

HEADER_FILES: Mapping[str, MediaSort] = {
    "IMAGE": "image",
    "VIDEO": "video",
    "GIF": "gif",
    "DOCUMENT": "document",
}


def listed_template(said: Node) -> Template | None:
    """One of GET /{waba}/message_templates; None where it has no name or language to send it by."""
    called, language = text(said.get("name")), text(said.get("language"))
    if not called or not language:
        return None
    parts = _components(said)
    header, body = parts.get("HEADER", node(None)), parts.get("BODY", node(None))
    buttons, offer = (
        _buttons_of(parts),
        node(parts.get("LIMITED_TIME_OFFER", node(None)).get("limited_time_offer")),
    )
    cards = [*map(node, listed(parts.get("CAROUSEL", node(None)).get("cards")))]
    sort = HEADER_FILES.get(name(header.get("format")).upper())
    return Template(
        name=called,
        language=language,
        category=text(said.get("category")).lower(),
        header="" if sort else text(header.get("text")),
        header_media=Media(sort=sort, ref="") if sort else None,
        header_wants=HEADER_WANTS.get(name(header.get("format")).upper(), ""),
        body=text(body.get("text")),
        footer=text(parts.get("FOOTER", node(None)).get("text")),
        limited=text(offer.get("text")),
        buttons=tuple(_listed_button(button) for button in buttons),
        cards=tuple(map(_listed_card, cards)),
        parameters={
            **_examples(header, body, buttons),
            **({"deadline": ""} if offer.get("has_expiration") is True else {}),
            **_examples_of_cards(cards),
        },
    )


HEADER_WANTS: Mapping[str, Literal["location", "product"]] = {"LOCATION": "location", "PRODUCT": "product"}


def _components(said: Node) -> dict[str, Node]:
    """The components of a template, or of one of its cards, by their type."""
    return {name(part.get("type")).upper(): part for part in map(node, listed(said.get("components")))}


def _buttons_of(parts: Mapping[str, Node]) -> tuple[Node, ...]:
    return tuple(map(node, listed(parts.get("BUTTONS", node(None)).get("buttons"))))


def _listed_card(said: Node) -> CarouselCard:
    parts = _components(said)
    sort = HEADER_FILES.get(name(parts.get("HEADER", node(None)).get("format")).upper())
    return CarouselCard(
        media=Media(sort=sort, ref="") if sort else None,
        body=text(parts.get("BODY", node(None)).get("text")),
        options=tuple(_listed_button(button) for button in _buttons_of(parts)),
    )


def _examples_of_cards(cards: Sequence[Node]) -> dict[str, str]:
    found: dict[str, str] = {}
    for index, card in enumerate(cards):
        parts = _components(card)
        examples = _examples(node(None), parts.get("BODY", node(None)), _buttons_of(parts))
        found |= {f"card.{index}.{place}": value for place, value in examples.items()}
    return found


def _listed_button(said: Node) -> Option:
    return Option(
        id=name(said.get("type")).lower(),
        title=text(said.get("text")),
        url=text(said.get("url")),
        phone=text(said.get("phone_number")),
    )


def _examples(header: Node, body: Node, buttons: tuple[Node, ...]) -> dict[str, str]:
    """Every place that wants a value, with the example given when the template was made."""
    places = {**_places_in("header", header), **_places_in("body", body)}
    for index, button in enumerate(buttons):
        example = next(map(text, listed(button.get("example"))), "")
        if "{{" in text(button.get("url")) or name(button.get("type")).upper() == "COPY_CODE":
            places[f"button.{index}"] = example
    return places


def _places_in(where: str, part: Node) -> dict[str, str]:
    examples = _given(where, node(part.get("example")))
    wanted = dict.fromkeys(re.findall(r"\{\{\s*(\w+)\s*\}\}", text(part.get("text"))))
    return {f"{where}.{place}": examples.get(place, "") for place in wanted}


def _given(where: str, example: Node) -> dict[str, str]:
    """{"body_text": [["Anna", "5"]]}, {"header_text": ["Sale"]}, {"body_text_named_params": [...]}."""
    if named := listed(example.get(f"{where}_text_named_params")):
        return {text(said.get("param_name")): text(said.get("example")) for said in map(node, named)}
    values = listed(example.get(f"{where}_text"))
    if values and is_list(values[0]):
        values = values[0]
    return {str(place): text(value) for place, value in enumerate(values, start=1)}
