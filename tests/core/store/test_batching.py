"""The writer alone, over an engine made of memory: what is one transaction, and what is tried again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest
from fixtures.works import Do, fails, nothing

from jackfield.errors import Conflict, Forbidden, Invalid, Unavailable
from jackfield.ids import new_id
from jackfield.store.engine import Again, EngineName, Records, Refused
from jackfield.store.plan import Derive, Insert, Plan
from jackfield.store.rows import LabelRow, StreamRow
from jackfield.store.store import no_derive, nobody
from jackfield.store.uow import Uow
from jackfield.store.writer import MOST, TRIES, Writer

T = TypeVar("T")
BAD = "bad"


class MemoryEngine:
    """Runs plans over nothing. `gate` holds a transaction open; labels named BAD are refused."""

    name: EngineName = "sqlite"

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.sizes: list[int] = []  # of the transactions, in works that inserted a label
        self.errors: list[Exception] = []  # raised by the next transactions

    async def run(self, make: Callable[[], Plan[T]]) -> T:
        await self.gate.wait()
        if self.errors:
            raise self.errors.pop(0)
        plan = make()
        labels = 0
        try:
            statement = next(plan)
            while True:
                if isinstance(statement, Insert):
                    labels += len(statement.rows)
                    if any(BAD in row for row in statement.rows):
                        raise Refused("bad")
                statement = plan.send(())
        except StopIteration as stop:
            self.sizes.append(labels)
            value: T = stop.value
            return value

    async def fetch(self, sql: str, params: Sequence[Any], make: Callable[[Records], T]) -> T:
        raise NotImplementedError

    async def aclose(self) -> None:
        """Nothing is open."""

    def any(self, column: str, place: str) -> str:
        raise NotImplementedError


def add(name: str = "label") -> Do[str]:
    def apply(uow: Uow) -> str:
        uow.add(LabelRow(id=new_id(), workspace_id=1, name=name, color="#000000"))
        return name

    return Do(apply)


@asynccontextmanager
async def running(
    engine: MemoryEngine,
    *,
    derive: Derive = no_derive,
    committed: Callable[[Sequence[StreamRow]], None] = nobody,
) -> AsyncGenerator[Writer]:
    writer = Writer(engine, derive=derive, committed=committed)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(writer.run())
        try:
            yield writer
        finally:
            engine.gate.set()
            writer.close()


async def test_works_that_arrive_during_a_commit_are_the_next_transaction() -> None:
    engine = MemoryEngine()
    async with running(engine) as writer, asyncio.TaskGroup() as tasks:
        engine.gate.clear()
        tasks.create_task(writer.do(add()))
        await asyncio.sleep(0.01)  # its transaction waits at the gate
        for _ in range(10):
            tasks.create_task(writer.do(add()))
            await asyncio.sleep(0)
        engine.gate.set()
    assert engine.sizes == [1, 10]


async def test_a_transaction_has_a_most() -> None:
    engine = MemoryEngine()
    async with running(engine) as writer:
        await asyncio.gather(*(writer.do(add()) for _ in range(MOST + 3)))
    assert engine.sizes == [MOST, 3]


async def test_an_idle_writer_starts_at_once() -> None:
    async with running(MemoryEngine()) as writer, asyncio.timeout(5):
        assert await writer.do(add("one")) == "one"


async def test_a_work_that_raises_is_answered_and_its_neighbours_are_stored() -> None:
    engine = MemoryEngine()
    async with running(engine) as writer:
        answers = await asyncio.gather(
            writer.do(add("a")),
            writer.do(Do(fails(Forbidden()))),
            writer.do(add("b")),
            return_exceptions=True,
        )
    assert answers[0] == "a"
    assert isinstance(answers[1], Forbidden)
    assert answers[2] == "b"
    assert engine.sizes == [2]


async def test_needs_that_raise_fail_their_own_work_only() -> None:
    async with running(MemoryEngine()) as writer:
        lost = Do(nothing, more=lambda uow: 1 // 0)  # type: ignore[arg-type,return-value]  # raises
        answers = await asyncio.gather(writer.do(lost), writer.do(add("a")), return_exceptions=True)
    assert isinstance(answers[0], ZeroDivisionError)
    assert answers[1] == "a"


async def test_a_refused_row_is_found_by_halving() -> None:
    engine = MemoryEngine()
    async with running(engine) as writer:
        answers = await asyncio.gather(
            *(writer.do(add(BAD if number == 37 else "good")) for number in range(100)),
            return_exceptions=True,
        )
    assert [number for number, answer in enumerate(answers) if answer != "good"] == [37]
    assert isinstance(answers[37], Conflict)
    assert sum(engine.sizes) == 99


async def test_a_text_that_is_too_long_fails_its_own_work_only() -> None:
    async with running(MemoryEngine()) as writer:
        answers = await asyncio.gather(writer.do(add("x" * 201)), writer.do(add("a")), return_exceptions=True)
    assert isinstance(answers[0], Invalid)
    assert answers[0].data["fields"] == {"name": "at most 200 characters"}
    assert answers[1] == "a"


async def test_a_lost_race_is_run_again() -> None:
    engine = MemoryEngine()
    engine.errors = [Again("deadlock"), Again("deadlock")]
    async with running(engine) as writer:
        assert await writer.do(add("a")) == "a"


async def test_a_race_lost_for_ever_is_unavailable() -> None:
    engine = MemoryEngine()
    engine.errors = [Again("deadlock")] * TRIES
    async with running(engine) as writer:
        with pytest.raises(Unavailable):
            await writer.do(add("a"))
        assert await writer.do(add("b")) == "b"


async def test_a_database_that_is_away_answers_everybody_at_once() -> None:
    engine = MemoryEngine()
    engine.errors = [Unavailable("away")]
    async with running(engine) as writer:
        answers = await asyncio.gather(*(writer.do(add()) for _ in range(5)), return_exceptions=True)
        assert all(isinstance(answer, Unavailable) for answer in answers)
        assert await writer.do(add("b")) == "b"
    assert engine.sizes == [1]


async def test_a_work_nobody_waits_for_any_more_is_not_begun() -> None:
    engine = MemoryEngine()
    async with running(engine) as writer:
        engine.gate.clear()
        first = asyncio.create_task(writer.do(add()))
        await asyncio.sleep(0.01)
        second = asyncio.create_task(writer.do(add()))
        await asyncio.sleep(0.01)
        second.cancel()
        engine.gate.set()
        await first
    assert second.cancelled()
    assert engine.sizes == [1]


async def test_a_work_begun_is_stored_even_if_nobody_waits_for_it() -> None:
    engine = MemoryEngine()
    async with running(engine) as writer:
        engine.gate.clear()
        task = asyncio.create_task(writer.do(add()))
        await asyncio.sleep(0.01)
        task.cancel()
        engine.gate.set()
    assert engine.sizes == [1]


async def test_closing_finishes_what_was_taken_and_takes_no_more() -> None:
    engine = MemoryEngine()
    async with running(engine) as writer:
        taken = [asyncio.create_task(writer.do(add())) for _ in range(5)]
        await asyncio.sleep(0)
        writer.close()
        with pytest.raises(Unavailable):
            await writer.do(add())
    assert await asyncio.gather(*taken) == ["label"] * 5


async def test_derive_that_fails_stores_nothing() -> None:
    def derive(uow: Uow) -> None:
        if any(after is not None and getattr(after, "name", "") == "odd" for _, after in uow.changes()):
            raise LookupError("odd")

    engine = MemoryEngine()
    async with running(engine, derive=derive) as writer:
        answers = await asyncio.gather(
            writer.do(add("a")), writer.do(add("odd")), writer.do(add("b")), return_exceptions=True
        )
    assert [answer for answer in answers if isinstance(answer, str)] == ["a", "b"]
    assert isinstance(answers[1], LookupError)


async def test_telling_that_fails_takes_nothing_back(caplog: pytest.LogCaptureFixture) -> None:
    def committed(rows: Sequence[StreamRow]) -> None:
        raise RuntimeError("deaf")

    def apply(uow: Uow) -> int:
        return uow.add(StreamRow(id=1, workspace_id=1, seq=1, data="{}", at=1)).seq

    async with running(MemoryEngine(), committed=committed) as writer:
        assert await writer.do(Do(apply)) == 1
    assert "telling of 1 stream rows failed" in caplog.text
