"""What can be sent in a conversation, and how fast: the limits, as data for core and its pages."""

from __future__ import annotations

from collections.abc import Iterator

from jackfield.channel import Capabilities, ChoiceLimit, Facts, Level, MediaLimit, Pace

from . import limits
from .ids import parse_conversation

PACE = Pace(per_second=80, burst=80, conversation_per_second=1 / 6, conversation_burst=45, at_once=32)
"""80 messages a second of a number; to one person one in six seconds, 45 of which may come at once."""

GROUP_SORTS = ("image", "video", "audio", "voice", "document", "sticker")

CHOICES = ChoiceLimit(
    level=Level.FULL,
    buttons=limits.BUTTONS,
    button_title=limits.BUTTON_TITLE,
    rows=limits.ROWS,
    row_title=limits.ROW_TITLE,
    row_description=limits.ROW_DESCRIPTION,
    body=limits.BODY,
)


def capabilities(about: Facts) -> Capabilities:
    """Free text for 24 hours after the person's last message or call; templates always."""
    group = about.group or parse_conversation(about.conversation).kind == "group"
    until = about.last_inbound_at + limits.FREE_FORM if about.last_inbound_at else None
    one_to_one = Level.REJECTED if group else Level.FULL
    return Capabilities(
        text_max=limits.TEXT,
        media=dict(_media()),
        media_sorts=GROUP_SORTS,
        reply=Level.FULL,
        react=Level.FULL,
        mark_read=Level.FULL,
        typing=one_to_one,
        location=one_to_one,
        contacts=one_to_one,
        template=Level.FULL,
        choices=ChoiceLimit() if group else CHOICES,
        free_form_until=until,
        free_form_closed=until is None or about.now >= until,
    )


def _media() -> Iterator[tuple[str, MediaLimit]]:
    for allowed in limits.FILES.values():
        for mime in sorted(allowed.mimes):
            yield mime, MediaLimit(max_bytes=allowed.max_bytes, caption_max=allowed.caption)
    document = limits.FILES["document"]
    yield "*/*", MediaLimit(max_bytes=document.max_bytes, caption_max=document.caption)
