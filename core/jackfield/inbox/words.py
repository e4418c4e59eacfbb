"""What a message says in one line and in plain text, for the chat list and quotes.

What a search finds of it is more: search/texts.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import assert_never

from jackfield.channel import (
    Call,
    Carousel,
    ChoiceMade,
    ChoiceOffered,
    Contacts,
    FormReply,
    Location,
    Media,
    Order,
    Part,
    Poll,
    Product,
    System,
    Template,
    Text,
    Unsupported,
)

from .columns import clip

PREVIEW = 160  # characters of the chat list's second line and of a quote
SEARCHED = 65_536  # characters of one message that are kept as plain text, and that are searched


def kind_of(parts: Sequence[Part]) -> str:
    """The word that picks the list's icon: the tag of the first part, and for a file "media.<sort>"."""
    if not parts:
        return "text"
    first = parts[0]
    if isinstance(first, Media):
        return f"media.{first.sort}"
    return str(first.__struct_config__.tag)


def text_of(parts: Sequence[Part]) -> str:
    """All that can be read in a message, in the person's own words; "" where there are none."""
    lines = (line for part in parts for line in _lines(part) if line)
    return clip("\n".join(lines), SEARCHED)


def preview(text: str) -> str:
    """The text in one line."""
    return clip(" ".join(text[: 4 * PREVIEW].split()), PREVIEW)


def _lines(part: Part) -> Iterator[str]:  # noqa: PLR0912  # one case for each part of the contract
    match part:
        case Text(body=body):
            yield body
        case Media(caption=caption, name=name):
            yield caption or name
        case Location(name=name, address=address):
            yield name
            yield address
        case Contacts(cards=cards):
            for card in cards:
                yield card.name
                yield from (phone.value for phone in card.phones)
        case ChoiceOffered(header=header, body=body, footer=footer):
            yield header
            yield body
            yield footer
        case ChoiceMade(title=title, description=description):
            yield title
            yield description
        case Template(header=header, body=body, footer=footer, name=name):
            yield header
            yield body or name
            yield footer
            yield from (card.body for card in part.cards)
        case Product(header=header, body=body):
            yield header
            yield body
        case Carousel(body=body, cards=slides):
            yield body
            yield from (slide.body for slide in slides)
        case Order(note=note):
            yield note
        case FormReply(body=body, name=name, fields=fields):
            yield body or name
            yield from fields.values()
        case Poll(question=question, options=options):
            yield question
            yield from options
        case System(text=text):
            yield text
        case Unsupported(note=note):
            yield note
        case Call():
            return
        case _:
            assert_never(part)
