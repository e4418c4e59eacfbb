"""What the past must not do by itself: after a restore nothing leaves before a person has looked at it.

The world went on after the backup: what waited then has most likely left since, and sent again it would
come twice. So it is held, as after a new login. And every stream is another one now, so that no client
takes its old position for one of ours.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from jackfield.inbox.outbox_works import Due, Hold, Recover
from jackfield.store.store import Store
from jackfield.store.tables import Channel, Workspace
from jackfield.store.uow import Work

CHUNK = 200  # rows in one work
_DUE = (
    "SELECT m.id, m.workspace_id FROM outbox o JOIN message m ON m.id = o.message_id"
    " WHERE o.state = 'waiting' AND m.st = 'scheduled' AND m.due_at <= $1"
    " ORDER BY m.workspace_id, m.due_at, m.id"
)
_IN_STATE = "SELECT id, workspace_id FROM outbox WHERE state = $1 ORDER BY workspace_id, id"


class Held(Struct, frozen=True):
    """`held`: waits for a person. `unknown`: was on its way when the backup was made."""

    held: int
    unknown: int


async def begin_anew(store: Store, *, without_secrets: bool) -> Held:
    """Make of a restored past a present that harms nobody. Works with the store's own models and writer."""
    ((newest,),) = await store.fetch("SELECT coalesce(max(id), -1) FROM message")
    for workspace in await Workspace.all():
        await Workspace.filter(id=workspace.id).update(
            epoch=secrets.token_hex(8),
            searched_from=newest + 1,  # the index of words is not in a backup: it is made anew
        )
    await Channel.all().update(lease_owner="", lease_until=0)
    if without_secrets:
        await Channel.exclude(secrets="").update(
            secrets="", enabled=False, state="bad_credentials", state_code="", state_text=""
        )
    now = time.time_ns() // 1_000_000
    await _each(store, await store.fetch(_DUE, now), lambda space, rows: Due(workspace=space, messages=rows))
    sending = await store.fetch(_IN_STATE, "sending")
    await _each(store, sending, lambda space, rows: Recover(workspace=space, rows=rows))
    waiting = await store.fetch(_IN_STATE, "waiting")
    await _each(store, waiting, lambda space, rows: Hold(workspace=space, rows=rows))
    (counted,) = await store.fetch(
        "SELECT coalesce(sum(CASE WHEN state = 'held' THEN 1 END), 0),"
        " coalesce(sum(CASE WHEN state = 'unknown' THEN 1 END), 0) FROM outbox"
    )
    return Held(*map(int, counted))


async def _each(
    store: Store, found: Sequence[tuple[Any, ...]], work: Callable[[int, list[int]], Work[Any]]
) -> None:
    """Some rows at a time, those of one workspace together."""
    spaces: dict[int, list[int]] = {}
    for row, workspace in found:
        spaces.setdefault(workspace, []).append(row)
    for workspace, rows in spaces.items():
        for start in range(0, len(rows), CHUNK):
            await store.writer.do(work(workspace, rows[start : start + CHUNK]))
