"""A design as the message that is sent of it, with its blanks still open. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from jackfield.channel import (
    CarouselCard,
    HeaderForm,
    Media,
    MediaSort,
    Option,
    Template,
    TemplateButton,
    TemplateCard,
    TemplateDesign,
    TemplateHeader,
)

from .words import BUTTONS, PLACE

SORTS: Mapping[HeaderForm, MediaSort] = {"image": "image", "video": "video", "document": "document"}
WANTS: Mapping[HeaderForm, Literal["location", "product"]] = {"location": "location", "product": "product"}


def part(design: TemplateDesign) -> Template:
    """`Option.id` is the provider's word for a button, by which it is filled when it is sent. A button
    without a title has words that the person's app writes in the person's language."""
    header = design.header
    return Template(
        name=design.name,
        language=design.language,
        category=design.category,
        header=header.text,
        header_media=_media(header),
        header_wants=WANTS.get(header.form, ""),
        body=design.body,
        footer=design.footer,
        limited=design.limited,
        buttons=tuple(map(_option, design.buttons)),
        cards=tuple(map(_card, design.cards)),
        parameters=dict(_places(design)),
    )


def _media(header: TemplateHeader) -> Media | None:
    sort = SORTS.get(header.form)
    return Media(sort=sort, ref=header.file) if sort else None


def _card(card: TemplateCard) -> CarouselCard:
    return CarouselCard(media=_media(card.header), body=card.body, options=tuple(map(_option, card.buttons)))


def _option(button: TemplateButton) -> Option:
    word = button.value if button.form == "other" else BUTTONS[button.form]
    return Option(
        id=word.lower(),
        title=button.title,
        url=button.value if button.form == "url" else "",
        phone=button.value if button.form == "phone" else "",
    )


def _places(design: TemplateDesign) -> Iterator[tuple[str, str]]:
    """Every place that wants a value, in the order they are read, with its example."""
    for place in _blanks(design):
        yield place, design.examples.get(place, "")
    if design.limited and design.data.get("has_expiration") == "true":
        yield "deadline", ""


def _blanks(design: TemplateDesign) -> Iterator[str]:
    for where, words in (("header", design.header.text), ("body", design.body)):
        yield from (f"{where}.{place}" for place in dict.fromkeys(PLACE.findall(words)))
    for index, button in enumerate(design.buttons):
        if _is_open(button):
            yield f"button.{index}"
    for at, card in enumerate(design.cards):
        yield from (f"card.{at}.body.{place}" for place in dict.fromkeys(PLACE.findall(card.body)))
        yield from (f"card.{at}.button.{n}" for n, button in enumerate(card.buttons) if _is_open(button))


def _is_open(button: TemplateButton) -> bool:
    return button.form == "copy_code" or (button.form == "url" and bool(PLACE.search(button.value)))
