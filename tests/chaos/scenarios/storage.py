"""The disk is full, and the database is locked: 503, nothing half-stored, and nothing lost in the end."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

from chaos.audit import audit_inbound, unread_is_right
from chaos.figures import Figures, together
from chaos.ground import Ground, Wish, ground_of
from chaos.traffic import Customers, settled

LOCKED = 12.0  # seconds: longer than the ten that SQLite waits for a lock


@contextmanager
def full_disk(pid: int) -> Generator[None]:
    """No file of this process can be written: the kernel refuses every byte beyond the first."""
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


@asynccontextmanager
async def locked(path: Path) -> AsyncGenerator[None]:
    """Somebody else writes into the database, and takes his time."""
    with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def disk_full(wish: Wish) -> Figures:
    """Customers write while nothing can be stored; then there is room again."""
    async with ground_of(wish) as ground:
        customers = Customers(ground.sim, ground.numbers, ground.customers, ground.luck)
        customers.greet()
        await settled(ground.install, ground.sim)
        rounds: list[Figures] = []
        until = time.monotonic() + min(wish.seconds, 60)
        while not rounds or time.monotonic() < until:
            before, since = await _stored(ground), len(ground.sim.deliveries)
            with full_disk(ground.process.pid):
                for _ in range(15):
                    customers.write()
                await asyncio.sleep(2)
                during = await _stored(ground)
                answers = Counter(one.status for one in list(ground.sim.deliveries)[since:])
            await settled(ground.install, ground.sim)
            rounds.append(_refused(answers, before, during))
        alive = [] if not ground.process.ended else ["the process ended"]
        found = await audit_inbound(ground.install, ground.sim, customers.written)
        unread = await unread_is_right(ground.install, customers.written)
    return together([found, *rounds, Figures(wrong=(*alive, *unread))])


async def database_locked(wish: Wish) -> Figures:
    """Somebody holds the write lock for longer than is waited for it; reading goes on."""
    async with ground_of(wish) as ground:
        customers = Customers(ground.sim, ground.numbers, ground.customers, ground.luck)
        customers.greet()
        await settled(ground.install, ground.sim)
        before, since = await _stored(ground), len(ground.sim.deliveries)
        async with locked(ground.install.settings.sqlite_path):
            for _ in range(5):
                customers.write()
            started = time.monotonic()
            page = await ground.operator.get("/conversations")
            took = time.monotonic() - started
            await asyncio.sleep(LOCKED)
            during = await _stored(ground)
            answers = Counter(one.status for one in list(ground.sim.deliveries)[since:])
        await settled(ground.install, ground.sim)
        found = await audit_inbound(ground.install, ground.sim, customers.written)
        unread = await unread_is_right(ground.install, customers.written)
    wrong = [] if len(page["items"]) == len(ground.customers) else ["the list was not readable"]
    wrong += [f"the list took {took:.1f} s"] if took > 3 else []
    about = Figures(wrong=(*wrong, *unread), measured={"list while locked, s": took})
    return together([found, _refused(answers, before, during), about])


async def _stored(ground: Ground) -> tuple[int, ...]:
    sql = "SELECT (SELECT COUNT(*) FROM message), (SELECT COUNT(*) FROM delivery), MAX(seq) FROM stream"
    (counts,) = await ground.install.rows(sql)
    return counts


def _refused(answers: Counter[int], before: tuple[int, ...], during: tuple[int, ...]) -> Figures:
    """All were answered 503, and nothing of them is there."""
    wrong: list[str] = []
    if set(answers) != {503}:
        wrong.append(f"answers while nothing could be stored: {dict(answers)}")
    if before != during:
        wrong.append(f"stored while nothing could be stored: {before} became {during}")
    return Figures(wrong=tuple(wrong), measured={"answered 503": answers[503]})
