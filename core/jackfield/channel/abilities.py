"""Channel kinds, channels, and the optional things a channel may be able to do: small protocols.

No required method ever answers "unsupported": what a channel cannot do it does not implement.
"""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, Literal, Protocol, runtime_checkable

from msgspec import Struct

from ._base import Address, ChannelId, ConversationId, MessageId, TxnId
from .capabilities import Capabilities, Facts, Pace
from .events import AnyEvent
from .login import Field, Login
from .parts import Part, Template


class State(enum.StrEnum):
    """How a channel is. Reported through Port.state; stored, shown, kept with its history."""

    CONNECTING = "connecting"
    BACKFILLING = "backfilling"
    CONNECTED = "connected"
    TRANSIENT = "transient"  # lost for now, comes back by itself
    BAD_CREDENTIALS = "bad_credentials"
    LOGGED_OUT = "logged_out"
    SUSPENDED = "suspended"
    STOPPED = "stopped"


class MediaFile(Struct, frozen=True, kw_only=True):
    """A file in Jackfield's store, to be sent. `chunks` may be called again for another try."""

    ref: str
    name: str
    mime: str
    size: int  # bytes

    def chunks(self) -> AsyncIterator[bytes]:
        raise NotImplementedError


class LogEntry(Struct, frozen=True, kw_only=True):
    """One interaction with the provider for the channel log. Secrets are redacted by the host."""

    op: str  # "send", "media", "webhook" …
    ok: bool
    request: str = ""
    response: str = ""
    status: int = 0
    error: str = ""
    elapsed_ms: float = 0


class Port(Protocol):
    """All of core that a channel may touch."""

    @property
    def private_network(self) -> bool:
        """Whether private addresses may be called. Where a user or the provider names an address it is
        checked as it is connected to: what a name stands for can change."""
        ...

    @property
    def hook(self) -> str:
        """Where the provider's calls for this channel go, as the outside reaches it."""
        ...

    @property
    def folder(self) -> Path:
        """A folder of this channel's own on this machine, for what cannot be in a database (an engine's
        session). Made by whoever writes into it; never in a backup; gone when the channel is removed."""
        ...

    async def emit(self, *events: AnyEvent, raw: bytes = b"") -> None:
        """Return once stored, with the raw payload beside. Raises only if storing is impossible."""
        ...

    def state(self, state: State, code: str = "", text: str = "") -> None: ...
    async def get(self, key: str) -> bytes | None: ...
    async def put(self, key: str, value: bytes | None) -> None: ...
    async def media(self, ref: str, *, want: str = "") -> MediaFile:
        """A file to be sent. `want`: the MIME type it is put into another container for, where nothing is
        lost by that (what a browser records, for "audio/ogg"); else it comes as it is. Raises Rejected
        for a recording that is broken."""
        ...

    def log(self, entry: LogEntry) -> None: ...


class LoginPort(Port, Protocol):
    """What a login gets: the port of the channel it may become, whose id and address are there already."""

    @property
    def known(self) -> Mapping[str, str]:
        """The configuration of the channel that is renewed, or that this one is to be like; else {}."""
        ...

    async def taken(self, external_id: str) -> Literal["", "here", "elsewhere"]:
        """Whether another channel of the kind has this address: one of the same workspace, or another's."""
        ...


class Channel(Protocol):
    """One connected number, account or widget.

    Opening does no I/O. run() holds the connection until cancelled and reports through port.state;
    core restarts it with back-off. A channel without a connection of its own reports CONNECTED and
    waits. send() returns the provider's id, or raises a ChannelError.
    """

    async def run(self) -> None: ...
    async def send(
        self,
        to: ConversationId,
        parts: Sequence[Part],
        txn: TxnId,
        *,
        reply_to: MessageId | None = None,
    ) -> MessageId: ...
    def capabilities(self, about: Facts) -> Capabilities: ...
    def pace(self) -> Pace: ...


@runtime_checkable
class Edits(Protocol):
    async def edit(self, to: ConversationId, target: MessageId, parts: Sequence[Part]) -> None: ...


@runtime_checkable
class Deletes(Protocol):
    async def delete(self, to: ConversationId, target: MessageId) -> None: ...


@runtime_checkable
class Reacts(Protocol):
    async def react(self, to: ConversationId, target: MessageId, emoji: str) -> None: ...


