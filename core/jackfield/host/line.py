"""The line of an open channel: kept connected, started again after a loss, and ended for sure."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable, Mapping

from msgspec import Struct

from jackfield.channel import BadCredentials, Channel, ChannelError, ChannelId, ChannelKind, State, Suspended

from .backoff import BackOff
from .port import ChannelPort
from .trouble import Stuck

log = logging.getLogger("jackfield.host")

CANCEL_TRIES = 5  # a second apart, before a channel counts as stuck
FINAL = frozenset({State.BAD_CREDENTIALS, State.LOGGED_OUT, State.SUSPENDED, State.STOPPED})


class Opened(Struct, frozen=True, kw_only=True):
    """One open channel as the host sees it. `running`: the host keeps it connected from here."""

    kind: str
    running: bool
    state: State | None = None  # None: nothing said yet
    code: str = ""
    text: str = ""


class Line:
    """An open channel, its port, and the task that keeps it connected."""

    def __init__(
        self,
        id_: ChannelId,
        kind: ChannelKind,
        config: Mapping[str, str],
        channel: Channel,
        port: ChannelPort,
    ) -> None:
        self.kind, self.config, self.channel, self.port = kind, config, channel, port
        self._id = id_
        self._task: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        return self._task is not None and not self._task.done()

    @property
    def ended(self) -> bool:
        """It ran here until it said that a person has to do something; nobody stopped it."""
        return self._task is not None and self._task.done() and not self._task.cancelled()

    @property
    def described(self) -> Opened:
        now = self.port.standing
        if now is None:
            return Opened(kind=self.kind.name, running=self.running)
        return Opened(
            kind=self.kind.name, running=self.running, state=now.state, code=now.code, text=now.text
        )

    def start(self, tasks: asyncio.TaskGroup, backoff: BackOff, luck: Callable[[], float]) -> None:
        """Keep it connected from now on, in a task of `tasks`."""
        self._task = tasks.create_task(self._supervise(backoff, luck), name=f"channel {self._id}")

    async def halt(self) -> None:
        """Let go of the connection. Raises Stuck if the channel swallows every cancellation."""
        for _ in range(CANCEL_TRIES):
            if self._task is None or self._task.done():
                return
            self._task.cancel()
            _, late = await asyncio.wait({self._task}, timeout=1.0)
            if late:
                log.warning("channel %s does not end when it is cancelled", self._id)
        raise Stuck(f"channel {self._id} does not end, however often it is cancelled")

    async def _supervise(self, backoff: BackOff, luck: Callable[[], float]) -> None:
        port, tries = self.port, 0
        port.state(State.CONNECTING)
        while True:
            err = await _hold(self.channel)
            if isinstance(err, BadCredentials | Suspended):
                state = State.SUSPENDED if isinstance(err, Suspended) else State.BAD_CREDENTIALS
                port.state(state, err.remote_code or err.code, err.detail)
            if port.standing is not None and port.standing.state in FINAL:
                log.warning("channel %s is %s and not tried again", self._id, port.standing.state)
                return
            tries = 1 if port.connected_for() >= backoff.quiet else tries + 1
            log.log(
                logging.WARNING if tries == 1 else logging.DEBUG,
                "channel %s ended:\n%s",
                self._id,
                port.redact("".join(traceback.format_exception(err))),
            )
            port.state(State.TRANSIENT, _code(err), str(err))
            pause = backoff.wait(tries, luck())
            await asyncio.sleep(max(pause, err.after if isinstance(err, ChannelError) else 0))


async def _hold(channel: Channel) -> BaseException:
    """Run a channel until it ends by itself, and say why it did."""
    try:
        await channel.run()
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        return RuntimeError("run() cancelled itself")
    except (Exception, SystemExit) as err:
        return err
    return RuntimeError("run() returned, though it should hold until it is cancelled")


def _code(err: BaseException) -> str:
    return (err.remote_code or err.code) if isinstance(err, ChannelError) else type(err).__name__
