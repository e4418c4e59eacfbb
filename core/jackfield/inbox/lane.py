"""A lane: what leaves through one channel, in order per conversation, at the channel's pace."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from jackfield.channel import Channel, ChannelError, ConversationId, MessageId, Pace, Types
from jackfield.crash import crash_point
from jackfield.errors import Conflict, Problem, Unavailable
from jackfield.store.uow import Work

from .attempt import Accepted, Job, Later, Refused, Result, attempt
from .openings import Ledger
from .outbox_claim import Claim
from .outbox_land import Land
from .outbox_works import Inherit, Recover, Unclaim
from .pace import Brake, Pacer
from .protection.leaving import Doorkeeper, Room
from .protection.limits import alarm_of
from .protection.pausing import Pausing
from .rationing import Rationing
from .verbs import Channels

if TYPE_CHECKING:
    from jackfield.bus import Bus
    from jackfield.store.store import Store

log = logging.getLogger("jackfield.outbox")

T = TypeVar("T")

# The next of each conversation. What is on its way, waits for another try, or is due as well goes
# first if it is older; a read mark holds nobody up. `held`, `unknown` and `failed` hold nobody up
# either: a person may take days to decide, and the customer waits for the next answer.
_CANDIDATES = """
SELECT o.id, o.conversation_id, o.template, o.op, o.automatic FROM outbox o
WHERE o.channel_id = $1 AND o.state = 'waiting' AND o.due_at <= $2 {mine} AND NOT EXISTS (
    SELECT 1 FROM outbox e WHERE e.conversation_id = o.conversation_id AND e.id < o.id
    AND e.state IN ('sending', 'waiting')
    AND (e.state = 'sending' OR e.attempts > 0 OR e.due_at <= $2) {others}
    AND (e.op = 'read') = (o.op = 'read'))
