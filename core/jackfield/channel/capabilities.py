"""What a channel can do in one conversation, as data: the page greys out from it, core refuses from it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from ._base import Address, ConversationId


class Level(enum.IntEnum):
    """REJECTED: an error. DROPPED: lost silently. FALLBACK: sent as something else."""

    REJECTED = -2
    DROPPED = -1
    FALLBACK = 0
    PARTIAL = 1
    FULL = 2


class MediaLimit(Struct, frozen=True, kw_only=True):
    level: Level = Level.FULL
    max_bytes: int | None = None
    caption_max: int = 0  # characters; 0: no caption


class ChoiceLimit(Struct, frozen=True, kw_only=True):
    level: Level = Level.REJECTED
    buttons: int = 0
    button_title: int = 0  # characters
    rows: int = 0
    row_title: int = 0
    row_description: int = 0
    body: int = 0


class Capabilities(Struct, frozen=True, kw_only=True):
    """Levels and limits. `free_form_until`: afterwards templates only; None: no such window."""

    text_max: int  # characters
    media: Mapping[str, MediaLimit] = {}  # by MIME pattern: "image/jpeg", "video/*", "*/*"
    media_sorts: tuple[str, ...] = ()
    reply: Level = Level.REJECTED
    react: Level = Level.REJECTED
    edit: Level = Level.REJECTED
    edit_within: timedelta | None = None
    delete: Level = Level.REJECTED
    delete_within: timedelta | None = None
    mark_read: Level = Level.REJECTED
    typing: Level = Level.REJECTED
    location: Level = Level.REJECTED
    contacts: Level = Level.REJECTED
    template: Level = Level.REJECTED
    choices: ChoiceLimit = ChoiceLimit()
    free_form_until: datetime | None = None
    free_form_closed: bool = False  # the window is over, or never was open


class Facts(Struct, frozen=True, kw_only=True):
    """What core knows of a conversation when it asks for its capabilities."""

    conversation: ConversationId
    group: bool = False
    addresses: tuple[Address, ...] = ()
    last_inbound_at: datetime | None = None  # last message or call of the person, provider's time
    now: datetime


class Pace(Struct, frozen=True, kw_only=True):
    """How fast a channel may send. Token buckets: for the channel, and for each conversation."""

    per_second: float
    burst: int = 1
    conversation_per_second: float = 0  # 0: no limit of its own
    conversation_burst: int = 1
    at_once: int = 8  # sends in flight, each of another conversation
