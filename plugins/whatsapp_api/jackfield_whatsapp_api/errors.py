"""What a failure of the provider's comes to: an answer of its API, or an error in a status."""

from __future__ import annotations

from typing import TypedDict

from jackfield.channel import ChannelError, Failure, OutcomeUnknown, RateLimited

from .codes import (
    CODES,
    FAILED,
    PERMISSION,
    REFUSED,
    STATUSES,
    WORDS,
    Known,
    NeedsPhone,
    NoPermission,
)
from .payload import Node, is_node, name, node, text, whole

__all__ = [
    "CODES",
    "STATUSES",
    "TROUBLE",
    "Known",
    "NeedsPhone",
    "NoPermission",
    "error_of",
    "failure",
    "key",
    "known",
    "logged",
    "sentence",
]

FIRST_OF_SUBCODES = 1_000_000
TROUBLE = "provider_trouble"  # a status says for sure that it failed, only not why


def known(code: int | None, status: int = 0) -> Known:
    """What a code means; for one not listed, what its range or the HTTP status says."""
    if code is not None:
        if code in CODES:
            return CODES[code]
        if 200 <= code <= 299:
            return PERMISSION
    if status == 0 or status >= 500:
        return FAILED
    return STATUSES.get(status, REFUSED)


def error_of(status: int, answer: object, *, after: float = 0) -> ChannelError:
    """The error an HTTP answer comes to. `after`: seconds the answer's headers ask to wait."""
    said = node(answer).get("error")
    error = node(said)
    found = known(_telling(error), status)
    words = sentence(error) if is_node(said) else f"HTTP {status}"
    about: _About = {"remote_code": _shown(error), "after": after or found.after, "words": key(found)}
    if issubclass(found.error, RateLimited):
        return RateLimited(words, **about, conversation=found.person)
    if error.get("is_transient") is True:
        return OutcomeUnknown(words, **about)  # whatever the code, it may have gone out
    return found.error(words, **about)


class _About(TypedDict):
    remote_code: str
    after: float
    words: str


def failure(error: Node) -> Failure:
    """Why a message did not arrive, from a status: this time for sure."""
    found = known(_telling(error))
    return Failure(
        code=found.error.code if found.error.certain else TROUBLE,
        remote_code=_shown(error),
        text=sentence(error),
        words=key(found),
    )


def logged(error: ChannelError) -> str:
    """For the channel log: what it is to us, the provider's number and what that means, its own words."""
    found = CODES.get(int(error.remote_code)) if error.remote_code.isdecimal() else None
    number = f" {error.remote_code} ({found.means})" if found else ""
    return f"{error.code}{number}: {error.detail}"


def key(found: Known) -> str:
    """What says it to a person in the catalogue; with ".advice" behind it, what to do."""
    return WORDS + found.words


def _telling(error: Node) -> int | None:
    """The code that says most, if it is a number."""
    return whole(error.get(_where(error)))


def _shown(error: Node) -> str:
    """The code as a person finds it in the provider's pages."""
    return name(error.get(_where(error)))


def _where(error: Node) -> str:
    """A subcode that is a code of its own is more exact than its code; a small one is of another list."""
    subcode = whole(error.get("error_subcode")) or 0
    return "error_subcode" if subcode > FIRST_OF_SUBCODES and subcode in CODES else "code"


def sentence(error: Node) -> str:
    """The provider's own words, the most telling first."""
    details = text(node(error.get("error_data")).get("details")) or text(error.get("details"))
    said = details or text(error.get("error_user_msg"))
    return said or text(error.get("message")) or text(error.get("title"))
