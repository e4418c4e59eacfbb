"""Outbound files: by the id the provider gave an upload, or by an address it fetches from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jackfield.channel import Media, MediaSort, Rejected

from . import limits

Body = dict[str, Any]
Uploads = Mapping[str, str]
"""Files of ours that the provider has by now: our ref → its media id."""

VOICE = frozenset({"", "audio/ogg", "audio/webm"})  # what is Opus, or becomes Ogg on the way


def source(media: Media, uploads: Uploads) -> Body:
    """Raises Rejected for neither, both, or an address that is not public https."""
    if not media.link:
        if not media.ref:
            raise Rejected(f"{media.sort}: the file is missing")
        return {"id": uploads[media.ref]}
    if media.ref:
        raise Rejected(f"{media.sort}: a file is named by its id or its address, not by both")
    if not media.link.startswith("https://"):
        raise Rejected(f"{media.sort}: the address of a file begins with https://")
    return {"link": limits.at_most("link", media.link, limits.LINK)}


def header(media: Media, uploads: Uploads, *sorts: MediaSort) -> Body:
    """A file over a text, as interactive messages and templates have it: one of these sorts."""
    if media.sort not in sorts:
        raise Rejected(f"header: {media.sort}, allowed are {', '.join(sorts)}")
    word = limits.FILES[media.sort].word
    said = source(media, uploads)
    if media.sort == "document" and media.name:
        said["filename"] = media.name
    return {"type": word, word: said}


def message(media: Media, uploads: Uploads) -> tuple[str, Body]:
    """A file as a message of its own: its type, and what belongs under it. A recording that is no Opus
    goes out as any sound does."""
    allowed = limits.FILES[media.sort]
    said = source(media, uploads)
    if media.caption:
        if not allowed.caption:
            raise Rejected(f"{media.sort}: a caption is not allowed")
        said["caption"] = limits.at_most("caption", media.caption, allowed.caption)
    if media.sort == "document" and media.name:
        said["filename"] = limits.at_most("file name", media.name, limits.FILE_NAME)
    if media.sort == "voice" and is_voice(media.mime):
        said["voice"] = True
    return allowed.word, said


def wanted(media: Media) -> str:
    """The container a file should come in."""
    return "audio/ogg" if media.sort == "voice" else ""


def sent_as(media: Media, mime: str) -> MediaSort:
    """What a file goes out as, by what it turned out to be."""
    return "audio" if media.sort == "voice" and not is_voice(mime) else media.sort


def is_voice(mime: str) -> bool:
    """Whether a recording of this type can be played as a voice message."""
    return plain(mime) in VOICE


def plain(mime: str) -> str:
    """ "audio/ogg; codecs=opus" → "audio/ogg"."""
    return mime.partition(";")[0].strip().lower()
