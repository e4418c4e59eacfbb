"""An inbox in which things were said that can be looked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from inbox_world import Place, World
from msgspec import Struct

from jackfield.channel import Part, Text
from jackfield.ids import new_id, show
from jackfield.inbox.columns import to_json
from jackfield.inbox.reading import Reading, Wanted
from jackfield.inbox.words import kind_of, text_of
from jackfield.store.rows import MessageRow
from jackfield.store.uow import Index, Need, Uow
from jackfield.wire.search import SearchHit


class Talk:
    """Says things in the world's conversations, and finds them again."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.reading = Reading(world.store)
        self._pos = 100

    def message(self, *said: str | Part, place: Place | None = None, **columns: Any) -> MessageRow:
        """A row as the inbox would have made it; `columns` are other than usual."""
        at = place or self.world.here
        parts = tuple(Text(body=one) if isinstance(one, str) else one for one in said)
        self._pos += 1
        usual: dict[str, Any] = {
            "id": new_id(),
            "workspace_id": at.workspace,
            "channel_id": at.channel,
            "conversation_id": at.conversation,
            "pos": self._pos,
            "dir": "in",
            "kind": kind_of(parts),
            "author_kind": "contact",
            "parts": to_json(parts),
            "text": text_of(parts),
            "at": columns.get("received_at", 0) or 1_800_000_000_000,
            "received_at": 1_800_000_000_000,
            "st": "received",
        }
        return MessageRow(**(usual | columns))

    async def say(self, *said: str | Part, place: Place | None = None, **columns: Any) -> str:
        """One message. Answers its id as it is seen outside."""
        row = self.message(*said, place=place, **columns)
        await self.world.put(row)
        return show("m", row.id)

    async def find(self, q: str, *, everywhere: bool = False, **wanted: Any) -> list[str]:
        """Ids of what is found on all pages, in their order. `everywhere`: in both workspaces."""
        return [hit.msg.id for hit in await self.hits(q, everywhere=everywhere, **wanted)]

    async def hits(
        self, q: str, *, everywhere: bool = False, limit: int = 100, **wanted: Any
    ) -> list[SearchHit]:
        here, there = self.world.here.workspace, self.world.there.workspace
        spaces = {here, there} if everywhere else {here}
        found: list[SearchHit] = []
        cursor: str | None = None
        while True:
            page = await self.reading.search(spaces, Wanted(q=q, **wanted), after=cursor, limit=limit)
            assert len(page.hits) <= limit
            found += page.hits
            cursor = page.next
            if cursor is None:
                return found


_MESSAGE = Index(MessageRow, "id")


class Remove(Struct):
    """A message goes for good."""

    workspace: int
    message: int

    def needs(self, uow: Uow) -> Iterable[Need]:
        yield _MESSAGE(self.message)

    def apply(self, uow: Uow) -> None:
        row = uow.one(_MESSAGE, self.message)
        assert row is not None
        uow.remove(row)
