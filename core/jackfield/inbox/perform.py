"""Commands in, answers out: rights, "once and only once", and then the verb in one transaction."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec
from msgspec import Struct

from jackfield.channel import Types
from jackfield.crash import crash_point
from jackfield.errors import Conflict, Invalid, NotFound
from jackfield.ids import Prefix, new_id, read, show
from jackfield.store.indexes import DONE, WORKSPACE
from jackfield.store.rows import (
    ChannelRow,
    ContactRow,
    ConversationRow,
    DoneRow,
    IdentityRow,
    WorkspaceRow,
)
from jackfield.store.uow import Need, Uow
from jackfield.wire.commands import AnyAnswer, AnyCommand
from jackfield.wire.views import CanSend, Role

from .policy import Situation, can_send, facts
from .protection.limits import watch
from .thread import By
from .verbs import Channels, Outcome, Scene, Verb, least_role, require, subject, verb_of

if TYPE_CHECKING:
    from jackfield.bus import Bus
    from jackfield.store.store import Store

TypingMode = Literal["reply", "note", "stopped"]

ANSWER: msgspec.json.Decoder[AnyAnswer] = msgspec.json.Decoder(AnyAnswer)
CID_MAX = 64  # characters, as wire.commands.Cid has it
TYPING_TTL = 6000  # ms: a page forgets who does not go on typing
TABLES: Mapping[Prefix, str] = {
    "c": "conversation",
    "m": "message",
    "p": "contact",
    "l": "label",
    "mg": "merge",
    "ch": "channel",
}


class Actor(Struct, frozen=True, kw_only=True):
    """An operator as he is signed in: his role in each of his workspaces, no more than his token allows.
    `automatic`: it is a program of his, with a token."""

    operator: int
    name: str
    roles: Mapping[int, Role]
    automatic: bool = False

    def role_in(self, workspace: int, what: str) -> Role:
        """Raises NotFound where he has none: what is not his does not exist for him."""
        role = self.roles.get(workspace)
        if role is None:
            raise NotFound(what=what)
        return role


class Performed(NamedTuple):
    """`workspace`: its row of the transaction; after the commit its seq is behind all of the events."""

    outcome: Outcome
    workspace: WorkspaceRow


class Once(Struct, frozen=True, kw_only=True):
    """A verb whose answer is kept under its sender's key: the same key again gets the same answer."""

    workspace: int
    operator: int
    cid: str | None
    digest: str
    verb: Verb

    def needs(self, uow: Uow) -> Iterator[Need]:
        if self.cid is not None:
            yield DONE(self.operator, self.cid)
            if uow.knows(DONE, self.operator, self.cid) and self._done(uow) is not None:
                return  # what it was about may be gone meanwhile
        yield from self.verb.needs(uow)

    def apply(self, uow: Uow) -> Performed:
        workspace = uow.one(WORKSPACE, self.workspace)
        assert workspace is not None, "the writer looks"
        if self.cid is None:
            return Performed(self.verb.apply(uow), workspace)
        done = self._done(uow)
        if done is not None:
            if done.digest != self.digest:
                raise Conflict("this key was used for another command", code="cid_used")
            return Performed(Outcome(ANSWER.decode(done.answer)), workspace)
        outcome = self.verb.apply(uow)
        uow.add(
            DoneRow(
                id=new_id(),
                operator_id=self.operator,
                cid=self.cid,
                digest=self.digest,
                answer=msgspec.json.encode(outcome.answer).decode(),
                at=uow.now,
            )
        )
        return Performed(outcome, workspace)

    def _done(self, uow: Uow) -> DoneRow | None:
        assert self.cid is not None
        return uow.one(DONE, self.operator, self.cid)


def digest_of(command: AnyCommand) -> str:
    """What tells one command from another, whatever the order of its attributes."""
    return hashlib.sha256(msgspec.json.encode(command, order="deterministic")).hexdigest()


