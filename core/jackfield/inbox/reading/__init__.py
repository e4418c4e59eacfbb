"""Reading the conversation model: views of what is committed, always of named workspaces, by keys.

A position (`heads`) is read before the state it stands for: what happens meanwhile comes again as an
event, and an event applied twice does no harm.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable

from jackfield.errors import NotFound
from jackfield.inbox.views import channel_view, draft_view, label_view, operator_view
from jackfield.store.columns import columns_of
from jackfield.store.rows import (
    ChannelRow,
    CounterRow,
    DraftRow,
    LabelRow,
    OperatorRow,
    ReceiptRow,
    StreamRow,
    WorkspaceRow,
)
from jackfield.store.store import Store
from jackfield.wire.realtime import Folder
from jackfield.wire.search import SearchPage
from jackfield.wire.views import (
    ChannelView,
    ContactView,
    ConversationView,
    Draft,
    LabelView,
    MemberView,
    MessageView,
    OperatorView,
    StreamHead,
)

from . import contacts, conversations, finding, members, threads
from .finding import Wanted
from .threads import Page

__all__ = ["Page", "Reading", "Wanted"]


class Reading:
    """All queries of one process. Every method may raise Unavailable.

    `workspaces` are those the asker may see: what is in another one is NotFound, as what is nowhere.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    # -- conversations and messages --------------------------------------------------------------

    async def conversations(
        self, workspaces: Iterable[int], folder: Folder, *, me: int, after: str | None, limit: int
    ) -> tuple[list[ConversationView], str | None]:
        """A page of a folder, newest first, and the cursor of the next."""
        return await conversations.page(self._store, workspaces, folder, me=me, after=after, limit=limit)

    async def conversation_for(self, workspaces: Container[int], conv: str) -> tuple[int, ConversationView]:
        """A conversation and its workspace; the one it went on in, if it was joined with another."""
        return await conversations.one(self._store, workspaces, conv)

    async def members(self, workspaces: Container[int], conv: str) -> list[MemberView]:
        """Who is in a group."""
        return await members.of(self._store, workspaces, conv)

    async def thread(
        self,
        workspaces: Collection[int],
        conv: str,
        *,
        before: str | None = None,
        after: str | None = None,
        around: str | None = None,
        limit: int = 60,
    ) -> Page:
        """Messages before, after or around a message, oldest first; without one, the newest."""
        return await threads.page(
            self._store, workspaces, conv, before=before, after=after, around=around, limit=limit
        )

    async def after_pos(
        self, workspace: int, conversation: int, have: int, limit: int = 60
    ) -> tuple[list[MessageView], bool]:
        """The newest that arrived after position `have` (0: all), oldest first; True: not all of them."""
        return await threads.arrived(self._store, workspace, conversation, have=have, limit=limit)

    async def message_for(self, workspaces: Container[int], message: str) -> MessageView:
        return await threads.one(self._store, workspaces, message)

    async def receipts_for(self, workspaces: Container[int], message: str) -> list[ReceiptRow]:
        return await threads.receipts(self._store, workspaces, message)

    async def message_by_external(self, channel: int, external_id: str) -> MessageView | None:
        """By the provider's id. Whether the asker may see the channel is the caller's to know."""
        return await threads.by_external(self._store, channel, external_id)

    async def search(
        self, workspaces: Collection[int], wanted: Wanted, *, after: str | None = None, limit: int = 20
    ) -> SearchPage:
        """Messages by their words, newest first, and the cursor of the next page."""
        return await finding.search(self._store, workspaces, wanted, after=after, limit=limit)

    # -- people ----------------------------------------------------------------------------------

    async def contact_for(self, workspaces: Container[int], contact: str) -> ContactView:
        return await contacts.one(self._store, workspaces, contact)

    async def contacts(
        self, workspaces: Iterable[int], q: str = "", *, after: str | None = None, limit: int = 60
    ) -> tuple[list[ContactView], str | None]:
        """By the beginning of a name or a phone number, and the cursor of the next page."""
        return await contacts.page(self._store, workspaces, q, after=after, limit=limit)

    async def threads_with(self, workspaces: Container[int], contact: str) -> list[ConversationView]:
        """A person's conversations, newest first."""
        return await conversations.of_contact(self._store, workspaces, contact)

    async def operators(self, workspace: int) -> list[OperatorView]:
        columns = ", ".join(f'person."{name}"' for name in columns_of(OperatorRow).names)
        found = await self._store.fetch(
            f"SELECT {columns}, member.role FROM membership AS member"  # noqa: S608  # our own names
            " JOIN operator AS person ON person.id = member.operator_id"
            " WHERE member.workspace_id = $1 ORDER BY person.name, person.id",
            workspace,
        )
        people: list[OperatorRow] = columns_of(OperatorRow).rows([record[:-1] for record in found])
        return [operator_view(row, role=record[-1]) for row, record in zip(people, found, strict=True)]

    # -- the workspace ---------------------------------------------------------------------------

    async def counters(self, workspace: int) -> dict[str, int]:
        rows = await self._store.rows(CounterRow, "WHERE workspace_id = $1 ORDER BY key", workspace)
        return {row.key: row.n for row in rows}

    async def channels(self, workspace: int) -> list[ChannelView]:
        rows = await self._store.rows(
            ChannelRow, "WHERE workspace_id = $1 AND removed_at IS NULL ORDER BY id", workspace
        )
        return [channel_view(row) for row in rows]

    async def labels(self, workspace: int) -> list[LabelView]:
        """Without the deleted ones."""
        rows = await self._store.rows(
            LabelRow, "WHERE workspace_id = $1 AND NOT deleted ORDER BY name, id", workspace
        )
        return [label_view(row) for row in rows]

    async def drafts(self, operator: int, workspace: int) -> list[Draft]:
        rows = await self._store.rows(
            DraftRow, "WHERE operator_id = $1 AND workspace_id = $2 ORDER BY id", operator, workspace
        )
        return [draft_view(row) for row in rows]

    # -- the stream ------------------------------------------------------------------------------

    async def heads(self, workspaces: Iterable[int]) -> dict[int, StreamHead]:
        """Where the streams stand."""
        rows = await self._store.rows(
            WorkspaceRow, f"WHERE {self._store.any('id', '$1')}", sorted(set(workspaces))
        )
        return {row.id: StreamHead(epoch=row.epoch, seq=row.seq) for row in rows}

    async def events(self, workspace: int, after: int, limit: int) -> list[StreamRow] | None:
        """What came after a position, for every audience, in order, at most `limit`.

        None: the log does not reach back so far, or never was so far. Raises NotFound for no workspace.
        """
        head = (await self.heads([workspace])).get(workspace)
        if head is None:
            raise NotFound(what="w")
        rows = await self._store.rows(
            StreamRow, "WHERE workspace_id = $1 AND seq > $2 ORDER BY seq LIMIT $3", workspace, after, limit
        )
        if rows:
            return rows if rows[0].seq == after + 1 else None
        return [] if head.seq == after else None
