"""How long, how many, how big: the limits of the Cloud API, checked before anything is sent.

Source: Meta's pages on each message type and on supported media types.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import timedelta

from msgspec import Struct

from jackfield.channel import MediaSort, Rejected

TEXT, CAPTION, BODY, SMALL = 4096, 1024, 1024, 60  # characters; small: header and footer
BUTTONS, BUTTON_TITLE, BUTTON_ID = 3, 20, 256
ROWS, SECTIONS, ROW_TITLE, ROW_DESCRIPTION, ROW_ID, SECTION_TITLE = 10, 10, 24, 72, 200, 24
LIST_BODY, LIST_BUTTON = 4096, 20
URL, LINK, FILE_NAME = 2000, 2048, 240
FORM_BUTTON, CALL_PAYLOAD, CALL_MINUTES = 30, 512, 43_200
PRODUCTS = 30
LEAST_CARDS, CARDS, CARD_BODY, CARD_BREAKS = 2, 10, 160, 2
COUPON, OTP, PAYLOAD = 20, 15, 256
PIN_DAYS = 30
TXN = 512
CONTACTS = 257

FREE_FORM = timedelta(hours=24)
KIB, MIB = 1024, 1024 * 1024


class Files(Struct, frozen=True):
    """What files of one sort may be. `word`: what the API calls the sort. No mimes: any."""

    word: str
    mimes: frozenset[str]
    max_bytes: int
    caption: int = 0  # characters


IMAGES = frozenset({"image/jpeg", "image/png"})
VIDEOS = frozenset({"video/mp4", "video/3gpp"})
AUDIOS = frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"})

FILES: Mapping[MediaSort, Files] = {
    "image": Files("image", IMAGES, 5 * MIB, CAPTION),
    "video": Files("video", VIDEOS, 16 * MIB, CAPTION),
    "gif": Files("video", VIDEOS, 16 * MIB, CAPTION),
    "round": Files("video", VIDEOS, 16 * MIB, CAPTION),
    "audio": Files("audio", AUDIOS, 16 * MIB),
    "voice": Files("audio", frozenset({"audio/ogg"}), 16 * MIB),
    "sticker": Files("sticker", frozenset({"image/webp"}), 500 * KIB),
    "document": Files("document", frozenset(), 100 * MIB, CAPTION),
}


REFUSED_HERE = "whatsapp_api.error.limit"


@contextmanager
def explained() -> Generator[None]:
    """What is refused in here, before the provider was asked, says so to a person; its detail says why."""
    try:
        yield
    except Rejected as error:
        error.words = error.words or REFUSED_HERE
        raise


def at_most(what: str, value: str, limit: int) -> str:
    """The value. Raises Rejected, naming the limit, if it is longer."""
    if len(value) > limit:
        raise Rejected(f"{what}: {len(value)} characters, at most {limit} are allowed")
    return value


def some(what: str, value: str, limit: int) -> str:
    """As at_most, and it must not be empty."""
    if not value.strip():
        raise Rejected(f"{what}: must not be empty")
    return at_most(what, value, limit)


def count(what: str, found: int, limit: int) -> None:
    """Raises Rejected unless there is at least one and at most `limit`."""
    if not 1 <= found <= limit:
        raise Rejected(f"{what}: {found}, from 1 to {limit} are allowed")


def file(sort: MediaSort, mime: str, size: int) -> Files:
    """What a file is sent as. Raises Rejected, naming the limit, if it cannot be."""
    allowed = FILES[sort]
    plain = mime.partition(";")[0].strip().lower()
    if allowed.mimes and plain not in allowed.mimes:
        said = ", ".join(sorted(allowed.mimes))
        raise Rejected(f"{sort}: {plain or 'unknown type'}, allowed are {said}; a document takes any type")
    if size > allowed.max_bytes:
        raise Rejected(f"{sort}: {size} bytes, at most {allowed.max_bytes} are allowed")
    return allowed
