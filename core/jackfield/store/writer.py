"""The writer: collects the works that arrive while a transaction commits, and runs them in the next.

No timer and no fixed size: an idle writer starts at once, a busy one takes what has gathered.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from jackfield.errors import Conflict, Problem, Unavailable

from .engine import Again, Engine, Refused
from .plan import Derive, Outcome, transaction
from .rows import StreamRow
from .uow import Work

log = logging.getLogger(__name__)

T = TypeVar("T")

MOST = 512  # works in one transaction
TRIES = 6  # of a transaction that lost against another one
Measure = Callable[[int, float], None]  # works of a transaction, and seconds it took
ALONE = 2  # tries of a work that stands alone and is refused: its ids are drawn anew


def unmeasured(works: int, seconds: float) -> None:
    """Nobody counts what was committed."""


class _Waiting(NamedTuple):
    work: Work[Any]
    answer: asyncio.Future[Any]


class Writer:
    """One per process. `run` is its task; `do` may be called by anybody on the same loop."""

    def __init__(
        self, engine: Engine, *, derive: Derive, committed: Callable[[Sequence[StreamRow]], None]
    ) -> None:
        self._engine, self._derive, self._committed = engine, derive, committed
        self._queue: deque[_Waiting] = deque()
        self._wake = asyncio.Event()
        self._closed = False
        self.measure: Measure = unmeasured

    @property
    def waiting(self) -> int:
        """Works that no transaction has taken yet."""
        return len(self._queue)

    async def do(self, work: Work[T]) -> T:
        """Run a work in the next transaction; return what it decided, once it is stored.

        Raises what the work raises; Conflict if the database refuses its rows, Invalid if it cannot
        hold them; Unavailable if the database is away: nothing is stored then, but for a connection
        lost in the middle of a commit, where nobody knows; so works are made to be done twice.
        Cancelling takes back a work that has not been begun.
        """
        if self._closed:
            raise Unavailable("the store is closed")
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(work, answer))
        self._wake.set()
        return await answer

    def close(self) -> None:
        """Take no more works; `run` ends when the ones taken are done."""
        self._closed = True
        self._wake.set()

    async def run(self) -> None:
        while True:
            if not self._queue:
                if self._closed:
                    return
                self._wake.clear()
                await self._wake.wait()  # as long as nobody wants anything
                continue
            batch = [self._queue.popleft() for _ in range(min(MOST, len(self._queue)))]
            await self._commit([waiting for waiting in batch if not waiting.answer.done()])

    async def _commit(self, batch: Sequence[_Waiting]) -> None:
        """Run a batch; if the database refuses it, its halves, until the culprit stands alone."""
        if not batch:
            return
        began = time.perf_counter()
        try:
            outcome = await self._transaction(batch, tries=1 if len(batch) > 1 else ALONE)
        except Unavailable as error:
            _fail(batch, error)
        except Exception as error:
            if len(batch) == 1:
                _fail(batch, _as_answer(error))
                return
            half = len(batch) // 2
            await self._commit(batch[:half])
            await self._commit(batch[half:])
        else:
            self.measure(len(batch), time.perf_counter() - began)
            self._tell(outcome)
            for waiting, answer in zip(batch, outcome.answers, strict=True):
                if waiting.answer.done():
                    continue
                if answer.error is None:
                    waiting.answer.set_result(answer.value)
                else:
                    waiting.answer.set_exception(answer.error)

    async def _transaction(self, batch: Sequence[_Waiting], *, tries: int) -> Outcome:
        works = [waiting.work for waiting in batch]
        for lost in range(TRIES):
            try:
                return await self._engine.run(
                    lambda: transaction(works, self._derive, now=time.time_ns() // 1_000_000)
                )
            except Refused:
                tries -= 1
                if tries <= 0:
                    raise
            except Again:
                await asyncio.sleep(random.uniform(0, 0.01) * 2**lost)  # noqa: S311  # not a secret
        raise Unavailable("the database is too busy with others")

    def _tell(self, outcome: Outcome) -> None:
        if not outcome.stream:
            return
        try:
            self._committed(outcome.stream)
        except Exception:
            log.exception("telling of %d stream rows failed; they are stored", len(outcome.stream))


def _as_answer(error: Exception) -> Exception:
    if isinstance(error, Refused):
        problem = Conflict(f"the database refuses it: {error}")
        problem.__cause__ = error
        return problem
    if not isinstance(error, Problem):
        log.error("a work failed outside of its own part", exc_info=error)
    return error


def _fail(batch: Sequence[_Waiting], error: Exception) -> None:
    for waiting in batch:
        if not waiting.answer.done():
            waiting.answer.set_exception(error)