@runtime_checkable
class Pins(Protocol):
    async def pin(self, to: ConversationId, target: MessageId, days: int) -> None:
        """Keep a message at the head of the conversation for so many days; 0 takes it down."""
        ...


@runtime_checkable
class MarksRead(Protocol):
    async def mark_read(self, to: ConversationId, upto: MessageId) -> None: ...


@runtime_checkable
class Types(Protocol):
    async def typing(self, to: ConversationId, upto: MessageId | None) -> None: ...


@runtime_checkable
class Composes(Protocol):
    """What a program sends looks as if it were written: the network has no liking for programs."""

    async def compose(self, to: ConversationId, parts: Sequence[Part]) -> None:
        """Let the person see that somebody writes, for as long as writing this takes; send() follows."""
        ...


@runtime_checkable
class Starts(Protocol):
    """People can be written to first, by an address: a phone number."""

    def conversation_with(self, person: Address) -> ConversationId:
        """The id of the direct conversation with somebody who has not written yet. No I/O."""
        ...


class Download(Struct, kw_only=True):
    """A file on its way in. `size` and `mime` as the provider says; the store sniffs and counts."""

    chunks: AsyncIterator[bytes]
    mime: str = ""
    size: int | None = None


@runtime_checkable
class HasMedia(Protocol):
    async def download(self, ref: str) -> Download: ...


@runtime_checkable
class HasTemplates(Protocol):
    async def templates(self) -> Sequence[Template]:
        """Every template that can be sent now; parameters by place, with their examples."""
        ...


class HookRequest(Struct, frozen=True, kw_only=True):
    """A provider's call. Header names are lower case; body is the bytes as they came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


class Hooked(Struct, frozen=True, kw_only=True):
    """What a webhook comes to. Core stores the raw request and the events, then answers.

    `accepted` False: not from the provider (wrong signature): nothing is stored, `status` says why.
    `stored` False: a handshake or the like, answered and not kept.
    `failed`: it came from the provider and could not be read; kept as a failed delivery with this
    reason, answered with `status`. `keep`: what the channel's port will get() after this call is stored.
    """

    events: tuple[AnyEvent, ...] = ()
    accepted: bool = True
    stored: bool = True
    failed: str = ""
    status: int = 200
    body: bytes = b""
    media_type: str = "text/plain"
    keep: Mapping[str, bytes] = {}


@runtime_checkable
class Webhooks(Protocol):
    """The provider calls /hooks/{channel}. Conversion only: no I/O, so that any process can do it."""

    def webhook(self, request: HookRequest) -> Hooked: ...


@runtime_checkable
class HookedLogin(Protocol):
    """A login whose provider calls before it is done: /hooks/{channel}, and /hooks/{kind} if it is shared.

    There is no channel yet to keep anything in: a handshake is answered, news is refused with a status
    that makes the provider come again.
    """

    def webhook(self, request: HookRequest) -> Hooked | None:
        """None: the call is not about this login. No I/O."""
        ...


@runtime_checkable
class SharedWebhooks(Protocol):
    """A kind whose provider calls one address for many channels: /hooks/{kind}.

    recipients() names the external ids (keys()) a body speaks of, without trusting it; each channel
    found by one of them then gets the whole request and takes its own part of it.
    """

    def recipients(self, request: HookRequest) -> frozenset[str]: ...
    def keys(self, config: Mapping[str, str]) -> frozenset[str]: ...


@runtime_checkable
class LinkedByClients(Protocol):
    """A kind whose account its owner connects himself: by a link, without an account of ours.

    Nothing is asked in such a login that only the agency knows.
    """

    def client_logins(self) -> Mapping[str, Literal["any", "other"]]:
        """Those of logins(), each with the screen it can be done on: "any", or one "other" than that of
        the device which is linked, since no phone scans itself."""
        ...


class ChannelKind(Protocol):
    """What a plugin brings. Static, no I/O."""

    name: ClassVar[str]  # "whatsapp_api": also the folder, the entry point and the URL
    title: ClassVar[str]  # what a person calls it: "WhatsApp Business API"
    contract: ClassVar[int]
    fields: ClassVar[tuple[Field, ...]]  # of the configuration; secret ones never reach a log
    free_form_window: ClassVar[timedelta | None]  # free text only so long after their last message

    def logins(self) -> Mapping[str, str]: ...
    def login(self, flow: str, port: LoginPort) -> Login: ...
    def open(self, channel: ChannelId, config: Mapping[str, str], port: Port) -> Channel: ...
