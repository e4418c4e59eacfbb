"""Recordings, put from one container into another as they are: nothing is decoded, nothing is lost."""

from __future__ import annotations

from .ogg import ogg_file
from .opus import Unreadable
from .webm import opus_track

__all__ = ["Unreadable", "ogg_of_webm"]


def ogg_of_webm(data: bytes) -> bytes:
    """What a browser recorded (Opus in WebM) as Ogg, for one channel: a mono voice message.

    Raises Unreadable, saying why, for what is no such recording or is broken.
    """
    return ogg_file(opus_track(data))
