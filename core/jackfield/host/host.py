"""The host: opens channels, has them run, and holds the logins under way; all its tasks end with it."""

from __future__ import annotations

import asyncio
import logging
import secrets
import shutil
from collections import defaultdict
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

from jackfield.channel import Channel, ChannelId, ChannelKind

from .backoff import BackOff
from .line import Line, Opened
from .logins import Ground, LoginPort, LoginSession
from .port import Backstage, ChannelPort, Logged
from .redaction import redactor, secrets_of
from .states import States
from .trouble import CannotOpen, HostError, NoSuchKind, NotOpen, Stuck

log = logging.getLogger("jackfield.host")

LUCK = secrets.SystemRandom().random
LOGIN_WITHIN = 900.0  # seconds from the start of a login to its end
NOWHERE = Path("/nonexistent")  # a host without folders: whoever wants one fails there


class Host:
    """Use as `async with Host(…) as host`: every task lives inside, and leaving ends them all.

    Opening and running are two things: each process opens channels to convert webhooks and to send,
    only the one that holds a channel's lease runs it.
    """

    def __init__(
        self,
        kinds: Mapping[str, ChannelKind],
        backstage: Backstage,
        *,
        backoff: BackOff | None = None,
        luck: Callable[[], float] = LUCK,
        login_within: float = LOGIN_WITHIN,
        private_network: bool = False,
        url: str = "",
        folders: Path = NOWHERE,
    ) -> None:
        """`url`: as the outside reaches us, without a slash at its end. `folders`: of the channels' own."""
        self._kinds, self._backstage, self._private = kinds, backstage, private_network
        self._url, self._folders = url, folders
        self._backoff, self._luck, self._login_within = backoff or BackOff(), luck, login_within
        self._lines: dict[ChannelId, Line] = {}
        self._turns: defaultdict[ChannelId, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._logins: dict[str, LoginSession] = {}
        self._states = States(backstage)
        self._tasks: asyncio.TaskGroup | None = None

    async def __aenter__(self) -> Self:
        self._tasks = await asyncio.TaskGroup().__aenter__()
        self._teller = self._tasks.create_task(self._states.tell())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        tasks = self._owner()
        try:
            for login in list(self._logins.values()):
                await login.cancel("the server stops")
            ends = await asyncio.gather(*map(self.close, list(self._lines)), return_exceptions=True)
            for end in ends:
                if isinstance(end, Stuck):
                    log.error("%s", end)
            await self._states.told()
        finally:
            self._tasks = None  # nothing new from here on
            self._teller.cancel()
            if isinstance(err, asyncio.CancelledError):  # maybe the group's own, which it must see
                await tasks.__aexit__(kind, err, trace)
            else:  # an error of the caller's stays what it is: the group would wrap it
                await tasks.__aexit__(None, None, None)

    # channels

    async def open(self, channel: ChannelId, kind: str, config: Mapping[str, str]) -> Channel:
        """Open a channel, or reload it if its configuration is another now; then it runs on if it ran.

        Raises NoSuchKind or CannotOpen, and then leaves alone what was open.
        """
        async with self._turns[channel]:
            old = self._lines.get(channel)
            if old is not None and (old.kind.name, old.config) == (kind, config):
                return old.channel
            line = self._make(channel, kind, config)
            ran = old is not None and (old.running or old.ended)
            if old is not None:
                await old.halt()
                old.port.close()
            self._lines[channel] = line
            if ran:
                self._start(line)
            return line.channel

    async def close(self, channel: ChannelId) -> None:
        """Stop it, and take its port away. Closing what is not open is nothing."""
        async with self._turns[channel]:
            line = self._lines.get(channel)
            if line is not None:
                await line.halt()
                line.port.close()
                del self._lines[channel]

    async def forget(self, channel: ChannelId, kind: str) -> None:
        """Close it, and remove what it has kept on this machine."""
        await self.close(channel)
        await asyncio.to_thread(shutil.rmtree, self._folder(kind, channel), ignore_errors=True)

    def run(self, channel: ChannelId) -> None:
        """Keep it connected from now on. Running it twice is running it once. Raises NotOpen."""
        line = self._line(channel)
        if not line.running:
            self._start(line)

    def wake(self, channel: ChannelId) -> None:
        """Run it again if it has ended here: a person has done what it needed. Raises NotOpen."""
        line = self._line(channel)
        if line.ended:
            self._start(line)

    async def stop(self, channel: ChannelId) -> None:
        """Let go of the connection; the channel stays open. Reports no state: the caller knows why.

        Raises NotOpen, and Stuck if the channel swallows every cancellation.
        """
        async with self._turns[channel]:
            await self._line(channel).halt()

    def channel(self, channel: ChannelId) -> Channel | None:
        line = self._lines.get(channel)
        return None if line is None else line.channel

    def kind(self, name: str) -> ChannelKind:
        """Raises NoSuchKind."""
        if name not in self._kinds:
            raise NoSuchKind(f"no plugin here brings the channel kind {name}")
        return self._kinds[name]

    def opened(self) -> dict[ChannelId, Opened]:
        return {channel: line.described for channel, line in self._lines.items()}

    def log_of(self, channel: ChannelId) -> list[Logged]:
        """The last entries of its channel log, oldest first, redacted. Raises NotOpen."""
        return list(self._line(channel).port.recent)

    # logins

    def login(
        self, kind: str, flow: str, *, again: ChannelId | None = None, ground: Ground | None = None
    ) -> LoginSession:
        """Begin an attempt: call start() on what this returns. Raises NoSuchKind, KeyError for the flow.

        Nobody need end it: it is cancelled when its time is over. When it is Done, core stores the
        channel and copies `session.port.kept` to its keys.
        """
        known, tasks = self.kind(kind), self._owner()
        if flow not in known.logins():
            raise KeyError(flow)
        read = None if again is None else partial(self._backstage.get, again)
        ground = ground or Ground(channel=again or ChannelId(""))
        hook = self._hook(ground.channel)
        folder = self._folder(kind, ground.channel)
        port = LoginPort(ground, read, hook=hook, folder=folder, private_network=self._private)
        login = known.login(flow, port)
        session = LoginSession(kind, login, port, channel=ground.channel, again=again)
        self._logins[session.id] = session
        tasks.create_task(self._watch(session))
        return session

    def logins(self, kind: str = "") -> list[LoginSession]:
        """Every login under way, or those of one kind."""
        return [session for session in self._logins.values() if kind in ("", session.kind)]

    def session(self, login: str) -> LoginSession | None:
        """A login under way, by its id."""
        return self._logins.get(login)

    def beside(self, session: LoginSession, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Do something for a login as long as this process lives; what it raises ends it alone."""
        return self._owner().create_task(_logged(session, work))

    async def hand_over(self, session: LoginSession, channel: ChannelId) -> None:
        """What a login has left on this machine is this channel's from now on, also where it was begun for
        a new one and came to one that had been removed."""
        left, own = session.port.folder, self._folder(session.kind, channel)
        if left != own and left.exists():
            await asyncio.to_thread(shutil.rmtree, own, ignore_errors=True)
            await asyncio.to_thread(shutil.move, left, own)

    async def throw_away(self, session: LoginSession) -> None:
        """Nothing came of a login that was done: remove what it has left on this machine."""
        await asyncio.to_thread(shutil.rmtree, session.port.folder, ignore_errors=True)

    async def _watch(self, session: LoginSession) -> None:
        try:
            async with asyncio.timeout(self._login_within):
                await session.over.wait()
        except TimeoutError:
            await session.cancel("took too long")
        finally:
            del self._logins[session.id]

    # what the two need

    def _make(self, channel: ChannelId, name: str, config: Mapping[str, str]) -> Line:
        kind, config = self.kind(name), MappingProxyType(dict(config))
        redact = redactor(secrets_of(kind, config))
        port = ChannelPort(
            channel,
            self._backstage,
            redact=redact,
            tell=self._states.queue,
            private_network=self._private,
            hook=self._hook(channel),
            folder=self._folder(name, channel),
        )
        try:
            return Line(channel, kind, config, kind.open(channel, config, port), port)
        except Exception as err:
            raise CannotOpen(f"{name}: {type(err).__name__}: {redact(str(err))}") from None

    def _folder(self, kind: str, channel: ChannelId) -> Path:
        return self._folders / kind / channel

    def _hook(self, channel: ChannelId) -> str:
        """Where a provider calls for this channel."""
        return f"{self._url}/hooks/{channel}"

    def _start(self, line: Line) -> None:
        line.start(self._owner(), self._backoff, self._luck)

    def _line(self, channel: ChannelId) -> Line:
        if channel not in self._lines:
            raise NotOpen(f"channel {channel} is not open here")
        return self._lines[channel]

    def _owner(self) -> asyncio.TaskGroup:
        if self._tasks is None:
            raise HostError("the host works inside `async with host` only")
        return self._tasks


async def _logged(session: LoginSession, work: Coroutine[None, None, None]) -> None:
    try:
        await work
    except Exception:
        log.exception("what was done beside a login of %s failed", session.kind)
