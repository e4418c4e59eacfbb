"""The bus between processes, over NATS core. This process hears itself directly, whatever NATS does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error, SlowConsumerError

from . import Handler, Stop
from .memory import MemoryBus
from .pieces import Joiner, cut

log = logging.getLogger("jackfield.bus")

_RETRY = 0.25  # seconds between attempts to connect
_CONNECT = 5  # seconds for one attempt
_ANSWER = 5.0  # seconds a server has to answer, and the start of a process waits for it
_PING = 10  # seconds; two without an answer, and the connection is lost


class NatsBus:
    """Handlers are kept here; NATS is told which subjects this process wants, again and again."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._here = MemoryBus()
        self._client = Client()
        self._have: dict[str, Subscription] = {}
        self._wanted = asyncio.Event()  # something to tell NATS
        self._settled = asyncio.Event()  # nothing to tell
        self._settled.set()
        self._again: list[Callable[[], None]] = []
        self._lost = False
        self.ready = asyncio.Event()  # connected for the first time

    @property
    def connected(self) -> bool:
        return self._client.is_connected

    async def publish(self, subject: str, data: bytes) -> None:
        await self._here.publish(subject, data)
        if not self.connected:
            return
        try:
            for piece, headers in cut(data, self._client.max_payload):
                await self._client.publish(subject, piece, headers=headers)
        except Error as error:
            log.warning("NATS did not take a message on %s: %s", subject, error)

    def subscribe(self, subject: str, handler: Handler) -> Stop:
        stop_here = self._here.subscribe(subject, handler)
        self._tell()

        def stop() -> None:
            stop_here()
            self._tell()

        return stop

    def _tell(self) -> None:
        self._settled.clear()
        self._wanted.set()

    async def settle(self) -> None:
        """See Bus. No answer in time means that NATS is away, and on_reconnect will say so."""
        with suppress(TimeoutError, Error):
            async with asyncio.timeout(_ANSWER):
                while self.connected and not self._settled.is_set():
                    await self._settled.wait()
                for _ in range(2):  # the library's PING overtakes a SUB it has not written yet
                    if self.connected:
                        await self._client.flush()

    def on_reconnect(self, call: Callable[[], None]) -> Stop:
        self._again.append(call)

        def stop() -> None:
            if call in self._again:
                self._again.remove(call)

        return stop

    async def run(self) -> None:
        """Connect, for as long as that takes; then keep NATS told of what is wanted. Ends by cancelling."""
        await self._client.connect(
            self._url,
            name="jackfield",
            no_echo=True,  # this process has heard itself already
            connect_timeout=_CONNECT,
            reconnect_time_wait=_RETRY,  # type: ignore[arg-type]  # only slept: a float is as good
            max_reconnect_attempts=-1,
            ping_interval=_PING,
            max_outstanding_pings=2,
            error_cb=self._on_error,
            disconnected_cb=self._on_lost,
            reconnected_cb=self._on_back,
        )
        self.ready.set()
        if self._lost:
            await self._on_back()
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                await self._reconcile()
            except Error as error:
                log.warning("NATS did not take a subscription: %s", error)
                await asyncio.sleep(_RETRY)
                self._wanted.set()

    async def _reconcile(self) -> None:
        wanted = set(self._here.subjects)
        for subject in wanted - self._have.keys():
            hearer = self._hearer(subject)
            self._have[subject] = await self._client.subscribe(subject, cb=hearer)  # pyright: ignore[reportUnknownMemberType]
        for subject in self._have.keys() - wanted:
            await self._have.pop(subject).unsubscribe()
        if not self._wanted.is_set():
            self._settled.set()

    def _hearer(self, subject: str) -> Callable[[Msg], Awaitable[None]]:
        joiner = Joiner()

        async def hear(message: Msg) -> None:
            data = joiner.join(message.data, message.headers)
            if data is not None:
                self._here.deliver(subject, data)

        return hear

    async def close(self) -> None:
        try:
            await self._client.close()
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            # it was not us: a connection cut while the client closed it cancels what the client waits for

    async def _on_error(self, error: Exception) -> None:
        """Called for a connection that is cut, for every failed attempt to have it back, for what the server
        refuses, and for messages that were dropped because we are slow."""
        if self.connected:
            log.warning("NATS: %s", error)
            if isinstance(error, SlowConsumerError):
                self._catch_up()
        elif not self._lost:
            log.warning("NATS: %s; trying again until it answers", str(error) or type(error).__name__)
            self._lost = True

    async def _on_lost(self) -> None:
        if not self._lost and not self._client.is_closed:
            log.warning("NATS is lost; this process goes on by itself")
            self._lost = True

    async def _on_back(self) -> None:
        self._lost = False
        log.info("NATS is back")
        self._catch_up()

    def _catch_up(self) -> None:
        for call in tuple(self._again):
            try:
                call()
            except Exception:
                log.exception("catching up with what NATS lost failed")


@asynccontextmanager
async def nats_bus(url: str) -> AsyncGenerator[NatsBus]:
    """A bus that begins to connect at once; waits a moment for it, not longer."""
    bus = NatsBus(url)
    task = asyncio.create_task(bus.run(), name="bus")
    ready = asyncio.create_task(bus.ready.wait(), name="bus is ready")
    try:
        await asyncio.wait((task, ready), timeout=_ANSWER, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()  # it ends by itself only with an error: a wrong address, a wrong password
        yield bus
    finally:
        for mine in (ready, task):
            mine.cancel()
            with suppress(asyncio.CancelledError):
                await mine
        await bus.close()
