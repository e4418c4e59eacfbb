"""Connecting a channel, as a machine of steps: Ask a form, Show a code, Done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

from msgspec import Struct

from ._base import ChannelId, Wire


class Field(Struct, frozen=True, kw_only=True):
    """One value of a form or of a channel's configuration. Labels are keys of the catalogue:
    "<kind>.field.<name>", with "<kind>.field.<name>.help" beside it. Words of a step are "<step>.title"
    and "<step>.help"."""

    name: str
    type: Literal["text", "password", "select", "number", "url", "switch"] = "text"  # a switch: "1" or ""
    required: bool = True
    secret: bool = False  # encrypted at rest, redacted in logs
    default: str = ""
    choices: tuple[str, ...] = ()
    labels: Mapping[str, str] = {}  # a choice → a key of the catalogue, or words; none: the choice itself


class Ask(Wire, frozen=True, kw_only=True, tag="ask"):
    """Steps have stable ids ("whatsapp_api.credentials"); errors name a field, or "" for the whole."""

    step: str
    fields: tuple[Field, ...]
    errors: Mapping[str, str] = {}


class Show(Wire, frozen=True, kw_only=True, tag="show"):
    """Something to look at until wait() brings the next step. "waiting": for the provider, who has to
    call `data`; the words are those of the step. `skippable`: submit() goes on without waiting."""

    step: str
    kind: Literal["qr", "code", "text", "link", "waiting"]
    data: str
    expires_in: float | None = None  # seconds
    skippable: bool = False


class Done(Wire, frozen=True, kw_only=True, tag="done"):
    """What core stores as the channel. `external_id` is unique within the kind (a phone number id)."""

    name: str
    external_id: str
    config: Mapping[str, str]


Step = Ask | Show | Done


class Login(Protocol):
    """One attempt. Steps can be retried; `again` renews the login of a channel that exists."""

    async def start(self, again: ChannelId | None = None) -> Step: ...
    async def submit(self, values: Mapping[str, str]) -> Step: ...
    async def wait(self) -> Step: ...
    async def cancel(self) -> None: ...
