"""What a channel can do in one conversation, as data: the page greys out from it, core refuses from it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from ._base import Address, ConversationId
from .parts import ChoiceStyle, MediaSort


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
    """Numbers of things; 0: there are none. Lengths in characters; 0: the channel names no limit.
    `styles`: which of them it takes."""

    level: Level = Level.REJECTED
    styles: tuple[ChoiceStyle, ...] = ("buttons", "list", "link", "location_request")
    buttons: int = 0
    button_title: int = 0
    rows: int = 0
    row_title: int = 0
    row_description: int = 0
    sections: int = 0
    section_title: int = 0
    opener: int = 0  # what opens a list
    body: int = 0
    list_body: int = 0  # 0: as `body`
    header: int = 0
    footer: int = 0
    header_media: tuple[MediaSort, ...] = ()  # of buttons and links
    form_title: int = 0


class ProductLimit(Struct, frozen=True, kw_only=True):
    """Products of a catalogue, limits as in ChoiceLimit. `whole`: the catalogue itself can be offered."""

    level: Level = Level.REJECTED
    items: int = 0
    sections: int = 0
    section_title: int = 0  # characters
    body: int = 0
    header: int = 0
    footer: int = 0
    whole: bool = False


class CarouselLimit(Struct, frozen=True, kw_only=True):
    """`least` and `most`: how many cards. Limits as in ChoiceLimit."""

    level: Level = Level.REJECTED
    least: int = 1
    most: int = 0
    body: int = 0
    card_body: int = 0
    buttons: int = 0  # that answer, on a card
    button_title: int = 0
    media: tuple[MediaSort, ...] = ()
    products: bool = False


class Capabilities(Struct, frozen=True, kw_only=True):
    """Levels and limits. `free_form_until`: afterwards templates only; None: no such window."""

    text_max: int  # characters
    media: Mapping[str, MediaLimit] = {}  # by MIME pattern: "image/jpeg", "video/*", "*/*"
    media_sorts: tuple[str, ...] = ()
    media_links: Level = Level.REJECTED  # files may be named by an address that the provider fetches
    preview: Level = Level.REJECTED  # of links in a text
    reply: Level = Level.REJECTED
    react: Level = Level.REJECTED
    edit: Level = Level.REJECTED
    edit_within: timedelta | None = None
    delete: Level = Level.REJECTED
    delete_within: timedelta | None = None
    pin: Level = Level.REJECTED
    pin_days: int = 0  # at most
    mark_read: Level = Level.REJECTED
    typing: Level = Level.REJECTED
    location: Level = Level.REJECTED
    contacts: Level = Level.REJECTED
    template: Level = Level.REJECTED
    choices: ChoiceLimit = ChoiceLimit()
    products: ProductLimit = ProductLimit()
    carousel: CarouselLimit = CarouselLimit()
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
    """How fast a channel may send. Token buckets: for the channel, and for each conversation.

    `pool`: the account whose people are counted together, whichever channels it has; so many of them may
    be written to first in 24 hours. None: as many as one likes.
    """

    per_second: float
    burst: int = 1
    conversation_per_second: float = 0  # 0: no limit of its own
    conversation_burst: int = 1
    at_once: int = 8  # sends in flight, each of another conversation
    pool: str = ""
    new_people_per_day: int | None = None
