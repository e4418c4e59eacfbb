"""Refusals before a call: each names the value, the words for a person and the limit."""

from __future__ import annotations

from collections.abc import Sequence

from jackfield.channel import Rejected

EMPTY = "whatsapp_api.refused.empty"
TOO_LONG = "whatsapp_api.refused.too_long"
TOO_MANY = "whatsapp_api.refused.too_many"
NOT_A_WEBSITE = "whatsapp_api.refused.not_a_website"
NOT_AN_EMAIL = "whatsapp_api.refused.not_an_email"
NOT_A_CATEGORY = "whatsapp_api.refused.not_a_category"
NOT_A_PICTURE = "whatsapp_api.refused.not_a_picture"
TOO_LARGE = "whatsapp_api.refused.too_large"
NOT_A_USERNAME = "whatsapp_api.refused.not_a_username"
NOT_A_COMMAND = "whatsapp_api.refused.not_a_command"
NO_EMOJI = "whatsapp_api.refused.no_emoji"
TWICE = "whatsapp_api.refused.twice"

WORDS = (
    EMPTY,
    TOO_LONG,
    TOO_MANY,
    NOT_A_WEBSITE,
    NOT_AN_EMAIL,
    NOT_A_CATEGORY,
    NOT_A_PICTURE,
    TOO_LARGE,
    NOT_A_USERNAME,
    NOT_A_COMMAND,
    NO_EMOJI,
    TWICE,
)
"""Every key above: each has words in the catalogue."""


def refused(field: str, words: str, detail: str, limit: int | None = None) -> Rejected:
    return Rejected(f"{field}: {detail}", field=field, words=words, limit=limit)


def at_most(field: str, value: str, limit: int) -> str:
    """The value. Raises Rejected if it is longer than so many characters."""
    if len(value) > limit:
        raise refused(field, TOO_LONG, f"{len(value)} characters, at most {limit} are allowed", limit)
    return value


def some(field: str, value: str, limit: int) -> str:
    """As at_most, and it must not be empty."""
    if not value.strip():
        raise refused(field, EMPTY, "must not be empty")
    return at_most(field, value, limit)


def few(field: str, values: Sequence[object], limit: int) -> None:
    """Raises Rejected for more than so many."""
    if len(values) > limit:
        raise refused(field, TOO_MANY, f"{len(values)}, at most {limit} are allowed", limit)
