"""From the commit to the bus: stream rows leave in the order in which they were committed."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import groupby

from jackfield.bus import Bus, encode_rows
from jackfield.store.rows import StreamRow

log = logging.getLogger("jackfield.bus")


class Publisher:
    """committed() is called by the writer on the loop; run() publishes.

    What cannot be published is not kept: the rows are in the database, and every reader that misses
    some finds the gap.
    """

    def __init__(self) -> None:
        self._rows: deque[Sequence[StreamRow]] = deque()
        self._wake = asyncio.Event()

    def committed(self, rows: Sequence[StreamRow]) -> None:
        self._rows.append(rows)
        self._wake.set()

    async def run(self, bus: Bus) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._rows:
                for workspace, batch in _by_workspace(self._rows.popleft()):
                    try:
                        await bus.publish(f"stream.{workspace}", encode_rows(batch))
                    except Exception:
                        log.warning("the bus did not take %d events of %s", len(batch), workspace)


def _by_workspace(rows: Iterable[StreamRow]) -> Iterable[tuple[int, list[StreamRow]]]:
    ordered = sorted(rows, key=lambda row: (row.workspace_id, row.seq))
    for workspace, batch in groupby(ordered, key=lambda row: row.workspace_id):
        yield workspace, list(batch)
