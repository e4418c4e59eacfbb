"""The way in: a delivery, its raw payload and everything its events change are one work."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec
from msgspec import Struct

from jackfield.channel import AnyEvent, Unrecognised
from jackfield.errors import NotFound, Unavailable
from jackfield.ids import new_id
from jackfield.store.indexes import DELIVERY, DELIVERY_COUNT
from jackfield.store.rows import DeliveryCountRow, DeliveryRow
from jackfield.store.store import Store
from jackfield.store.uow import Needs, Uow
from jackfield.wire.realtime import Eph

from .columns import to_json
from .facts import ChannelFacts
from .incoming.dispatch import flat, needs, take
from .incoming.scene import Scene
from .incoming.sound import complaint

log = logging.getLogger("jackfield.inbox")

REASON_MAX = 2000  # characters


class Raw(Struct, frozen=True, kw_only=True):
    """A payload as it came. `at`: when we had it, ms; 0: now. The caller leaves secret headers out."""

    body: bytes
    headers: Mapping[str, str] = {}
    at: int = 0


class Received(Struct, frozen=True, kw_only=True):
    """What became of a delivery. `messages`: the new ones. `unrecognised`: events kept only raw."""

    delivery: int | None = None
    messages: tuple[int, ...] = ()
    unrecognised: int = 0
    reason: str = ""
    ephemeral: tuple[Eph, ...] = ()


class Publisher(Protocol):
    """As much of a bus as is needed here."""

    async def publish(self, subject: str, data: bytes) -> None: ...


@dataclass(frozen=True)
class _Step:
    event: AnyEvent
    complaint: str  # why it cannot be applied; "" if it can


class Receive:
    """A Work. `failed`: the payload could not be read, and why. `replays`: the delivery, kept before,
    that is taken in again; what it brought then is not brought twice."""

    def __init__(
        self,
        facts: ChannelFacts,
        events: Iterable[AnyEvent],
        *,
        raw: Raw | None = None,
        failed: str = "",
        replays: int | None = None,
    ) -> None:
        self._facts, self._raw, self._failed, self._replays = facts, raw, failed, replays
        self._steps = [_Step(event, complaint(event)) for event in flat(events)]

    @property
    def workspace(self) -> int:
        return self._facts.workspace

    def needs(self, uow: Uow) -> Needs:
        yield DELIVERY_COUNT(self._facts.channel)
        if self._replays is not None:
            yield DELIVERY(self._replays)
        for step in self._steps:
            if not step.complaint:
                yield from needs(uow, self._facts, step.event)

    def apply(self, uow: Uow) -> Received:
        scene = Scene(uow, self._facts, self._replays if self._raw is None else new_id())
        bad = [reason for step in self._steps if (reason := _one(scene, step))]
        unrecognised = scene.unrecognised + len(bad)
        reason = "; ".join([self._failed, *bad] if self._failed else bad)[:REASON_MAX]
        kept = self._keep(scene, unrecognised=unrecognised, reason=reason)
        return Received(
            delivery=kept,
            messages=tuple(scene.messages),
            unrecognised=unrecognised,
            reason=reason,
            ephemeral=tuple(scene.ephemeral),
        )

    def _keep(self, scene: Scene, *, unrecognised: int, reason: str) -> int | None:
        """Store the raw delivery and count it. What we do not know is kept even if no raw came."""
        uow, state = scene.uow, "failed" if self._failed else "stored"
        if self._replays is not None:
            return self._replayed(uow, self._replays, state, unrecognised, reason)
        raw = self._raw
        if raw is None:
            if not unrecognised and not reason:
                return None
            raw = Raw(body=_as_raw(step.event for step in self._steps))
        number = scene.delivery or new_id()
        uow.add(
            DeliveryRow(
                id=number,
                workspace_id=self._facts.workspace,
                channel_id=self._facts.channel,
                kind=self._facts.kind,
                at=raw.at or uow.now,
                headers=to_json(raw.headers),
                body=raw.body,
                state=state,
                reason=reason,
                events=len(self._steps),
                unrecognised=unrecognised,
            )
        )
        count = _count(uow, self._facts)
        count.received += 1
        count.stored += state == "stored"
        count.failed += state == "failed"
        count.unrecognised += unrecognised
        return number

    def _replayed(self, uow: Uow, number: int, state: str, unrecognised: int, reason: str) -> int:
        row = uow.one(DELIVERY, number)
        if row is None or row.workspace_id != self._facts.workspace:
            raise NotFound(what="d")
        count = _count(uow, self._facts)
        count.stored += (state == "stored") - (row.state == "stored")
        count.failed += (state == "failed") - (row.state == "failed")
        count.unrecognised += unrecognised - row.unrecognised
        uow.edit(row)
        row.state, row.reason, row.unrecognised, row.replayed_at = state, reason, unrecognised, uow.now
        return number


class KeepUnassigned:
    """A Work: a payload no channel of ours is named in, kept as failed."""

    workspace = 0

    def __init__(self, kind: str, raw: Raw, *, reason: str) -> None:
        self._kind, self._raw, self._reason = kind, raw, reason[:REASON_MAX]

    def needs(self, uow: Uow) -> Needs:
        yield from ()

    def apply(self, uow: Uow) -> int:
        row = DeliveryRow(
            id=new_id(),
            kind=self._kind,
            at=self._raw.at or uow.now,
            headers=to_json(self._raw.headers),
            body=self._raw.body,
            state="failed",
            reason=self._reason,
        )
        return uow.add(row).id


async def receive(
    store: Store,
    bus: Publisher,
    facts: ChannelFacts,
    events: Sequence[AnyEvent],
    *,
    raw: Raw | None = None,
    failed: str = "",
    replays: int | None = None,
) -> Received:
    """Take in a delivery; return once it is stored. Raises only errors.Unavailable, then nothing is
    stored, and errors.NotFound if the workspace or the replayed delivery is gone."""
    work = Receive(facts, events, raw=raw, failed=failed, replays=replays)
    try:
        received = await store.writer.do(work)
    except (Unavailable, NotFound):
        raise
    except Exception as error:  # whatever it is, the payload is kept: it can be replayed when we know better
        if replays is not None:
            raise
        log.exception("a delivery of channel %d could not be taken in", facts.channel)
        received = await _keep_refused(store, facts, events, raw, f"{type(error).__name__}: {error}")
    for signal in received.ephemeral:
        await bus.publish(f"eph.{facts.workspace}", msgspec.json.encode(signal))
    return received


async def _keep_refused(
    store: Store, facts: ChannelFacts, events: Sequence[AnyEvent], raw: Raw | None, reason: str
) -> Received:
    """What the events come to cannot be stored: the payload is kept, to be replayed later."""
    raw = raw or Raw(body=_as_raw(events))
    return await store.writer.do(Receive(facts, (), raw=raw, failed=reason))


def _one(scene: Scene, step: _Step) -> str:
    """Apply one event by itself; answer why it could not be, "" if it was."""
    if step.complaint:
        return f"{_name(step.event)}: {step.complaint}"
    before = len(scene.messages), len(scene.ephemeral), scene.unrecognised
    try:
        with scene.uow.attempt():
            take(scene, step.event)
    except Exception as error:
        del scene.messages[before[0] :], scene.ephemeral[before[1] :]
        scene.unrecognised = before[2]
        log.exception("an event of channel %d could not be applied", scene.facts.channel)
        return f"{_name(step.event)}: {type(error).__name__}: {error}"
    return ""


def _name(event: AnyEvent) -> str:
    return str(event.__struct_config__.tag)


def _as_raw(events: Iterable[AnyEvent]) -> bytes:
    """Events for which no payload was given, as the payload."""
    kept = list(events)
    if len(kept) == 1 and isinstance(kept[0], Unrecognised):
        return bytes(kept[0].raw)
    return msgspec.json.encode(kept)


def _count(uow: Uow, facts: ChannelFacts) -> DeliveryCountRow:
    row = uow.one(DELIVERY_COUNT, facts.channel)
    if row is not None:
        return uow.edit(row)
    return uow.add(DeliveryCountRow(id=new_id(), workspace_id=facts.workspace, channel_id=facts.channel))
