"""How a template reads once its blanks are filled: for previews, and for what is kept of one that is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from jackfield.channel import CarouselCard, Option, Template

BLANK = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")


def filled(template: Template, values: Mapping[str, str]) -> Template:
    """The template with these values in their places; a blank without one stays as it is.

    `values` are all that is kept of parameters, so that nothing leaves that nobody saw.
    """
    return replace(
        template,
        header=_put(template.header, "header", values),
        body=_put(template.body, "body", values),
        buttons=_buttons(template.buttons, "", values),
        cards=tuple(_card(card, f"card.{at}.", values) for at, card in enumerate(template.cards)),
        parameters=dict(values),
    )


def as_sent(known: Template, said: Template) -> Template:
    """What a person gets of a template whose text we know, where somebody fills it as `said`: the words are
    the provider's, the values and files are said."""
    cards = tuple(
        replace(card, media=other.media, product=other.product)
        for card, other in zip(known.cards, said.cards, strict=False)
    )
    return replace(
        filled(replace(known, cards=cards + known.cards[len(cards) :]), said.parameters),
        header_media=said.header_media,
        header_location=said.header_location,
        offer=said.offer,
        exact=said.exact,
    )


def wanting(known: Template, said: Template) -> Sequence[str]:
    """The places that want a value and have none."""
    return [place for place in known.parameters if not said.parameters.get(place, "").strip()]


def _put(words: str, where: str, values: Mapping[str, str]) -> str:
    return BLANK.sub(lambda blank: values.get(f"{where}.{blank[1]}") or blank[0], words)


def _buttons(buttons: Sequence[Option], at: str, values: Mapping[str, str]) -> tuple[Option, ...]:
    return tuple(_button(button, values.get(f"{at}button.{n}", "")) for n, button in enumerate(buttons))


def _button(button: Option, value: str) -> Option:
    """The end of an address is the value of its button, whatever the blank in it is called."""
    if not button.url or not value:
        return button
    return replace(button, url=BLANK.sub(lambda _: value, button.url))


def _card(card: CarouselCard, at: str, values: Mapping[str, str]) -> CarouselCard:
    return replace(
        card, body=_put(card.body, f"{at}body", values), options=_buttons(card.options, at, values)
    )
