"""Session: one websocket, from hello to the last frame."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, assert_never

import msgspec
from jackfield.inbox.perform import Actor, Inbox
from jackfield.inbox.reading import Reading

from jackfield import ids
from jackfield.errors import NotFound, Problem
from jackfield.wire import realtime as rt
from jackfield.wire.views import StreamHead

from .feed import RING, Event, Feed, pack, replay
from .hub import Audience, Hub
from .outlet import Outlet, Packet

COMMANDS_PER_SECOND = 20
COMMAND_BURST = 60
HEARTBEAT = 25.0  # seconds
MAX_FRAME = 262_144  # bytes
MAX_OPEN = 20  # conversations on screen of one session

_decoder = msgspec.json.Decoder(rt.ClientFrame)
_encoder = msgspec.json.Encoder()

Words = Callable[[str, Mapping[str, Any]], str]  # problem code, its data -> a sentence


class Bye(Exception):
    """End the session with this close code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Session(Audience):
    """Delivery is synchronous: an event of the stream is written, or queued, where it arrives."""

    __slots__ = (
        "_actor", "_build", "_feeds", "_hub", "_inbox", "_open", "_outlet", "_own", "_reading",
        "_renew", "_stale", "_tokens", "_tokens_at", "_words", "operator", "sid",
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
        build: str,
    ) -> None:
        self._hub, self._inbox, self._reading, self._outlet = hub, inbox, reading, outlet
        self._actor, self._renew, self._words, self._build = actor, renew, words, build
        self.operator = actor.operator
        self.sid = ids.show("s", ids.new_id())
        self._feeds: dict[int, Feed] = {}
        self._own: dict[int, int] = {}  # by workspace: seq of the last private event sent
        self._open: dict[str, int] = {}  # conversation -> workspace
        self._stale = asyncio.Event()  # rights have to be looked at again
        self._tokens, self._tokens_at = float(COMMAND_BURST), time.monotonic()

    # -- what the hub brings (synchronous) -------------------------------------------------------

    def deliver(self, packet: Packet) -> None:
        self._outlet.write(packet)

    def deliver_own(self, workspace: int, seq: int, packet: Packet) -> None:
        self._own[workspace] = seq
        self._outlet.write(packet)

    def hear(self, operator: int, packet: Packet) -> None:
        if operator != self.operator:
            self._outlet.write_lossy(packet)

    def rights_changed(self) -> None:
        self._stale.set()

    def _say(self, frame: rt.ServerFrame) -> None:
        self._outlet.write(Packet(_encoder.encode(frame)))

    # -- a frame of the client -------------------------------------------------------------------

    async def greet(self, text: str | bytes) -> None:
        """The first frame. Raises Bye."""
        frame = self._decode(text)
        if not isinstance(frame, rt.Hello | rt.Resume):
            raise Bye(rt.CloseCode.PROTOCOL, "say hello first")
        if frame.v != rt.VERSION:
            raise Bye(rt.CloseCode.PROTOCOL, f"this server speaks version {rt.VERSION}")
        wanted = {ws: frame.streams.get(ids.show("w", ws)) for ws in self._actor.roles}
        starts, resets = await self._reach(wanted)
        # From here to attach() nothing is awaited: no event can slip in between.
        missed: list[Event] = []
        for workspace, (feed, seq, older) in starts.items():
            covered = self._attach(workspace, feed, seq, older)
            if covered is None:
                resets.append(self._reset(workspace, "overflow", feed))
            else:
                missed += covered
        streams = {ids.show("w", ws): feed.head for ws, (feed, _, _) in starts.items()}
        now = time.time_ns() // 1_000_000
        if isinstance(frame, rt.Resume):
            self._say(
                rt.Resumed(sid=self.sid, streams=streams, count=len(missed), now=now, build=self._build)
            )
        else:
            limits = {"cmd_per_s": COMMANDS_PER_SECOND, "frame": MAX_FRAME}
            self._say(
                rt.Ready(
                    sid=self.sid,
                    streams=streams,
                    hb=int(HEARTBEAT * 1000),
                    now=now,
                    build=self._build,
                    limits=limits,
                )
            )
        for reset in resets:
            self._say(reset)
        if missed:
            self._outlet.write(pack(missed))

    async def handle(self, text: str | bytes) -> None:
        """Every further frame. Raises Bye."""
        frame = self._decode(text)
        match frame:
            case rt.Cmd():
                await self._command(frame)
            case rt.Open():
                await self._guard(self._show(frame))
            case rt.CloseFrame():
                await self._hide(frame.conv)
            case rt.ViewList():
                await self._guard(self._list(frame))
            case rt.Unview() | rt.Pong():
                pass  # lists are kept by the client; a pong is only a sign of life
            case rt.Typing():
                await self._guard(self._inbox.typing(self._actor, frame.conv, frame.mode))
            case rt.Diff():
                await self._diff(frame)
            case rt.Probe():
                self.ping()
            case rt.Hello() | rt.Resume():
                raise Bye(rt.CloseCode.PROTOCOL, "hello was said already")
            case _:
                assert_never(frame)

    def _decode(self, text: str | bytes) -> rt.ClientFrame:
        if len(text) > MAX_FRAME:
            raise Bye(rt.CloseCode.TOO_BIG, f"a frame has at most {MAX_FRAME} bytes")
        try:
            return _decoder.decode(text)
        except msgspec.ValidationError as error:
            self._refuse(text, error)
        except msgspec.DecodeError as error:
            raise Bye(rt.CloseCode.PROTOCOL, "not JSON") from error
        return rt.Probe()

    def _refuse(self, text: str | bytes, error: msgspec.ValidationError) -> None:
        """A command that is not one is answered; any other frame we cannot read ends the session."""
        try:
            cid = msgspec.json.decode(text, type=_Cid).cid
        except msgspec.DecodeError:
            raise Bye(rt.CloseCode.PROTOCOL, str(error)[:100]) from error
        words = self._words("invalid", {})
        self._say(rt.Err(cid=cid, code="invalid", text=words, d={"detail": str(error)}))

    # -- streams ---------------------------------------------------------------------------------

    async def _reach(
        self, wanted: Mapping[int, StreamHead | None]
    ) -> tuple[dict[int, tuple[Feed, int, list[Event]]], list[rt.Reset]]:
        """For each workspace: its feed, a seq it covers, and what is older than that, read from the log.

        Where the client cannot be brought up from where it stands, it is told to read again.
        """
        starts: dict[int, tuple[Feed, int, list[Event]]] = {}
        resets: list[rt.Reset] = []
        for workspace, at in wanted.items():
            feed = await self._hub.feed(workspace)
            if at is None:
                starts[workspace] = (feed, -1, [])
            elif at.epoch != feed.epoch or at.seq > feed.seq:
                starts[workspace] = (feed, -1, [])
                resets.append(self._reset(workspace, "epoch", feed))
            elif feed.seq - at.seq > RING:
                starts[workspace] = (feed, -1, [])
                resets.append(self._reset(workspace, "too_old", feed))
            else:
                starts[workspace] = (feed, at.seq, [])
        for workspace, (feed, seq, _) in list(starts.items()):
            if seq >= 0 and not feed.covers(seq):
                older, upto = await self._older(workspace, seq)
                if older is None:
                    resets.append(self._reset(workspace, "too_old", feed))
                    starts[workspace] = (feed, -1, [])
                else:
                    starts[workspace] = (feed, upto, older)
        return starts, resets

    async def _older(self, workspace: int, seq: int) -> tuple[list[Event] | None, int]:
        """Read the log until the ring takes over; None: it does not reach back so far."""
        rows = await self._reading.events(workspace, seq, RING)
        if rows is None:
            return None, -1
        events = replay(ids.show("w", workspace), rows, after=seq, operator=self.operator)
        upto = rows[-1].seq if rows else seq
        return events, upto

    def _attach(self, workspace: int, feed: Feed, seq: int, older: list[Event]) -> list[Event] | None:
        """Listen from now on; return what was missed. seq -1: nothing, the client starts at the head.

        None: more poured in while the log was read than the ring holds.
        """
        self._feeds[workspace] = feed
        feed.listeners.add(self)
        if seq < 0:
            return []
        if not feed.covers(seq):
            return None
        missed = older + feed.since(seq, self.operator)
        for event in missed:
            if event.audience is not None:
                self._own[workspace] = event.seq
        return missed

    def _reset(self, workspace: int, why: Any, feed: Feed) -> rt.Reset:
        return rt.Reset(ws=ids.show("w", workspace), why=why, stream=feed.head)

    async def _diff(self, frame: rt.Diff) -> None:
        workspace = self._mine(frame.ws)
        if workspace is None:
            return
        feed = self._feeds[workspace]
        older: list[Event] = []
        seq = frame.seq
        if not feed.covers(seq):
            read, seq = await self._older(workspace, seq)
            if read is None or not feed.covers(seq):
                self._say(self._reset(workspace, "too_old", feed))
                return
            older = read
        missed = older + feed.since(seq, self.operator)
        if missed:
            self._outlet.write(pack(missed))

    def _mine(self, name: str) -> int | None:
        try:
            workspace = ids.read("w", name)
        except NotFound:
            return None
        return workspace if workspace in self._feeds else None

    def ping(self) -> None:
        """With the position of each stream, so that a client finds a silent loss."""
        seqs = {
            ids.show("w", ws): max(feed.last_public, self._own.get(ws, 0)) for ws, feed in self._feeds.items()
        }
        self._say(rt.Ping(seqs=seqs))

    # -- commands and windows --------------------------------------------------------------------

    async def _command(self, frame: rt.Cmd) -> None:
        if not self._allowed():
            words = self._words("too_many", {})
            self._say(rt.Err(cid=frame.cid, code="too_many", text=words, retry=True, d={"after": 1}))
            return
        try:
            answer = await self._inbox.perform(self._actor, frame.d, cid=frame.cid)
        except Problem as problem:
            self._say(
                rt.Err(
                    cid=frame.cid,
                    code=problem.code,
                    text=self._words(problem.code, problem.data),
                    retry=problem.status in (429, 503),
                    d=dict(problem.data),
                )
            )
        else:
            self._say(rt.Ok(cid=frame.cid, d=msgspec.Raw(_encoder.encode(answer))))

    def _allowed(self) -> bool:
        now = time.monotonic()
        self._tokens = min(COMMAND_BURST, self._tokens + (now - self._tokens_at) * COMMANDS_PER_SECOND)
        self._tokens_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    async def _guard(self, doing: Awaitable[None]) -> None:
        """What is not there, or not yours, is no reason to end a session."""
        try:
            await doing
        except Problem as problem:
            self._say(rt.Err(cid="", code=problem.code, text=self._words(problem.code, problem.data)))

    async def _show(self, frame: rt.Open) -> None:
        workspace, view = await self._reading.conversation_for(self._actor.roles, frame.conv)
        at = self._positions()
        messages, more = await self._reading.after_pos(workspace, ids.read("c", frame.conv), frame.have)
        self._say(rt.Window(at=at, conv=frame.conv, rows=(view,), msgs=tuple(messages), more=more))
        if len(self._open) < MAX_OPEN:
            self._open[frame.conv] = workspace
            await self._look(frame.conv, workspace, on=True)

    async def _hide(self, conversation: str) -> None:
        workspace = self._open.pop(conversation, None)
        if workspace is not None:
            await self._look(conversation, workspace, on=False)

    async def _look(self, conversation: str, workspace: int, *, on: bool) -> None:
        await self._hub.say(
            workspace, e="viewing", conv=conversation, by=self.operator, sid=self.sid, on=on, ttl=30_000
        )

    async def _list(self, frame: rt.ViewList) -> None:
        at = self._positions()
        rows, after = await self._reading.conversations(
            self._actor.roles, frame.list, me=self.operator, after=frame.after, limit=frame.limit
        )
        self._say(rt.Window(at=at, id=frame.id, rows=tuple(rows), next=after))

    def _positions(self) -> dict[str, int]:
        return {ids.show("w", ws): feed.seq for ws, feed in self._feeds.items()}

    # -- life ------------------------------------------------------------------------------------

    async def keep_alive(self) -> None:
        """Ping, look at rights again, say who is looking. Raises Bye."""
        beat = HEARTBEAT * (0.2 + 0.8 * (hash(self.sid) % 1000) / 1000)  # not all at once
        looked = 0.0
        while True:
            try:
                async with asyncio.timeout(min(beat, 20)):
                    await self._stale.wait()
                self._stale.clear()
            except TimeoutError:
                self.ping()
                beat = HEARTBEAT
            await self._check_rights()
            now = time.monotonic()
            if now - looked > 15:
                looked = now
                for conversation, workspace in list(self._open.items()):
                    await self._look(conversation, workspace, on=True)

    async def _check_rights(self) -> None:
        actor = await self._renew()
        if actor is None:
            raise Bye(rt.CloseCode.SESSION_GONE, "signed out")
        lost = self._actor.roles.keys() - actor.roles.keys()
        won = actor.roles.keys() - self._actor.roles.keys()
        self._actor = actor
        for workspace in lost:
            feed = self._feeds.pop(workspace, None)
            if feed is not None:
                feed.listeners.discard(self)
                self._say(rt.Reset(ws=ids.show("w", workspace), why="rights"))
        self._open = {conv: ws for conv, ws in self._open.items() if ws not in lost}
        for workspace in won:
            feed = await self._hub.feed(workspace)
            self._attach(workspace, feed, -1, [])
            self._say(self._reset(workspace, "rights", feed))
        for workspace, feed in list(self._feeds.items()):
            fresh = await self._hub.feed(workspace)
            if fresh is not feed:  # a restored backup: another stream under the same name
                feed.listeners.discard(self)
                self._attach(workspace, fresh, -1, [])
                self._say(self._reset(workspace, "epoch", fresh))

    async def leave(self) -> None:
        """Stop listening; tell who else is looking."""
        for feed in self._feeds.values():
            feed.listeners.discard(self)
        self._feeds.clear()
        for conversation in list(self._open):
            await self._hide(conversation)


class _Cid(msgspec.Struct):
    cid: str
