"""Asks a running simulator over its control API, for whoever sits at a command line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp

from .payload import node, text

NO_SUCH_METHOD = 405


class Refused(Exception):
    """The simulator does not take this, or is not there. The text is for a person."""


def wish(words: Sequence[str]) -> Any:
    """`name=value …`, where a value is JSON if it can be read as such; or one `@file` of JSON, or "{…}".

    Raises Refused.
    """
    if len(words) == 1 and words[0].startswith(("@", "{", "[")):
        try:
            found = Path(words[0][1:]).read_text() if words[0].startswith("@") else words[0]
            return json.loads(found)
        except (OSError, ValueError) as error:
            raise Refused(f"{words[0]}: {error}") from error
    pairs = [word.partition("=") for word in words]
    if wrong := [name for name, equals, _ in pairs if not equals]:
        raise Refused(f"{wrong[0]}: say name=value")
    return {name: _value(value) for name, _, value in pairs}


def _value(said: str) -> Any:
    """JSON, or text. Long digits are text: the provider's ids and phone numbers are."""
    if said.isdecimal() and len(said) > 8:
        return said
    try:
        return json.loads(said)
    except ValueError:
        return said


async def ask(address: str, call: str, words: Sequence[str]) -> Any:
    """The answer. Without words the call is looked at, and where there is nothing to look at it is done.

    Raises Refused.
    """
    url = f"{address.rstrip('/')}/control/{call}"
    body = wish(words)
    try:
        async with aiohttp.ClientSession() as client:
            if not words:
                async with client.get(url) as answer:
                    if answer.status != NO_SUCH_METHOD:
                        return await _said(answer)
            async with client.post(url, json=body) as answer:
                return await _said(answer)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise Refused(f"{address}: {error}") from error


async def _said(answer: aiohttp.ClientResponse) -> Any:
    if answer.status == 404:
        raise Refused("the simulator has no such call")
    said = await answer.json(content_type=None)
    if answer.status >= 400:
        raise Refused(text(node(said).get("error")) or f"HTTP {answer.status}")
    return said