class Inbox:
    """The verbs of the conversation model, for whoever acts: socket, REST, automations."""

    def __init__(self, store: Store, channels: Channels, bus: Bus) -> None:
        self._store, self._channels, self._bus = store, channels, bus

    async def perform(self, actor: Actor, command: AnyCommand, *, cid: str | None = None) -> AnyAnswer:
        """Do it, once for each `cid`, and answer when it is stored.

        Raises a Problem; then nothing is changed, and the same `cid` may be tried again.
        """
        if cid is not None and not 0 < len(cid) <= CID_MAX:
            raise Invalid(f"a key has from 1 to {CID_MAX} characters", code="cid", limit=CID_MAX)
        prefix, shown = subject(command)
        workspace = await self._workspace_of(prefix, shown)
        role = actor.role_in(workspace, prefix)
        by = By(id=actor.operator, name=actor.name, role=role, automatic=actor.automatic)
        require(by, least_role(command))
        scene = Scene(workspace=workspace, by=by, channels=self._channels)
        work = Once(
            workspace=workspace,
            operator=actor.operator,
            cid=cid,
            digest="" if cid is None else digest_of(command),
            verb=verb_of(scene, command, cid),
        )
        crash_point("outbox.asked")
        done = await self._store.writer.do(work)
        crash_point("outbox.queued")
        if done.outcome.lane is not None:
            await self._bus.publish(f"lane.{done.outcome.lane}", b"")
        return msgspec.structs.replace(done.outcome.answer, seq=done.workspace.seq)

    async def can_send(self, actor: Actor, conv: str) -> CanSend:
        """May free text be sent there now? Raises NotFound."""
        return can_send(await self._situation(actor, conv))

    async def typing(self, actor: Actor, conv: str, mode: TypingMode) -> None:
        """One of us is typing there: his colleagues see it at once, the person if it is a reply.

        Nothing of it is kept. Raises NotFound and Forbidden.
        """
        about = await self._situation(actor, conv)
        require(By(id=actor.operator, name=actor.name, role=about.role), "operator")
        row = about.conversation
        said = {"who": show("o", actor.operator), "name": actor.name, "mode": mode}
        heard = {"e": "typing", "conv": show("c", row.id), "by": actor.operator, "d": said, "ttl": TYPING_TTL}
        await self._bus.publish(f"eph.{row.workspace_id}", msgspec.json.encode(heard))
        if mode == "reply" and isinstance(self._channels(row.channel_id), Types) and can_send(about).ok:
            await self._bus.publish(f"typing.{row.channel_id}", str(row.id).encode())

    async def _workspace_of(self, prefix: Prefix, shown: str) -> int:
        """Raises NotFound for what names nothing."""
        number = read(prefix, shown)
        if prefix == "w":
            return number
        found = await self._store.fetch(f"SELECT workspace_id FROM {TABLES[prefix]} WHERE id = $1", number)  # noqa: S608  # a name of our own
        if not found:
            raise NotFound(what=prefix)
        return int(found[0][0])

    async def _situation(self, actor: Actor, conv: str) -> Situation:
        number: int | None = read("c", conv)
        row = None
        while number is not None:
            rows = await self._store.rows(ConversationRow, "WHERE id = $1", number)
            row = rows[0] if rows else None
            number = None if row is None else row.merged_into
        if row is None:
            raise NotFound(what="c")
        role = actor.role_in(row.workspace_id, "c")
        (channel,) = await self._store.rows(ChannelRow, "WHERE id = $1", row.channel_id)
        contacts = await self._store.rows(ContactRow, "WHERE id = $1", row.contact_id or 0)
        identities = await self._store.rows(IdentityRow, "WHERE contact_id = $1", row.contact_id or 0)
        open_channel, now = self._channels(row.channel_id), time.time_ns() // 1_000_000
        caps = None if open_channel is None else open_channel.capabilities(facts(row, identities, now=now))
        return Situation(
            role=role,
            channel=channel,
            conversation=row,
            contact=contacts[0] if contacts else None,
            capabilities=caps,
            watch=watch(open_channel, channel),
            automatic=actor.automatic,
            now=now,
        )
