"""How a channel stands: what its bridge says of itself, and what is done when that ends."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from typing import NoReturn

from jackfield.channel import HistoryChunk, Port, State, Unavailable

from .line import Gone, Line
from .protocol import LinkState, Status
from .states import told

CRASHES, WITHIN = 5, 600.0  # so many ends of the bridge in so many seconds: a person has to look
PAST_WITHIN = 300.0  # seconds between two pieces of the past
AFTER_BAN = (1.0, 5.0)  # seconds to wait when a ban is over, about
UNTIL = "banned_until"  # the key under which the end of a ban is kept

OVER: frozenset[LinkState] = frozenset(
    {"replaced", "temp_banned", "locked", "banned", "logged_out", "engine_outdated"}
)
"""A bridge that has said so ends by itself."""

GONE: frozenset[LinkState] = frozenset({"logged_out", "locked", "banned"})
"""The session does not exist any more: the account has to be linked again, if it can be."""

SPEAKS = frozenset({State.CONNECTED, State.BACKFILLING})
LIVE: frozenset[LinkState] = frozenset({"connected", "syncing"})


class Standing:
    """`until`: the network's word on how long a ban lasts, seconds since 1970. `speaks` is set while the
    bridge is there, and so is the network."""

    def __init__(self, port: Port) -> None:
        self.until: int | None = None
        self.speaks = asyncio.Event()
        self._over = asyncio.Event()  # a person, or time, has to do something first
        self._port = port
        self._crashes: deque[float] = deque(maxlen=CRASHES)
        self._last: Status | None = None  # what the bridge said last
        self._chunk_at: float | None = None  # when a piece of the past came, while more is to come

    async def said(self, status: Status) -> None:
        if self._last is not None and self._last.state in OVER and status.state not in OVER:
            return  # the engine's threads tell of a connection that has ended already
        state, code = told(status)
        self._last, self.until = status, status.until
        if state in SPEAKS:
            self.speaks.set()
        else:
            self.speaks.clear()
        if status.state in OVER:
            self._over.set()
        else:
            self._over.clear()
        if status.state == "temp_banned" and status.until is not None:
            await self._port.put(UNTIL, b"%d" % status.until)
        if status.state == "connected" and self._chunk_at is not None:
            state = State.BACKFILLING  # it only comes back to what it was at
        self._port.state(state, code, status.text or status.code)

    @property
    def broke(self) -> bool:
        """Whether there was a bridge that broke lately."""
        return bool(self._crashes)

    def leave(self) -> None:
        """Nobody speaks from here on, until the next bridge does."""
        self.speaks.clear()

    async def stand(self, within: float) -> None:
        """Wait so many seconds for a bridge that is on its way. Raises Unavailable when it is over: what
        waits here must not leave with the next session before somebody has looked at it."""
        waits = [asyncio.create_task(event.wait()) for event in (self.speaks, self._over)]
        try:
            await asyncio.wait(waits, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()
        if self._over.is_set():
            raise Unavailable("the session is over")

    # -- the past --------------------------------------------------------------------------------

    def past_came(self, chunk: HistoryChunk) -> None:
        """While the past comes in, that is how it is; messages come and go meanwhile."""
        self._chunk_at = None if chunk.done else time.monotonic()
        if self._last is None or self._last.state not in LIVE:
            return
        self._port.state(State.CONNECTED if chunk.done else State.BACKFILLING)

    def look(self) -> None:
        """From time to time: a phone that was switched off meanwhile shares no more of its past."""
        if self._chunk_at is not None and time.monotonic() - self._chunk_at > PAST_WITHIN:
            self._chunk_at = None
            if self._last is not None and self._last.state == "connected":
                self._port.state(State.CONNECTED)

    # -- the end ---------------------------------------------------------------------------------

    async def ended(self, gone: Gone, line: Line) -> None:
        """The bridge of a line ended by itself, or broke. Returns when another one may be started."""
        last, self._last = self._last, None
        state = None if last is None else last.state
        if state == "temp_banned" and self.until is not None:
            await self.wait_out()
            self._port.state(State.CONNECTING)
        elif state in OVER:
            if state in GONE:  # the journal is empty by then
                await asyncio.to_thread(line.wipe)
            raise Unavailable(str(gone))  # a final state was told: core does not try again
        else:
            self._crashed(str(gone))

    async def wait_out(self) -> None:
        """A ban is not to be knocked at. It outlives our own process."""
        kept = await self._port.get(UNTIL)
        if kept is None:
            return
        self.until = int(kept)
        if (left := self.until - time.time()) > 0:
            self._port.state(State.SUSPENDED, "temp_banned")
            await asyncio.sleep(left + random.uniform(*AFTER_BAN))  # noqa: S311  # not a secret
        await self._port.put(UNTIL, None)
        self.until = None

    def _crashed(self, words: str) -> NoReturn:
        """Core starts us again, a little later each time; but not for ever."""
        now = time.monotonic()
        self._crashes.append(now)
        if len(self._crashes) == CRASHES and now - self._crashes[0] < WITHIN:
            self._crashes.clear()
            self._port.state(State.STOPPED, "crashed", words)
        raise Unavailable(words)
