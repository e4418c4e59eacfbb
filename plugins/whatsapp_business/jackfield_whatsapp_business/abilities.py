"""What a linked device can do in a conversation, and how fast it may: slower than it could, on purpose.

Nobody publishes limits for this way in. These are careful: a number that answers people one by one lives.
"""

from __future__ import annotations

from datetime import timedelta

from jackfield.channel import Capabilities, ChoiceLimit, Facts, Level, MediaLimit, Pace

MIB = 1024 * 1024
TEXT, CAPTION = 65_536, 4096  # characters

PACE = Pace(per_second=1 / 3, burst=3, conversation_per_second=1, conversation_burst=1, at_once=1)
"""One message in three seconds; one at a time, since an engine uses its keys so."""

EDIT_WITHIN, DELETE_WITHIN = timedelta(minutes=15), timedelta(hours=48)

MEDIA = {
    "image/jpeg": MediaLimit(max_bytes=16 * MIB, caption_max=CAPTION),
    "image/png": MediaLimit(max_bytes=16 * MIB, caption_max=CAPTION),
    "image/webp": MediaLimit(max_bytes=MIB, caption_max=0),
    "video/mp4": MediaLimit(max_bytes=64 * MIB, caption_max=CAPTION),
    "audio/*": MediaLimit(max_bytes=16 * MIB),
    "*/*": MediaLimit(max_bytes=100 * MIB, caption_max=CAPTION),
}

SORTS = ("image", "video", "gif", "round", "audio", "voice", "document", "sticker")

SILENT = Capabilities(text_max=0, free_form_closed=True)
"""Nobody has written here: with this way in only people who wrote first are answered."""


def capabilities(about: Facts) -> Capabilities:
    if not about.group and about.last_inbound_at is None:
        return SILENT
    return Capabilities(
        text_max=TEXT,
        media=MEDIA,
        media_sorts=SORTS,
        reply=Level.FULL,
        react=Level.FULL,
        edit=Level.FULL,
        edit_within=EDIT_WITHIN,
        delete=Level.FULL,
        delete_within=DELETE_WITHIN,
        mark_read=Level.FULL,
        typing=Level.FULL,
        location=Level.FULL,
        contacts=Level.FULL,
        choices=ChoiceLimit(),
    )
