"""What of a message can be found: the text of its parts, and the sorts of thing it brings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import assert_never

from jackfield.channel import (
    Call,
    Card,
    Carousel,
    CarouselCard,
    ChoiceMade,
    ChoiceOffered,
    Contacts,
    FormReply,
    Location,
    Media,
    Option,
    Order,
    Part,
    Poll,
    Product,
    System,
    Template,
    Text,
    Unsupported,
)
from jackfield.inbox.words import SEARCHED
from jackfield.wire.search import Has

_LINK = re.compile(r"\bhttps?://|\bwww\.", re.IGNORECASE)
_SORTS: dict[str, Has] = {
    "image": "photo",
    "video": "video",
    "gif": "video",
    "round": "video",
    "audio": "audio",
    "voice": "voice",
    "document": "document",
}


def text_of(parts: Sequence[Part]) -> str:
    """Everything in a message that a person could look for, one line each."""
    return "\n".join(line for part in parts for line in _lines(part) if line)[:SEARCHED]


def sorts_of(parts: Sequence[Part], text: str) -> set[Has]:
    """What a message brings beside words. A sticker is a file too, but nobody's photo."""
    found: set[Has] = {"link"} if _LINK.search(text) else set()
    for part in parts:
        match part:
            case Media(sort=sort):
                found.add("media")
                if sort in _SORTS:
                    found.add(_SORTS[sort])
            case Location():
                found.add("location")
            case Contacts():
                found.add("contacts")
            case _:
                pass
    return found


def _lines(part: Part) -> Iterator[str]:  # noqa: PLR0912  # one case for each part of the contract
    match part:
        case Text(body=body):
            yield body
        case Media(caption=caption, name=name):
            yield caption
            yield name
        case Location(name=name, address=address):
            yield name
            yield address
        case Contacts(cards=cards):
            for card in cards:
                yield from _card(card)
        case ChoiceOffered(header=header, body=body, footer=footer, button=button, options=options):
            yield from (header, body, footer, button)
            yield from _options(options)
        case ChoiceMade(title=title, description=description):
            yield title
            yield description
        case Template(name=name, header=header, body=body, footer=footer, limited=limited):
            yield from (header, body or name, footer, limited)
            yield from _options(part.buttons)
            yield from _slides(part.cards)
        case Product(header=header, body=body, footer=footer, products=products, sections=sections):
            yield from (header, body, footer)
            yield from products
            for section in sections:
                yield section.title
                yield from section.products
        case Carousel(body=body, cards=slides):
            yield body
            yield from _slides(slides)
        case Order(note=note, items=items):
            yield note
            yield from (item.product for item in items)
        case FormReply(name=name, body=body, fields=fields):
            yield from (name, body)
            yield from fields.values()
        case Poll(question=question, options=choices):
            yield question
            yield from choices
        case System(text=text):
            yield text
        case Call() | Unsupported():
            return
        case _:
            assert_never(part)


def _card(card: Card) -> Iterator[str]:
    yield from (card.name, card.organisation, card.title)
    for values in (card.phones, card.emails, card.urls, card.addresses):
        yield from (one.value for one in values)


def _slides(cards: Sequence[CarouselCard]) -> Iterator[str]:
    for card in cards:
        yield from (card.body, card.product)
        yield from _options(card.options)


def _options(options: Sequence[Option]) -> Iterator[str]:
    for option in options:
        yield from (option.section, option.title, option.description, option.url)
