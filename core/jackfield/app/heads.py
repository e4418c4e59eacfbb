"""Where streams stand, for the hub."""

from __future__ import annotations

from jackfield.errors import NotFound
from jackfield.inbox.reading import Reading
from jackfield.store.store import Store
from jackfield.wire.views import StreamHead


class Heads:
    """web.realtime.Streams from the store."""

    def __init__(self, store: Store, reading: Reading) -> None:
        self._store, self._reading = store, reading

    async def head(self, workspace: int) -> tuple[StreamHead, int]:
        head = (await self._reading.heads([workspace])).get(workspace)
        if head is None:
            raise NotFound(what="w")
        found = await self._store.fetch(
            "SELECT seq FROM stream WHERE workspace_id = $1 AND audience IS NULL AND seq <= $2"
            " ORDER BY seq DESC LIMIT 1",
            workspace,
            head.seq,
        )
        return head, int(found[0][0]) if found else 0
