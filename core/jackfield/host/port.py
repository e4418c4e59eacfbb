"""The Port a channel is given, and what the host needs from the rest of core to make one."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct

from jackfield.channel import AnyEvent, ChannelId, LogEntry, MediaFile, State

from .recordings import as_wanted
from .redaction import Redact
from .trouble import Closed

log = logging.getLogger("jackfield.host")

LOG_KEPT = 200  # entries of each channel's log kept in memory


class Backstage(Protocol):
    """What the host needs from above and below; the application puts it together."""

    async def receive(self, channel: ChannelId, events: Sequence[AnyEvent], raw: bytes) -> None:
        """Return once stored."""
        ...

    async def set_state(self, channel: ChannelId, state: State, code: str, text: str) -> None:
        """Called for news only, in order, never twice at once. If it raises it is tried again."""
        ...

    async def get(self, channel: ChannelId, key: str) -> bytes | None: ...
    async def put(self, channel: ChannelId, key: str, value: bytes | None) -> None: ...
    async def open_media(self, channel: ChannelId, ref: str) -> MediaFile: ...
    def log(self, channel: ChannelId, entry: LogEntry) -> None:
        """One redacted entry of the channel log. Must not block; keeping it is its own business."""
        ...


class Standing(Struct, frozen=True, kw_only=True):
    """How a channel said it is."""

    state: State
    code: str = ""
    text: str = ""
    since: float = 0.0  # time.monotonic()


class Logged(Struct, frozen=True, kw_only=True):
    at: datetime
    entry: LogEntry


def is_news(last: Standing | None, now: Standing) -> bool:
    """Lost once, back once: trying again while lost is no news, nor is the same trouble in other words."""
    if last is None:
        return True
    if last.state is State.TRANSIENT and now.state is State.CONNECTING:
        return False
    return (last.state, last.code) != (now.state, now.code)


def redacted(entry: LogEntry, redact: Redact) -> LogEntry:
    whole = "\n".join((entry.op, entry.request, entry.response, entry.error))
    if redact(whole) is whole:  # one look instead of four
        return entry
    return msgspec.structs.replace(
        entry,
        op=redact(entry.op),
        request=redact(entry.request),
        response=redact(entry.response),
        error=redact(entry.error),
    )


class ChannelPort:
    """The port of one opened channel. After close() it stores and reports nothing any more."""

    def __init__(
        self,
        channel: ChannelId,
        backstage: Backstage,
        *,
        redact: Redact,
        tell: Callable[[ChannelId, Standing], None],
        private_network: bool = False,
        hook: str = "",
        folder: Path = Path(),
    ) -> None:
        self.folder = folder
        self.redact, self.private_network, self.hook = redact, private_network, hook
        self.standing: Standing | None = None
        self.recent: deque[Logged] = deque(maxlen=LOG_KEPT)
        self._channel, self._backstage, self._tell = channel, backstage, tell
        self._lost_at: float | None = None
        self._closed = False

    def close(self) -> None:
        self._closed = True

    def connected_for(self) -> float:
        """Seconds since the channel said it is connected; 0 if it is not."""
        if self.standing is None or self.standing.state is not State.CONNECTED:
            return 0.0
        return time.monotonic() - self.standing.since

    async def emit(self, *events: AnyEvent, raw: bytes = b"") -> None:
        self._must_be_open()
        if events or raw:
            await self._backstage.receive(self._channel, events, raw)

    def state(self, state: State, code: str = "", text: str = "") -> None:
        if self._closed:
            return
        now = Standing(state=state, code=code, text=self.redact(text), since=time.monotonic())
        if not is_news(self.standing, now):
            return
        self._note_loss(now)
        self.standing = now
        self._tell(self._channel, now)

    async def get(self, key: str) -> bytes | None:
        self._must_be_open()
        return await self._backstage.get(self._channel, key)

    async def put(self, key: str, value: bytes | None) -> None:
        self._must_be_open()
        await self._backstage.put(self._channel, key, value)

    async def media(self, ref: str, *, want: str = "") -> MediaFile:
        self._must_be_open()
        return await as_wanted(await self._backstage.open_media(self._channel, ref), want)

    def log(self, entry: LogEntry) -> None:
        if self._closed:
            return
        clean = redacted(entry, self.redact)
        self.recent.append(Logged(at=datetime.now(UTC), entry=clean))
        self._backstage.log(self._channel, clean)

    def _must_be_open(self) -> None:
        if self._closed:  # a reload put another channel in its place
            raise Closed(f"channel {self._channel} was closed")

    def _note_loss(self, now: Standing) -> None:
        match now.state:
            case State.TRANSIENT if self._lost_at is None:
                self._lost_at = now.since
                log.warning("channel %s lost: %s %s", self._channel, now.code, now.text)
            case State.CONNECTED if self._lost_at is not None:
                log.info("channel %s back after %.0f s", self._channel, now.since - self._lost_at)
                self._lost_at = None
            case _:
                pass
