"""What an author tells the suite: ids and webhooks to try."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from jackfield.channel import HookRequest


class IdPair(Struct, frozen=True, kw_only=True):
    """A make/parse pair of the plugin's ids.py. make(parse(text)) must be each of `samples` again."""

    parse: Callable[[str], Any]
    make: Callable[[Any], str]
    samples: tuple[str, ...]


class WebhookSample(Struct, frozen=True, kw_only=True):
    """One call of the provider, as it comes, for the channel opened with the suite's `config`.

    `messages` are the ids of all messages in it, in order; `own` those the account itself wrote.
    `events` is the number of events where it is known: N messages and M statuses make N + M.
    `unsupported`: the provider documents it, the plugin cannot show it yet.
    """

    name: str
    request: HookRequest
    messages: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    events: int | None = None
    unsupported: bool = False
