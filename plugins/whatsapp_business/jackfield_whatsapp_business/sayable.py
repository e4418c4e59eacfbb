"""What a linked device can say: limits are checked, and choices become a text, before a bridge is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from jackfield.channel import (
    ChoiceOffered,
    Contacts,
    Location,
    Media,
    NotSupported,
    Option,
    Part,
    Rejected,
    Text,
)

from .abilities import CAPTION, SORTS, STYLES, TEXT

Sayable: TypeAlias = Text | Media | Location | Contacts
"""All that an engine is asked to send."""


def sayable(parts: Sequence[Part]) -> Sayable:
    """The one part of a message, as an engine sends it.

    Raises Rejected naming a limit, NotSupported for what a linked device cannot say.
    """
    if len(parts) != 1:
        raise Rejected(f"a WhatsApp message has exactly one part, not {len(parts)}")
    match parts[0]:
        case Text() as text:
            return _text(text)
        case Media() as media:
            return _media(media)
        case Location() as place:
            return place
        case Contacts() as contacts:
            if not contacts.cards:
                raise Rejected("contacts: there is no card")
            return contacts
        case ChoiceOffered() as choices:
            return _text(Text(body=_numbered(choices)))
        case part:
            tag = str(part.__struct_config__.tag)
            raise NotSupported(f"a part of type {tag} cannot be sent from a linked device")


def _text(text: Text) -> Text:
    if not text.body.strip():
        raise Rejected("text: must not be empty")
    if len(text.body) > TEXT:
        raise Rejected(f"text: {len(text.body)} characters, at most {TEXT} are allowed")
    return text


def _media(media: Media) -> Media:
    if not media.ref:
        raise NotSupported("a file cannot be sent by its address from a linked device")
    if media.sort not in SORTS:
        raise NotSupported(f"a file of sort {media.sort} cannot be sent from a linked device")
    if len(media.caption) > CAPTION:
        raise Rejected(f"caption: {len(media.caption)} characters, at most {CAPTION} are allowed")
    return media


def _numbered(choices: ChoiceOffered) -> str:
    """Buttons of a companion do not reach everybody: the choices are numbered in the text."""
    if choices.style not in STYLES:
        raise NotSupported(f"a choice of style {choices.style} cannot be sent from a linked device")
    if choices.header_media is not None:
        raise NotSupported("a choice with a file cannot be sent from a linked device")
    pieces: Sequence[str] = (
        f"*{choices.header}*" if choices.header else "",
        choices.body,
        "\n".join(f"{number}. {_told(option)}" for number, option in enumerate(choices.options, 1)),
        choices.footer,
    )
    return "\n\n".join(piece for piece in pieces if piece)


def _told(option: Option) -> str:
    more = option.url or option.description
    return f"{option.title}: {more}" if more else option.title
