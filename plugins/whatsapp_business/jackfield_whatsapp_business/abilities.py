"""What a linked device can do in a conversation, and how fast it may: slower than it could, on purpose.

Nobody publishes limits for this way in. These are careful: a number that answers people one by one lives.
"""

from __future__ import annotations

from datetime import timedelta

from jackfield.channel import (
    Capabilities,
    Ceilings,
    ChoiceLimit,
    ChoiceStyle,
    Facts,
    Level,
    Limits,
    MediaLimit,
    Pace,
    Protection,
)

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

STYLES: tuple[ChoiceStyle, ...] = ("buttons", "list", "link")
CHOICES = ChoiceLimit(
    level=Level.FALLBACK,
    styles=STYLES,
    buttons=10,
    button_title=60,
    rows=10,
    row_title=60,
    row_description=200,
    sections=1,
    opener=20,
    body=CAPTION,
    header=60,
    footer=60,
)
"""They go out as a numbered text: buttons of a companion do not reach everybody."""

SORTS = ("image", "video", "gif", "round", "audio", "voice", "document", "sticker")

PROTECTION = Protection(
    limits=Limits(),  # without quiet hours, until somebody says where the night is
    ceilings=Ceilings(
        reply_within_days=90, new_chats_per_day=5, per_minute=30, per_hour=400, same_text_chats=10
    ),
    jitter=1.5,
    alarms={
        "463": "restricted",  # the answer to a first message that is barred
        "restricted": "restricted",
        "temp_banned": "banned",
        "banned": "banned",
        "locked": "banned",
    },
)
"""Who writes to strangers, or the same to many, loses his number. Core asks this before anything leaves."""


def capabilities(_about: Facts) -> Capabilities:
    """The same for everybody: who may be written to at all is the business of PROTECTION."""
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
        choices=CHOICES,
    )
