"""Messages from before there was an index, or from a backup: indexed in the background, newest first.

`workspace.searched_from` says how far down it has come; it moves in the transaction that writes the words,
so a process may end at any time and several may work side by side.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence

from msgspec import Struct

from jackfield.errors import Problem
from jackfield.store.indexes import WORKSPACE
from jackfield.store.rows import MessageRow
from jackfield.store.store import Store
from jackfield.store.uow import Index, Need, Uow

log = logging.getLogger("jackfield.search")

CHUNK = 200  # messages in one transaction
PAUSE = 0.02  # seconds between two: others want to write too
AGAIN = 5.0  # seconds, when the database is away

_MESSAGE = Index(MessageRow, "id")  # without its conversation
_NEXT = "SELECT id, workspace_id FROM message WHERE id < $1 ORDER BY id DESC LIMIT $2"
_FLOORS = "SELECT id, searched_from FROM workspace WHERE searched_from > 0"


class Reach(Struct, frozen=True, kw_only=True):
    """The messages of a workspace from `down_to` on are searched; `messages` are all that were not yet.

    What their words are, derive() says.
    """

    workspace: int
    messages: Sequence[int]
    down_to: int

    def needs(self, uow: Uow) -> Iterator[list[Need]]:
        yield [_MESSAGE(number) for number in self.messages]

    def apply(self, uow: Uow) -> None:
        row = uow.one(WORKSPACE, self.workspace)
        if row is not None and self.down_to < row.searched_from:
            uow.edit(row).searched_from = self.down_to


async def run(store: Store, *, pause: float = PAUSE, again: float = AGAIN) -> None:
    """Until all messages are searched."""
    while True:
        try:
            done = await _all(store, pause)
        except Problem as error:
            log.warning("older messages wait for their words: %s", error)
            await asyncio.sleep(again)
            continue
        if done:
            log.info("%d older messages can be found now", done)
        return


async def _all(store: Store, pause: float) -> int:
    floors = {int(space): int(floor) for space, floor in await store.fetch(_FLOORS)}
    below, done = max(floors.values(), default=0), 0
    while below:
        found = await store.fetch(_NEXT, below, CHUNK)
        spaces: defaultdict[int, list[int]] = defaultdict(list)
        for number, space in found:
            if number < floors.get(space, 0):
                spaces[space].append(number)
        below = int(found[-1][0]) if len(found) == CHUNK else 0
        at_the_end = {} if below else dict.fromkeys(floors, ())
        reached = [
            Reach(workspace=space, messages=messages, down_to=below)
            for space, messages in (at_the_end | spaces).items()
        ]
        await asyncio.gather(*(store.writer.do(work) for work in reached))
        done += sum(map(len, spaces.values()))
        await asyncio.sleep(pause)
    return done
