"""A small inbox for tests: workspaces with people in them, and ways to look at what is stored."""

from __future__ import annotations

import itertools
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from functools import cache
from typing import TypeVar

from msgspec import Struct
from scripted_channel import Able, Plain

from jackfield.bus.memory import MemoryBus
from jackfield.channel import Text
from jackfield.ids import new_id, read, show
from jackfield.inbox.columns import to_json
from jackfield.inbox.derive import derive
from jackfield.inbox.identity import whole
from jackfield.inbox.perform import Actor, Inbox
from jackfield.settings import Settings
from jackfield.store.indexes import CONTACT, CONVERSATIONS_OF, IDENTITIES_OF, MERGES_INTO, OPERATOR
from jackfield.store.rows import (
    ChannelRow,
    ContactRow,
    ConversationRow,
    FileRow,
    IdentityRow,
    LabelRow,
    MembershipRow,
    MessageRow,
    OperatorRow,
    PeerRow,
    Row,
    StreamRow,
    WorkspaceRow,
)
from jackfield.store.store import Store, open_store
from jackfield.store.uow import Index, Need, Uow
from jackfield.wire.commands import AnyAnswer, AnyCommand, Sent
from jackfield.wire.views import Role

R = TypeVar("R", bound=Row)
HOUR = 3_600_000


class Put(Struct):
    """Rows as they are."""

    workspace: int
    new: Iterable[Row]

    def needs(self, uow: Uow) -> Iterable[Need]:
        for row in self.new:
            if isinstance(row, MembershipRow):
                yield OPERATOR(row.operator_id)
            if isinstance(row, IdentityRow):
                yield from whole(row.contact_id)

    def apply(self, uow: Uow) -> None:
        for row in self.new:
            uow.fresh(
                OPERATOR(row.id),
                CONTACT(row.id),
                IDENTITIES_OF(row.id),
                MERGES_INTO(row.id),
                CONVERSATIONS_OF(row.id),
            )
            uow.add(row)


class Place(Struct, kw_only=True):
    """One workspace with one channel, one contact and one conversation in it."""

    workspace: int
    channel: int
    contact: int
    conversation: int
    roles: dict[Role, int]
    inbound: int
    label: int
    file: int

    @property
    def conv(self) -> str:
        return show("c", self.conversation)


