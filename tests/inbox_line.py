"""A line for tests: a workspace with one channel, and short ways to say what a provider would say."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from msgspec import UNSET, Struct, UnsetType

from jackfield.channel import (
    Address,
    AnyEvent,
    ConversationId,
    Delete,
    Edit,
    Failure,
    Message,
    MessageId,
    Part,
    Reaction,
    Receipt,
    ReceiptLevel,
    Sender,
    Text,
    TxnId,
)
from jackfield.ids import new_id
from jackfield.inbox.derive import derive
from jackfield.inbox.facts import ChannelFacts
from jackfield.inbox.receive import Raw, Received, receive
from jackfield.settings import Settings
from jackfield.store.rows import ChannelRow, Row, StreamRow, WorkspaceRow
from jackfield.store.store import Store, open_store
from jackfield.store.uow import Need, Uow

R = TypeVar("R", bound=Row)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY_MS = 24 * 3_600_000
IVAN = Address(kind="phone", value="+79991234567")
IVAN_BSUID = Address(kind="bsuid", value="RU.111", scope="acme")
OLGA = Address(kind="phone", value="+79997654321")
OLGA_BSUID = Address(kind="bsuid", value="RU.222", scope="acme")


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def at_ms(minutes: float) -> int:
    return int(at(minutes).timestamp() * 1000)


def said(
    text: str,
    *,
    key: str,
    minute: float = 0,
    by: Sequence[Address] = (IVAN,),
    name: str | UnsetType = UNSET,
    peer: str = "phone:+79991234567",
    parts: Sequence[Part] = (),
    reply_to: str | None = None,
    history: bool = False,
    group: bool = False,
) -> Message:
    """The other side says something."""
    return Message(
        at=at(minute),
        conversation=ConversationId(peer),
        id=MessageId(key),
        sender=Sender(addresses=tuple(by), name=name),
        parts=tuple(parts) or (Text(body=text),),
        reply_to=None if reply_to is None else MessageId(reply_to),
        history=history,
        group=group,
    )


def ours(
    text: str,
    *,
    key: str,
    minute: float = 0,
    peer: str = "phone:+79991234567",
    to: Sequence[Address] = (IVAN,),
    txn: str | None = None,
    origin: str = "phone",
) -> Message:
    """Our own side said something, as the provider tells it."""
    return Message(
        at=at(minute),
        conversation=ConversationId(peer),
        id=MessageId(key),
        sender=Sender(from_me=True),
        parts=(Text(body=text),),
        peer=tuple(to),
        txn=None if txn is None else TxnId(txn),
        origin=origin,  # type: ignore[arg-type]  # one of its words
    )


def receipt(
    level: ReceiptLevel,
    *keys: str,
    minute: float = 0,
    txn: str | None = None,
    failure: Failure | None = None,
    person: Sequence[Address] = (),
) -> Receipt:
    return Receipt(
        at=at(minute),
        targets=tuple(MessageId(key) for key in keys),
        level=level,
        txn=None if txn is None else TxnId(txn),
        failure=failure,
        person=tuple(person),
    )


def edited(text: str, *, key: str, minute: float = 0, peer: str = "phone:+79991234567") -> Edit:
    return Edit(
        at=at(minute), conversation=ConversationId(peer), target=MessageId(key), parts=(Text(body=text),)
    )


def deleted(*, key: str, minute: float = 0, peer: str = "phone:+79991234567") -> Delete:
    return Delete(at=at(minute), conversation=ConversationId(peer), target=MessageId(key))


def reacted(
    emoji: str,
    *,
    key: str,
    minute: float = 0,
    by: Sequence[Address] = (IVAN,),
    from_me: bool = False,
    peer: str = "phone:+79991234567",
) -> Reaction:
    return Reaction(
        at=at(minute),
        conversation=ConversationId(peer),
        target=MessageId(key),
        sender=Sender(from_me=True) if from_me else Sender(addresses=tuple(by)),
        emoji=emoji,
    )


class Put(Struct):
    """A work: rows as they are. `fresh`: keys that only these rows are under."""

    workspace: int
    new: Iterable[Row]
    wanted: Sequence[Need] = ()
    fresh: Sequence[Need] = ()

    def needs(self, uow: Uow) -> Iterable[Need]:
        return self.wanted

    def apply(self, uow: Uow) -> None:
        uow.fresh(*self.fresh)
        for row in self.new:
            uow.add(row)


class Bus:
    """Keeps what was published."""

    def __init__(self) -> None:
        self.published: list[tuple[str, bytes]] = []

    async def publish(self, subject: str, data: bytes) -> None:
        self.published.append((subject, data))


class Line:
    """One channel of one workspace, and the store behind it."""

    def __init__(self, store: Store, stream: list[StreamRow], *, name: str = "line") -> None:
        self.store, self.stream, self.bus, self.name = store, stream, Bus(), name
        self.workspace, self.channel = new_id(), new_id()
        self.facts = ChannelFacts(
            workspace=self.workspace, channel=self.channel, kind="test", window_ms=DAY_MS
        )

    async def open(self) -> None:
        space = WorkspaceRow(id=self.workspace, name="Acme", epoch="e1", created_at=0)
        await self.store.writer.do(Put(0, [space]))
        await self.put(
            ChannelRow(
                id=self.channel,
                workspace_id=self.workspace,
                kind="test",
                name="Line",
                external_id=self.name,
                state="connected",
                created_at=0,
            )
        )

    async def put(self, *rows: Row, wanted: Sequence[Need] = (), fresh: Sequence[Need] = ()) -> None:
        await self.store.writer.do(Put(self.workspace, rows, wanted, fresh))

    async def take(
        self, *events: AnyEvent, raw: bytes | None = b"{}", failed: str = "", replays: int | None = None
    ) -> Received:
        """Take in one delivery."""
        return await receive(
            self.store,
            self.bus,
            self.facts,
            events,
            raw=None if raw is None else Raw(body=raw),
            failed=failed,
            replays=replays,
        )

    async def all(self, row: type[R], rest: str = "ORDER BY id", *params: object) -> list[R]:
        return await self.store.rows(row, rest, *params)

    async def one(self, row: type[R], rest: str = "", *params: object) -> R:
        (found,) = await self.store.rows(row, rest, *params)
        return found


@asynccontextmanager
async def open_line(settings: Settings) -> AsyncGenerator[Line]:
    stream: list[StreamRow] = []
    async with open_store(settings, derive=derive, committed=stream.extend) as store:
        line = Line(store, stream)
        await line.open()
        yield line


async def another_line(line: Line, name: str) -> Line:
    """A channel of another workspace of the same install."""
    other = Line(line.store, line.stream, name=name)
    await other.open()
    return other
