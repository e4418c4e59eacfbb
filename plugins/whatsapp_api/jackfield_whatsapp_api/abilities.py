"""What can be sent in a conversation, and how fast: the limits, as data for core and its pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import get_args

from jackfield.channel import (
    Capabilities,
    CarouselLimit,
    ChoiceLimit,
    ChoiceStyle,
    Facts,
    Level,
    MediaLimit,
    Pace,
    ProductLimit,
)

from . import limits
from .ids import parse_conversation
from .out_choices import FILES_ABOVE

PACE = Pace(per_second=80, burst=40, conversation_per_second=1 / 6, conversation_burst=44, at_once=32)
"""80 messages a second of a number; to one person one in six seconds, 45 of which may come at once."""

SORTS = ("image", "video", "audio", "voice", "document", "sticker")

NOTHING = Capabilities(text_max=0, free_form_closed=True)
"""Nobody knows who is on the other side."""

CHOICES = ChoiceLimit(
    level=Level.FULL,
    styles=get_args(ChoiceStyle),
    buttons=limits.BUTTONS,
    button_title=limits.BUTTON_TITLE,
    rows=limits.ROWS,
    row_title=limits.ROW_TITLE,
    row_description=limits.ROW_DESCRIPTION,
    sections=limits.SECTIONS,
    section_title=limits.SECTION_TITLE,
    opener=limits.LIST_BUTTON,
    body=limits.BODY,
    list_body=limits.LIST_BODY,
    header=limits.SMALL,
    footer=limits.SMALL,
    header_media=FILES_ABOVE,
    form_title=limits.FORM_BUTTON,
)

PRODUCTS = ProductLimit(
    level=Level.FULL,
    items=limits.PRODUCTS,
    sections=limits.SECTIONS,
    section_title=limits.SECTION_TITLE,
    body=limits.BODY,
    header=limits.SMALL,
    footer=limits.SMALL,
    whole=True,
)

CAROUSEL = CarouselLimit(
    level=Level.FULL,
    least=limits.LEAST_CARDS,
    most=limits.CARDS,
    body=limits.BODY,
    card_body=limits.CARD_BODY,
    buttons=limits.BUTTONS,
    button_title=limits.BUTTON_TITLE,
    media=("image", "video"),
    products=True,
)


def _media() -> Iterator[tuple[str, MediaLimit]]:
    for allowed in limits.FILES.values():
        for mime in sorted(allowed.mimes):
            yield mime, MediaLimit(max_bytes=allowed.max_bytes, caption_max=allowed.caption)
    document = limits.FILES["document"]
    yield "*/*", MediaLimit(max_bytes=document.max_bytes, caption_max=document.caption)


MEDIA: Mapping[str, MediaLimit] = dict(_media())


def capabilities(about: Facts) -> Capabilities:
    """Free text for 24 hours after the person's last message or call; templates always."""
    kind = parse_conversation(about.conversation).kind
    if kind == "unknown":
        return NOTHING
    until = about.last_inbound_at + limits.FREE_FORM if about.last_inbound_at else None
    group = about.group or kind == "group"
    alone = Level.REJECTED if group else Level.FULL
    return Capabilities(
        text_max=limits.TEXT,
        media=MEDIA,
        media_sorts=SORTS,
        media_links=Level.FULL,
        preview=Level.FULL,
        reply=Level.FULL,
        react=Level.FULL,
        pin=Level.FULL if group else Level.REJECTED,
        pin_days=limits.PIN_DAYS if group else 0,
        mark_read=Level.FULL,
        typing=alone,
        location=alone,
        contacts=alone,
        template=Level.FULL,
        choices=ChoiceLimit() if group else CHOICES,
        products=ProductLimit() if group else PRODUCTS,
        carousel=CarouselLimit() if group else CAROUSEL,
        free_form_until=until,
        free_form_closed=until is None or about.now >= until,
    )
