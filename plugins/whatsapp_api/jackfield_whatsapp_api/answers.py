"""What an answer of the API comes to, or that there was none: what was asked for, or a ChannelError."""

from __future__ import annotations

from collections.abc import Container, Generator
from contextlib import contextmanager

import aiohttp

from jackfield.channel import OutcomeUnknown, Rejected, Unavailable

from .errors import error_of
from .outside import NotPublic
from .payload import Node, Unreadable, decode, is_node, listed, node, number, whole

MOST = 4 * 1024 * 1024  # bytes of an answer that is not a file
USAGE = "X-Business-Use-Case-Usage"


@contextmanager
def translated() -> Generator[None]:
    """What can happen to a connection, as what it means for the message on it."""
    try:
        yield
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, NotPublic):
            raise Rejected(str(error.os_error)) from error
        raise Unavailable(f"no connection: {error}") from error  # nothing was said yet
    except aiohttp.InvalidURL as error:
        raise Rejected(f"not an address: {error}") from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise OutcomeUnknown(f"no answer: {type(error).__name__} {error}".strip()) from error


@contextmanager
def harmless() -> Generator[None]:
    """For calls that may be said twice: not to know what came of one is no reason to stop."""
    try:
        yield
    except OutcomeUnknown as error:
        about = {"remote_code": error.remote_code, "words": error.words}
        raise Unavailable(error.detail, **about, after=error.after) from error


async def whole_body(answer: aiohttp.ClientResponse) -> bytes:
    """The answer whole, as long as it is not absurdly long."""
    body = await answer.content.read(MOST)
    while piece := await answer.content.read(MOST - len(body)) if len(body) < MOST else b"":
        body += piece
    return body


def understood(answer: aiohttp.ClientResponse, body: bytes, despite: Container[int]) -> Node:
    """The answer, or the ChannelError that it is. `despite`: codes of errors that are an answer too."""
    said = as_json(body)
    if is_node(said) and (code := whole(node(said.get("error")).get("code"))) is not None and code in despite:
        return said
    if 200 <= answer.status < 300 and is_node(said) and "error" not in said:
        return said
    if 200 <= answer.status < 300 and not is_node(said):
        raise OutcomeUnknown("the answer is not JSON")
    raise error_of(answer.status, said, after=after_of(answer))


def as_json(body: bytes) -> object:
    """None for what cannot be read."""
    try:
        return decode(body)
    except Unreadable:
        return None


def after_of(answer: aiohttp.ClientResponse) -> float:
    """Seconds to wait, if the answer says: Retry-After, or the minutes until access is regained."""
    if (said := number(answer.headers.get("Retry-After"))) is not None:
        return max(said, 0)
    usage = as_json(answer.headers.get(USAGE, "").encode())
    minutes = [
        number(node(use).get("estimated_time_to_regain_access")) or 0
        for uses in node(usage).values()
        for use in listed(uses)
    ]
    return max(minutes, default=0) * 60
