"""Reading what a request brings, never more of it than is wanted."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
from starlette.requests import Request

from jackfield.errors import TooLarge

NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""All that msgspec raises for bytes that are no JSON, or JSON that does not fit."""


async def read_body(request: Request, most: int) -> bytes:
    """The whole body. Raises TooLarge as soon as it is longer than `most` bytes."""
    return b"".join([chunk async for chunk in chunks_of(request, most)])


async def chunks_of(request: Request, most: int) -> AsyncIterator[bytes]:
    """The body as it comes. Raises TooLarge at the first byte over `most`; before any, if it says so."""
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said) > most:
        raise TooLarge(f"at most {most} bytes", most=most)
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise TooLarge(f"at most {most} bytes", most=most)
        if chunk:
            yield chunk
