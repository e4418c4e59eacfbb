"""Logins under way: each an attempt with an id and a deadline, one step at a time, cancelled for sure."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from msgspec import Struct

from jackfield.channel import (
    AnyEvent,
    Ask,
    ChannelId,
    Done,
    Hooked,
    HookedLogin,
    HookRequest,
    LogEntry,
    Login,
    MediaFile,
    Show,
    State,
    Step,
)

from .port import LOG_KEPT, Logged, redacted
from .redaction import redactor
from .trouble import Closed, LoginEnded

log = logging.getLogger("jackfield.host")

CANCEL_WITHIN = 5.0  # seconds a plugin may take to tidy up after a cancelled login

Read = Callable[[str], Awaitable[bytes | None]]
Taken = Literal["", "here", "elsewhere"]


async def _free(_external_id: str) -> Taken:
    return ""


class Ground(Struct, frozen=True, kw_only=True):
    """What core knows of the channel a login may become.

    `channel`: its id, chosen before it is there; `known`: the configuration it begins with, secrets and
    all; `taken(external_id)`: whether another channel has that address.
    """

    channel: ChannelId
    known: Mapping[str, str] = {}
    hidden: Mapping[str, str] = {}
    taken: Callable[[str], Awaitable[Taken]] = _free


class LoginPort:
    """The port of a channel that is not there yet.

    What the login puts is in `kept` until core has stored the channel and copies it there; a renewed
    login reads what its channel has kept. Nothing can be emitted, and states go nowhere.
    """

    def __init__(
        self,
        ground: Ground,
        read: Read | None = None,
        *,
        hook: str = "",
        folder: Path = Path(),
        private_network: bool = False,
    ) -> None:
        self.folder = folder
        self.private_network, self.hook, self.known = private_network, hook, ground.known
        self._taken = ground.taken
        self.kept: dict[str, bytes | None] = {}
        self.recent: deque[Logged] = deque(maxlen=LOG_KEPT)
        self._read = read
        self._secrets: set[str] = set()
        self._redact = redactor(())
        self.hide(ground.hidden)

    def hide(self, values: Mapping[str, str]) -> None:
        """Keep these values out of the log from now on."""
        self._secrets |= {value for value in values.values() if value}
        self._redact = redactor(self._secrets)

    async def emit(self, *events: AnyEvent, raw: bytes = b"") -> None:
        raise Closed(f"{len(events)} events, {len(raw)} bytes: no channel to store them in before Done")

    def state(self, state: State, code: str = "", text: str = "") -> None:
        log.debug("a login reports %s %s %s", state, code, self._redact(text))

    async def get(self, key: str) -> bytes | None:
        if key in self.kept or self._read is None:
            return self.kept.get(key)
        return await self._read(key)

    async def put(self, key: str, value: bytes | None) -> None:
        self.kept[key] = value

    async def media(self, ref: str, *, want: str = "") -> MediaFile:
        raise Closed(f"a login has no media: {ref}")

    async def taken(self, external_id: str) -> Taken:
        return await self._taken(external_id)

    def log(self, entry: LogEntry) -> None:
        self.recent.append(Logged(at=datetime.now(UTC), entry=redacted(entry, self._redact)))


class LoginSession:
    """One attempt. Its steps raise LoginEnded once it is over, and whatever the plugin raises."""

    def __init__(
        self, kind: str, login: Login, port: LoginPort, *, channel: ChannelId, again: ChannelId | None
    ) -> None:
        self.id = secrets.token_urlsafe(16)
        self.kind, self.again, self.port, self.channel = kind, again, port, channel
        self.step: Step | None = None
        self.ended = ""  # why it is over; "": it is not
        self.over = asyncio.Event()
        self._login = login
        self._turn = asyncio.Lock()
        self._deadline: asyncio.Timeout | None = None

    async def start(self) -> Step:
        return await self._take(lambda: self._login.start(self.again))

    async def submit(self, values: Mapping[str, str]) -> Step:
        """Answer the Ask that is open, or go on from what is shown: then a wait() under way gives way.

        Values of secret fields stay out of every log.
        """
        if isinstance(self.step, Show) and self._deadline is not None:
            self._deadline.reschedule(asyncio.get_running_loop().time())
        if isinstance(self.step, Ask):
            hidden = {field.name for field in self.step.fields if field.secret or field.type == "password"}
            self.port.hide({name: value for name, value in values.items() if name in hidden})
        return await self._take(lambda: self._login.submit(values))

    async def wait(self) -> Step:
        """The next step, once the other side has done its part. Give it a time-out of your own."""
        return await self._take(self._login.wait)

    def webhook(self, request: HookRequest) -> Hooked | None:
        """What the login makes of a provider's call; None where it is not about it, or takes none."""
        if self.ended or not isinstance(self._login, HookedLogin):
            return None
        try:
            return self._login.webhook(request)
        except Exception:
            log.exception("a login of %s could not read a call", self.kind)
            return None

    async def cancel(self, why: str = "cancelled") -> None:
        """End it, also in the middle of a step. Safe to call twice."""
        if self.ended:
            return
        self._end(why)
        if self._deadline is not None:  # a step is under way: let it end now
            self._deadline.reschedule(asyncio.get_running_loop().time())
        async with self._turn:
            try:
                async with asyncio.timeout(CANCEL_WITHIN):
                    await self._login.cancel()
            except Exception:
                log.exception("a login of %s could not be cancelled", self.kind)

    async def _take(self, step: Callable[[], Awaitable[Step]]) -> Step:
        async with self._turn:
            if self.ended:
                raise LoginEnded(self.ended)
            self._deadline = asyncio.timeout(None)
            try:
                async with self._deadline:
                    self.step = await step()
            except TimeoutError:
                if self.ended:
                    raise LoginEnded(self.ended) from None
                raise
            finally:
                self._deadline = None
            if self.ended:  # while it was taking its last step
                raise LoginEnded(self.ended)
            if isinstance(self.step, Done):
                self._end("done")
            return self.step

    def _end(self, why: str) -> None:
        self.ended = why
        self.over.set()
