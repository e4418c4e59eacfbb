"""Session: one websocket, from hello to the last frame."""

from __future__ import annotations

import asyncio
import logging
import math
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, assert_never

import msgspec

from jackfield import ids
from jackfield.errors import NotFound, Problem, TooMany, Unavailable
from jackfield.inbox.perform import Actor, Inbox
from jackfield.inbox.reading import Reading
from jackfield.wire import realtime as rt

from .feed import Event, Listener, pack
from .following import Following, Start
from .frames import MAX_FRAME, Bye, NoCommand, read_frame
from .hub import Hub
from .outlet import Outlet, Packet
from .pace import PER_SECOND, Pace
from .screen import Screen

log = logging.getLogger("jackfield.realtime")

HEARTBEAT = 25.0  # seconds
BEAT = 0.1  # seconds: those who are due in it are due together, so that one read tells the rights of all
RETRY = 0.5  # seconds until rights are looked at again after the store was away

_encoder = msgspec.json.Encoder()

Words = Callable[[str, str, Mapping[str, Any]], str]  # locale, problem code, its data -> a sentence


class Session(Listener):
    """Delivery is synchronous: an event of the stream is written, or queued, where it arrives."""

    __slots__ = (
        "_actor", "_build", "_hub", "_inbox", "_locale", "_outlet", "_pace", "_renew", "_screen", "_stale",
        "_streams", "_sure", "_words", "operator", "sid",
    )  # fmt: skip

    def __init__(
        self,
        *,
        hub: Hub,
        inbox: Inbox,
        reading: Reading,
        outlet: Outlet,
        actor: Actor,
        renew: Callable[[], Awaitable[Actor | None]],
        words: Words,
        locale: str,
        build: str,
    ) -> None:
        self._hub, self._inbox, self._outlet = hub, inbox, outlet
        self._actor, self._renew, self._words, self._build = actor, renew, words, build
        self._locale = locale
        self.operator = actor.operator
        self.sid = ids.show("s", ids.new_id())
        self._streams = Following(hub, reading.events, self)
        self._screen = Screen(hub, reading, self._streams, operator=self.operator, sid=self.sid)
        self._stale = asyncio.Event()  # rights have to be looked at again
        self._sure = asyncio.Event()  # they have been: nothing is done before, with rights he may have lost
        self._sure.set()
        self._pace = Pace()
        hub.enter(self)

    # -- what the hub brings (synchronous) -------------------------------------------------------

    def deliver(self, packet: Packet) -> None:
        self._outlet.write(packet)

    def hear(self, operator: int, packet: Packet) -> None:
        if operator != self.operator:
            self._outlet.write_lossy(packet)

    def look_again(self) -> None:
        self._sure.clear()
        self._stale.set()

    def _say(self, frame: rt.ServerFrame) -> None:
        self._outlet.write(Packet(_encoder.encode(frame)))

    def _replay(self, events: list[Event]) -> None:
        if events:  # asked for, and once only: it may be more than a backlog holds
            packet = pack(events)
            self._outlet.write(Packet(packet.payload, weight=0))

    # -- a frame of the client -------------------------------------------------------------------

    async def greet(self, text: str | bytes) -> None:
        """The first frame. Raises Bye, Unavailable."""
        frame = read_frame(text)
        if not isinstance(frame, rt.Hello | rt.Resume):
            raise Bye(rt.CloseCode.PROTOCOL, "say hello first")
        if frame.v != rt.VERSION:
            raise Bye(rt.CloseCode.PROTOCOL, f"this server speaks version {rt.VERSION}")
        if isinstance(frame, rt.Hello) and frame.locale:
            self._locale = frame.locale
        missed, resets = await self._begin(frame)
        now = time.time_ns() // 1_000_000
        streams = self._streams.heads()
        if isinstance(frame, rt.Resume):
            self._say(
                rt.Resumed(sid=self.sid, streams=streams, count=len(missed), now=now, build=self._build)
            )
        else:
            self._say(
                rt.Ready(
                    sid=self.sid,
                    streams=streams,
                    hb=int(HEARTBEAT * 1000),
                    now=now,
                    build=self._build,
                    limits={"cmd_per_s": PER_SECOND, "frame": MAX_FRAME},
                )
            )
        for reset in resets:
            self._say(reset)
        self._replay(missed)

    async def _begin(self, frame: rt.Hello | rt.Resume) -> tuple[list[Event], list[rt.Reset]]:
        """Join every stream where the client stands, and say what it missed."""
        mine = {ids.show("w", workspace): workspace for workspace in self._actor.roles}
        resets = [rt.Reset(ws=name, why="rights") for name in frame.streams if name not in mine]
        starts: dict[int, Start] = {}
        for name, workspace in mine.items():
            at = frame.streams.get(name)
            try:
                start = await self._streams.reach(workspace, at)
            except NotFound:  # deleted a moment ago
                continue
            if at is None and isinstance(frame, rt.Resume):  # won while the client was away
                start = start._replace(why="rights")
            starts[workspace] = start
        # From here until all is said nothing is awaited: no event can slip in between.
        missed: list[Event] = []
        for workspace, start in starts.items():
            events, reset = self._streams.attach(workspace, start)
            missed += events
            if reset is not None:
                resets.append(reset)
        return missed, resets

    async def handle(self, text: str | bytes) -> None:
        """Every further frame. Raises Bye."""
        frame = read_frame(text)
        await self._sure.wait()  # ends with the look, or with the session
        match frame:
            case rt.Unview() | rt.Pong():
                pass  # lists are kept by the client; a pong is only a sign of life
            case NoCommand():
                if self._in_time(frame.cid):
                    self._say_problem(Problem(code="invalid", detail=frame.why), frame.cid)
            case rt.Cmd():
                await self._command(frame)
            case rt.Open():
                await self._guard(self._show(frame))
            case rt.CloseFrame():
                await self._screen.hide(frame.conv)
            case rt.ViewList():
                await self._guard(self._list(frame))
            case rt.Typing():
                await self._guard(self._inbox.typing(self._actor, frame.conv, frame.mode))
            case rt.Diff():
                await self._guard(self._diff(frame))
            case rt.Probe():
                self._ping()
            case rt.Hello() | rt.Resume():
                raise Bye(rt.CloseCode.PROTOCOL, "hello was said already")
            case _:
                assert_never(frame)

    # -- commands and windows --------------------------------------------------------------------

    async def _command(self, frame: rt.Cmd) -> None:
        if not self._in_time(frame.cid):
            return
        try:
            answer = await self._inbox.perform(self._actor, frame.d, cid=frame.cid)
        except Problem as problem:
            self._say_problem(problem, frame.cid)
        else:
            self._say(rt.Ok(cid=frame.cid, d=msgspec.Raw(_encoder.encode(answer))))

    def _in_time(self, cid: str) -> bool:
        """Whether a command may be done now; if not, that is answered. Raises Bye to who does not listen."""
        if self._pace.take():
            return True
        if not self._pace.bear():
            raise Bye(rt.CloseCode.RATE, "too many commands")
        self._say_problem(TooMany(after=1), cid)
        return False

    def _say_problem(self, problem: Problem, cid: str = "") -> None:
        self._say(
            rt.Err(
                cid=cid,
                code=problem.code,
                text=self._words(self._locale, problem.code, problem.data),
                retry=problem.status in (429, 503),
                d=dict(problem.data),
            )
        )

    async def _guard(self, doing: Awaitable[None]) -> None:
        """In turn; what is not there, or not yours, is no reason to end a session."""
        await self._pace.turn()
        try:
            await doing
        except Problem as problem:
            self._say_problem(problem)

    async def _show(self, frame: rt.Open) -> None:
        self._say(await self._screen.show(self._actor, frame))

    async def _list(self, frame: rt.ViewList) -> None:
        self._say(await self._screen.list(self._actor, frame))

    async def _diff(self, frame: rt.Diff) -> None:
        await self._outlet.drained()  # who does not read gets no second answer
        workspace = self._streams.find(frame.ws)
        if workspace is None:
            self._say(rt.Reset(ws=frame.ws, why="rights"))
            return
        missed, reset = await self._streams.since(workspace, frame.seq)
        if reset is not None:
            self._say(reset)
        self._replay(missed)

    # -- life ------------------------------------------------------------------------------------

    def _ping(self) -> None:
        """With the position of each stream, so that a client finds a silent loss."""
        self._say(rt.Ping(seqs=self._streams.sent()))

    async def keep_alive(self) -> None:
        """After greet(): ping, look at rights, say who is looking. Raises Bye."""
        now = asyncio.get_running_loop().time
        due = _on_the_beat(now() + HEARTBEAT * random.uniform(0.2, 1))  # noqa: S311  # not all at once
        while True:
            try:
                async with asyncio.timeout_at(due):
                    await self._stale.wait()
            except TimeoutError:
                due = _on_the_beat(now() + HEARTBEAT)
                self._ping()
                await self._screen.say_again()
            self._stale.clear()
            try:
                await self._check_rights()
            except Unavailable:
                log.warning("the rights of a session cannot be looked at; again in a moment")
                await asyncio.sleep(RETRY)
                self._stale.set()
            if not self._stale.is_set():  # else it was told again meanwhile
                self._sure.set()

    async def _check_rights(self) -> None:
        actor = await self._renew()
        if actor is None or actor.operator != self.operator:
            raise Bye(rt.CloseCode.SESSION_GONE, "signed out")
        self._actor = actor
        await self._screen.keep(actor)
        for reset in await self._streams.renew(set(actor.roles)):
            self._say(reset)

    async def leave(self) -> None:
        """Stop listening; tell who else is looking. Twice does no harm."""
        self._hub.leave(self)
        for workspace in tuple(self._streams.feeds):
            self._streams.leave(workspace)
        await self._screen.leave()


def _on_the_beat(at: float) -> float:
    return math.ceil(at / BEAT) * BEAT