class World:
    """`here` is where the tests act; `there` is another client's workspace."""

    def __init__(self, store: Store, bus: MemoryBus) -> None:
        self.store, self.bus = store, bus
        self.channels: dict[int, Plain] = {}
        self.inbox = Inbox(store, self.channels.get, bus)
        self._cids = map(str, itertools.count(1))

    async def open(self) -> None:
        self.here = await self.place("here")
        self.there = await self.place("there")
        self.channel = Able()
        self.channels[self.here.channel] = self.channel
        self.channels[self.there.channel] = Able()

    # -- acting ----------------------------------------------------------------------------------

    def actor(self, role: Role = "operator", place: Place | None = None) -> Actor:
        at = self.here if place is None else place
        return Actor(operator=at.roles[role], name=f"The {role}", roles={at.workspace: role})

    async def do(
        self, command: AnyCommand, *, role: Role = "operator", cid: str | None = "next"
    ) -> AnyAnswer:
        key = f"cid.{next(self._cids)}" if cid == "next" else cid
        return await self.inbox.perform(self.actor(role), command, cid=key)

    async def say(self, command: AnyCommand, *, role: Role = "operator") -> list[MessageRow]:
        """Send, and look at the messages that came of it."""
        answer = await self.do(command, role=role)
        assert isinstance(answer, Sent)
        return [await self.message(read("m", shown)) for shown in answer.messages]

    # -- looking ---------------------------------------------------------------------------------

    async def one(self, row: type[R], number: int) -> R:
        (found,) = await self.store.rows(row, "WHERE id = $1", number)
        return found

    async def message(self, number: int) -> MessageRow:
        return await self.one(MessageRow, number)

    async def conversation(self) -> ConversationRow:
        return await self.one(ConversationRow, self.here.conversation)

    async def thread(self) -> list[MessageRow]:
        return await self.store.rows(
            MessageRow, "WHERE conversation_id = $1 ORDER BY at, pos", self.here.conversation
        )

    async def all(self, row: type[R]) -> list[R]:
        return await self.store.rows(row, "ORDER BY id")

    async def count(self, table: str) -> int:
        found = await self.store.fetch(f'SELECT COUNT(*) FROM "{table}"')
        return int(found[0][0])

    # -- making ----------------------------------------------------------------------------------

    async def put(self, *rows: Row) -> None:
        workspace = getattr(rows[0], "workspace_id", None) or self.here.workspace
        await self.store.writer.do(Put(workspace, rows))

    async def place(self, name: str) -> Place:
        now = await self.now()
        workspace, channel, contact, conversation = (new_id() for _ in range(4))
        roles: dict[Role, int] = {role: new_id() for role in ("owner", "admin", "operator", "viewer")}
        inbound, label, file = new_id(), new_id(), new_id()
        await self.store.writer.do(Put(0, [WorkspaceRow(id=workspace, name=name, epoch="e", created_at=now)]))
        people: list[Row] = []
        members: list[Row] = []
        for role, operator in roles.items():
            email = f"{role}@{name}.example"
            people.append(OperatorRow(id=operator, email=email, name=f"The {role}", created_at=now))
            members.append(
                MembershipRow(id=new_id(), workspace_id=workspace, operator_id=operator, role=role)
            )
        await self.store.writer.do(Put(0, people))
        await self.store.writer.do(Put(workspace, members))
        await self.store.writer.do(
            Put(
                workspace,
                [
                    ChannelRow(
                        id=channel,
                        workspace_id=workspace,
                        kind="scripted",
                        name="Line",
                        external_id=name,
                        state="connected",
                        created_at=now,
                    ),
                    ContactRow(id=contact, workspace_id=workspace, name="Ivan", created_at=now),
                    IdentityRow(
                        id=new_id(),
                        workspace_id=workspace,
                        contact_id=contact,
                        kind="phone",
                        value="+79991234567",
                        source="test",
                        at=now,
                    ),
                    LabelRow(id=label, workspace_id=workspace, name="VIP", color="#112233"),
                    FileRow(
                        id=file,
                        workspace_id=workspace,
                        state="ready",
                        path="x",
                        mime="image/jpeg",
                        name="a.jpg",
                        size=900,
                        created_at=now,
                    ),
                ],
            )
        )
        await self.converse(
            workspace, channel, contact, conversation, inbound, peer="phone:+79991234567", name=name
        )
        return Place(
            workspace=workspace,
            channel=channel,
            contact=contact,
            conversation=conversation,
            roles=roles,
            inbound=inbound,
            label=label,
            file=file,
        )

    async def converse(
        self,
        workspace: int,
        channel: int,
        contact: int | None,
        conversation: int,
        inbound: int,
        *,
        peer: str,
        name: str,
    ) -> None:
        """A conversation in which the person has just written once."""
        now = await self.now()
        await self.store.writer.do(
            Put(
                workspace,
                [
                    ConversationRow(
                        id=conversation,
                        workspace_id=workspace,
                        channel_id=channel,
                        peer=peer,
                        contact_id=contact,
                        name="Ivan",
                        unread=1,
                        last_at=now,
                        last_pos=1,
                        last_in_at=now,
                        window_until=now + 24 * HOUR,
                        windowed=True,
                        created_at=now,
                    ),
                    PeerRow(id=new_id(), channel_id=channel, peer=peer, conversation_id=conversation),
                    MessageRow(
                        id=inbound,
                        workspace_id=workspace,
                        channel_id=channel,
                        conversation_id=conversation,
                        external_id=f"in.{name}.{conversation}",
                        pos=1,
                        dir="in",
                        kind="text",
                        author_kind="contact",
                        author_id=contact,
                        author_name="Ivan",
                        parts=to_json((Text(body="hello"),)),
                        text="hello",
                        at=now,
                        received_at=now,
                        st="received",
                    ),
                ],
            )
        )

    async def more_inbound(self, text: str = "more") -> MessageRow:
        """The person writes once more."""
        row = await self.conversation()
        now = await self.now()
        message = MessageRow(
            id=new_id(),
            workspace_id=row.workspace_id,
            channel_id=row.channel_id,
            conversation_id=row.id,
            external_id=f"in.{new_id()}",
            pos=row.last_pos + 1,
            dir="in",
            kind="text",
            author_kind="contact",
            author_id=row.contact_id,
            author_name="Ivan",
            parts=to_json((Text(body=text),)),
            text=text,
            at=now,
            received_at=now,
            st="received",
        )
        await self.put(message)
        await self.change(
            ConversationRow, row.id, last_pos=message.pos, unread=row.unread + 1, last_at=now, last_in_at=now
        )
        return message

    async def change(self, row: type[R], number: int, **values: object) -> None:
        """Change columns of one row behind everybody's back."""
        await self.store.writer.do(Change(self.here.workspace, row, number, values))

    async def now(self) -> int:
        return await self.store.writer.do(Now())


class Now(Struct):
    workspace: int = 0

    def needs(self, uow: Uow) -> Iterable[Need]:
        return ()

    def apply(self, uow: Uow) -> int:
        return uow.now


@cache
def _by_id(row: type[Row]) -> Index[Row]:
    """One index for each table: it is known by what it is, not by what it says."""
    return Index(row, "id")


class Change(Struct):
    workspace: int
    row: type[Row]
    number: int
    values: dict[str, object]

    def needs(self, uow: Uow) -> Iterable[Need]:
        yield _by_id(self.row)(self.number)
        if self.row is ContactRow:
            yield from whole(self.number)

    def apply(self, uow: Uow) -> None:
        row = uow.one(_by_id(self.row), self.number)
        assert row is not None
        uow.edit(row)
        for name, value in self.values.items():
            setattr(row, name, value)


@asynccontextmanager
async def open_world(settings: Settings) -> AsyncGenerator[World]:
    told: list[StreamRow] = []
    async with open_store(settings, derive=derive, committed=told.extend) as store:
        world = World(store, MemoryBus())
        await world.open()
        yield world
