"""Screen: what one session has before it: the lists it asks for, the conversations it has open."""

from __future__ import annotations

from jackfield import ids
from jackfield.inbox.perform import Actor
from jackfield.inbox.reading import Reading
from jackfield.wire.realtime import Open, ViewList, Window

from .following import Following
from .hub import Hub

MAX_OPEN = 20  # conversations on screen of one session
TTL = 30_000  # ms that the others believe it without another word


class Screen:
    """Who looks at a conversation is told to everybody who follows its workspace."""

    def __init__(self, hub: Hub, reading: Reading, streams: Following, *, operator: int, sid: str) -> None:
        self._hub, self._reading, self._streams = hub, reading, streams
        self._operator, self._sid = operator, sid
        self._open: dict[str, int] = {}  # conversation -> workspace

    async def show(self, actor: Actor, frame: Open) -> Window:
        """What came since the client has it. Raises NotFound, Unavailable."""
        at = self._at()
        workspace, view = await self._reading.conversation_for(actor.roles, frame.conv)
        messages, more = await self._reading.after_pos(workspace, ids.read("c", frame.conv), frame.have)
        if len(self._open) < MAX_OPEN:
            self._open[frame.conv] = workspace
            await self._look(frame.conv, workspace, on=True)
        return Window(at=at, conv=frame.conv, rows=(view,), msgs=tuple(messages), more=more)

    async def list(self, actor: Actor, frame: ViewList) -> Window:
        """A page of a list. Raises Invalid, Unavailable."""
        at = self._at()
        rows, after = await self._reading.conversations(
            actor.roles, frame.list, me=self._operator, after=frame.after, limit=frame.limit
        )
        return Window(at=at, id=frame.id, rows=tuple(rows), next=after)

    async def hide(self, conversation: str) -> None:
        workspace = self._open.pop(conversation, None)
        if workspace is not None:
            await self._look(conversation, workspace, on=False)

    async def keep(self, actor: Actor) -> None:
        """Hide what is in a workspace that is not his any more."""
        for conversation, workspace in tuple(self._open.items()):
            if workspace not in actor.roles:
                await self.hide(conversation)

    async def say_again(self) -> None:
        for conversation, workspace in tuple(self._open.items()):
            await self._look(conversation, workspace, on=True)

    async def leave(self) -> None:
        for conversation in tuple(self._open):
            await self.hide(conversation)

    async def _look(self, conversation: str, workspace: int, *, on: bool) -> None:
        await self._hub.say(
            workspace, e="viewing", conv=conversation, by=self._operator, sid=self._sid, on=on, ttl=TTL
        )

    def _at(self) -> dict[str, int]:
        """Where the streams stand before something is read: what happens meanwhile comes after it."""
        return {name: head.seq for name, head in self._streams.heads().items()}