ORDER BY o.due_at, o.id LIMIT $3
"""
CANDIDATES = _CANDIDATES.format(mine="", others="")
# Where nothing automatic may leave: what waits of it holds up nobody who writes himself.
BY_HAND = _CANDIDATES.format(
    mine="AND NOT o.automatic", others="AND NOT (e.automatic AND e.state = 'waiting')"
)
NO_MESSAGES = _CANDIDATES.format(mine="AND o.op <> 'send'", others="")
NEXT_DUE = "SELECT MIN(due_at) FROM outbox WHERE channel_id = $1 AND state = 'waiting' AND due_at > $2"
ON_THEIR_WAY = "SELECT id FROM outbox WHERE channel_id = $1 AND state = 'sending' ORDER BY id LIMIT 200"
LAST_INBOUND = (
    "SELECT c.peer, (SELECT m.external_id FROM message m WHERE m.conversation_id = c.id AND m.dir = 'in'"
    " AND m.external_id IS NOT NULL ORDER BY m.pos DESC LIMIT 1)"
    " FROM conversation c WHERE c.id = $1 AND c.channel_id = $2"
)


class Tempo(Struct, frozen=True, kw_only=True):
    """Seconds, all of them."""

    send_within: float = 120  # without an answer the outcome is unknown; a large file takes its time
    typing_within: float = 5
    typing_every: float = 20  # to one conversation
    idle: float = 10  # a lane looks for work that often even if nobody rings
    first_retry: float = 2
    most_retry: float = 300
    most_brake: float = 60  # a channel that is too fast rests so long at most, unless more is asked for
    pair: float = 4  # after the first refusal of a pace to one person; four times as long after each other
    most_pair: float = 3600
    gather: float = 0.01  # from a landing to the next look: many land together, one look serves them all
    look: float = 1  # while something is on its way, what falls due is looked for that often


def retry_after(attempts: int, after: float, tempo: Tempo, luck: float) -> float:
    """Seconds until the next try: doubling, with jitter upwards; never before the provider allows it."""
    base = min(tempo.first_retry * 2.0 ** min(attempts - 1, 30), tempo.most_retry)
    return max(base, after) + base * luck / 4


def pair_after(attempts: int, after: float, tempo: Tempo, luck: float) -> float:
    """Seconds until one person may be written to again: 4, 16, 64 … as the provider advises."""
    base = min(tempo.pair * 4.0 ** min(attempts - 1, 30), tempo.most_pair)
    return max(base, after) + base * luck / 4


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Lane:
    """Of one channel, in the process that holds its lease.

    run() until stop() is called, when it lets end what is on its way, or until it is cancelled, when
    that becomes unknown at the next start.
    """

    def __init__(
        self,
        store: Store,
        bus: Bus,
        channels: Channels,
        *,
        workspace: int,
        channel: int,
        owner: str,
        tempo: Tempo,
        ledger: Ledger | None = None,
        kind: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._bus, self._channels = store, bus, channels
        self._workspace, self._channel, self._owner = workspace, channel, owner
        self._tempo, self._clock = tempo, clock
        self._wake = asyncio.Event()
        self._stopping = False
        self._flying = 0
        self._ringing = False  # a landing rings soon
        self._unsure: list[int] = []  # rows of a claim that may be stored or not: none of them has left
        self._pacer: Pacer | None = None
        self._raised = True  # more people may be written to than when the others were held back
        self._brake = Brake(tempo.first_retry, tempo.most_brake, clock)
        self._rationing = Rationing(
            store, ledger or Ledger(store), workspace=workspace, channel=channel, kind=kind
        )
        self._door = Doorkeeper(store, channel)
        self._shy_until = float("-inf")  # a message of an account that is used with care waits so long
        self._typed: dict[int, float] = {}  # by conversation: when its person was last told

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            hears = [
                self._bus.subscribe(f"lane.{self._channel}", lambda _: self._wake.set()),
                self._bus.subscribe(f"typing.{self._channel}", lambda data: self._hear(tasks, data)),
                self._bus.on_reconnect(self._wake.set),
            ]
            try:
                await self._recover()
                while not self._stopping:
                    self._wake.clear()
                    await self._rest(await self._round(tasks))
            finally:
                for stop in hears:
                    stop()

    # -- rounds ----------------------------------------------------------------------------------

    async def _round(self, tasks: asyncio.TaskGroup) -> float:
        """Let leave what can; answer how many seconds to rest if nobody rings."""
        channel = self._channels(self._channel)
        if channel is None:
            return 1.0  # the plugin is being loaded again, or is not there: what waits can wait
        pacer = self._paced(channel)
        free = pacer.pace.at_once - self._flying
        if free <= 0:
            return self._tempo.idle  # each landing rings
        if wait := max(self._brake.wait(), pacer.channel_wait(), self._shy_until - self._clock(), 0.0):
            return wait
        try:
            if self._raised:
                await self._rationing.hurry(now=now_ms())
                self._raised = False
            return await self._let_leave(tasks, channel, pacer, free)
        except Unavailable as error:
            log.warning("lane %d cannot reach the database: %s", self._channel, error)
            return 1.0
        except Conflict as error:
            log.warning("lane %d stops: %s", self._channel, error)
            self._stopping = True
            return 0.0

    async def _let_leave(self, tasks: asyncio.TaskGroup, channel: Channel, pacer: Pacer, free: int) -> float:
        await self._make_sure()
        now = now_ms()
        room = await self._door.room(channel, now=now)
        found = await self._store.fetch(_those(room), self._channel, now, free + pacer.resting())
        messages, automatic = (free, free) if room is None else (room.messages, room.automatic)
        rows: list[int] = []
        templates = 0
        rest = self._tempo.idle if room is None else room.rest(now, self._tempo.idle)
        for row, conversation, template, op, by_itself in found:
            if len(rows) == free:
                break
            if op == "send" and (messages <= 0 or (by_itself and automatic <= 0)):
                continue
            if wait := pacer.channel_wait():
                rest = min(rest, wait)
                break
            if wait := pacer.conversation_wait(conversation):
                rest = min(rest, wait)
                continue
            pacer.take(conversation)
            rows.append(row)
            templates += bool(template)
            messages -= op == "send"
            automatic -= op == "send" and bool(by_itself)
        if not rows:
            return min(rest, self._tempo.look if self._flying else await self._until_due(now))
        crash_point("outbox.found")
        if room is not None:
            self._shy_until = self._clock() + room.jitter * random.random()  # noqa: S311  # not a secret
        for job in await self._claim(pacer.pace, rows, templates, room):
            self._flying += 1
            tasks.create_task(self._fly(channel, job), name=f"outbox row {job.row}")
        return 0.0

    async def _claim(self, pace: Pace, rows: list[int], templates: int, room: Room | None) -> list[Job]:
        """Templates may begin with somebody new: of these only so many as the account is allowed."""
        allowance = await self._rationing.allow(pace, templates, now=now_ms())
        claim = Claim(
            workspace=self._workspace,
            channel=self._channel,
            owner=self._owner,
            rows=rows,
            allowance=allowance,
            watch=None if room is None else room.watch,
        )
        self._unsure = rows
        try:
            jobs = await self._store.writer.do(claim)
        finally:
            self._rationing.give_back(allowance)
        self._unsure = []
        return jobs

    async def _make_sure(self) -> None:
        """A database that went away at the commit may have stored a claim whose jobs nobody was given."""
        if self._unsure:
            rows, owner = self._unsure, self._owner
            await self._store.writer.do(Unclaim(workspace=self._workspace, owner=owner, rows=rows))
            self._unsure = []

    async def _until_due(self, now: int) -> float:
        ((due,),) = await self._store.fetch(NEXT_DUE, self._channel, now)
        return self._tempo.idle if due is None else max((due - now_ms()) / 1000, 0.0)

    async def _rest(self, seconds: float) -> None:
        if seconds <= 0 or self._stopping:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            pass

    def _paced(self, channel: Channel) -> Pacer:
        """The channel may say another pace from one moment to the next: from then on it is kept."""
        pace, pacer = channel.pace(), self._pacer
        if pacer is None:
            pacer = self._pacer = Pacer(pace, self._clock)
        elif pacer.pace != pace:
            self._raised |= _more(pacer.pace.new_people_per_day, pace.new_people_per_day)
            pacer.adopt(pace)
        return pacer

    # -- one job ---------------------------------------------------------------------------------

    async def _fly(self, channel: Channel, job: Job) -> None:
        began = self._clock()
        try:
            crash_point("outbox.claimed")
            result = await attempt(channel, job, within=self._tempo.send_within)
            crash_point("outbox.answered")
            self._heed(result, began)
            await self._land(job, result)
            crash_point("outbox.landed")
        finally:
            self._flying -= 1
            self._landed()

    def _heed(self, result: Result, began: float) -> None:
        """A channel that is too fast rests as a whole; one person's pace is his alone."""
        match result:
            case Later(after=after, too_fast="channel"):
                self._brake.hit(after, began=began)
                if self._pacer is not None:
                    self._pacer.drain()
            case Accepted():
                self._brake.passed(began=began)
            case _:
                pass

    def _pause(self, job: Job, result: Result) -> float:
        """Seconds until another try, if that is what it comes to."""
        luck = random.random()  # noqa: S311  # spreads retries; not a secret
        match result:
            case Later(after=after, too_fast="conversation"):
                return pair_after(job.attempts, after, self._tempo, luck)
            case Later(after=after, too_fast="channel"):
                return max(after, self._brake.wait())
            case Later(after=after):
                return retry_after(job.attempts, after, self._tempo, luck)
            case _:
                return 0.0

    def _landed(self) -> None:
        """There is room, and the conversation may go on: ring, once for all that land together."""
        if not self._flying:
            self._wake.set()
        elif not self._ringing:
            self._ringing = True
            asyncio.get_running_loop().call_later(self._tempo.gather, self._ring)

    def _ring(self) -> None:
        self._ringing = False
        self._wake.set()

    async def _land(self, job: Job, result: Result) -> None:
        if isinstance(result, Refused):
            await self._heed_alarm(result)
        land = Land(
            workspace=self._workspace,
            channel=self._channel,
            job=job,
            result=result,
            pause=int(self._pause(job, result) * 1000),
        )
        try:
            await self._until_stored(land)
        except Exception:
            log.exception("what came of outbox row %d cannot be stored: it counts as unknown", job.row)
            recover = Recover(workspace=self._workspace, rows=[job.row])
            await self._until_stored(recover)

    async def _heed_alarm(self, refused: Refused) -> None:
        """What the network did to the account outlives this attempt, and this process."""
        failure = refused.failure
        alarm = alarm_of(self._channels(self._channel), failure.remote_code)
        if alarm is not None:
            pausing = Pausing(
                workspace=self._workspace, channel=self._channel, reason=alarm, detail=failure.text
            )
            try:
                await self._until_stored(pausing)
            except Problem as error:  # the channel was removed meanwhile
                log.warning("channel %d was not paused: %s", self._channel, error)

    async def _until_stored(self, work: Work[T]) -> T:
        """What the provider did is not undone by a database that is away: keep at it."""
        pause = 0.2
        while True:
            try:
                return await self._store.writer.do(work)
            except Unavailable as error:
                log.warning("lane %d waits for the database: %s", self._channel, error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 10)

    async def _recover(self) -> None:
        """Whatever is on its way at the start has lost its process."""
        pause = 0.2
        while not self._stopping:
            try:
                found = await self._store.fetch(ON_THEIR_WAY, self._channel)
            except Unavailable:
                await asyncio.sleep(pause)
                pause = min(pause * 2, 10)
                continue
            if not found:
                return
            rows = [row for (row,) in found]
            log.warning("channel %d: %d were on their way when their process ended", self._channel, len(rows))
            inherit = Inherit(workspace=self._workspace, channel=self._channel, owner=self._owner, rows=rows)
            try:
                await self._until_stored(inherit)
            except Conflict as error:
                log.warning("lane %d does not start: %s", self._channel, error)
                self._stopping = True

    # -- typing ----------------------------------------------------------------------------------

    def _hear(self, tasks: asyncio.TaskGroup, data: bytes) -> None:
        if not data.isdigit() or self._stopping:
            return
        conversation, now = int(data), self._clock()
        every = self._tempo.typing_every
        if now - self._typed.get(conversation, -every) < every:
            return
        self._typed = {c: at for c, at in self._typed.items() if now - at < every} | {conversation: now}
        tasks.create_task(self._type(conversation), name=f"typing in {conversation}")

    async def _type(self, conversation: int) -> None:
        channel = self._channels(self._channel)
        if not isinstance(channel, Types):
            return
        try:
            found = await self._store.fetch(LAST_INBOUND, conversation, self._channel)
            if not found:
                return
            peer, upto = found[0]
            async with asyncio.timeout(self._tempo.typing_within):
                await channel.typing(ConversationId(peer), None if upto is None else MessageId(upto))
        except (ChannelError, TimeoutError, Unavailable) as error:
            log.debug("typing in conversation %d was not shown: %s", conversation, error)
        except Exception:
            log.exception("channel %d broke at typing", self._channel)


def _those(room: Room | None) -> str:
    """The query for what may leave."""
    if room is None or room.automatic:
        return CANDIDATES
    return BY_HAND if room.messages else NO_MESSAGES


def _more(was: int | None, now: int | None) -> bool:
    """Whether a limit was raised, or is no more."""
    return was is not None and (now is None or now > was)
