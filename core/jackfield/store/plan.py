"""One transaction of works as a plan: a generator that asks for statements and is given rows.

The plan knows nothing of engines: SQLite's runs it inside the connection's thread, PostgreSQL's
awaits each statement.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, NamedTuple, TypeVar

from jackfield.errors import NotFound

from .columns import check_key, columns_of
from .indexes import COUNTERS, WORKSPACE
from .rows import Row, StreamRow
from .uow import Index, Key, Need, Uow, Work

T = TypeVar("T")


class Lock(NamedTuple):
    """Load these workspace rows, in order of id, and keep others from changing them."""

    workspaces: Sequence[int]


class Select(NamedTuple):
    by: Index[Row]
    keys: Sequence[Key]


class Insert(NamedTuple):
    row: type[Row]
    rows: Sequence[Sequence[Any]]  # in the order of the columns


class Update(NamedTuple):
    row: type[Row]
    names: tuple[str, ...]
    rows: Sequence[Sequence[Any]]  # the named columns, then the id


class Delete(NamedTuple):
    row: type[Row]
    ids: Sequence[int]


Statement = Lock | Select | Insert | Update | Delete
Plan = Generator[Statement, Sequence[Row], T]
Derive = Callable[[Uow], None]


class Answer(NamedTuple):
    """What became of one work: its value, or the error that undid it."""

    value: Any
    error: Exception | None = None


class Outcome(NamedTuple):
    """What became of a transaction: an answer per work, and the stream rows in their order."""

    answers: list[Answer]
    stream: list[StreamRow]


def transaction(works: Sequence[Work[Any]], derive: Derive, *, now: int) -> Plan[Outcome]:
    """Load what the works need, let them decide one after another, derive, write what changed."""
    uow = Uow(now=now)
    spaces = sorted({work.workspace for work in works if work.workspace})
    if spaces:
        uow.missing(WORKSPACE(space) for space in spaces)
        rows = yield Lock(spaces)
        list(uow.loaded(WORKSPACE, rows))  # type: ignore[arg-type]  # Lock answers with workspaces
        yield from _load(uow, (COUNTERS(space) for space in spaces))

    lost: dict[int, Exception] = {}  # by place in the batch
    while needs := list(chain.from_iterable(_needs_of_all(works, uow, lost))):
        if not (yield from _load(uow, needs)):
            break

    answers: list[Answer] = []
    for place, work in enumerate(works):
        if place in lost:
            answers.append(Answer(None, lost[place]))
        elif work.workspace and uow.one(WORKSPACE, work.workspace) is None:
            answers.append(Answer(None, NotFound(what="workspace")))
        else:
            answers.append((yield from _decide(work, uow)))
    derive(uow)
    stream = yield from _flush(uow)
    return Outcome(answers, stream)


def _needs_of_all(works: Sequence[Work[Any]], uow: Uow, lost: dict[int, Exception]) -> Iterator[list[Need]]:
    for place, work in enumerate(works):
        if place not in lost:
            try:
                yield list(work.needs(uow))
            except Exception as error:
                lost[place] = error


def _load(uow: Uow, needs: Iterable[Need]) -> Plan[bool]:
    """Load needs and what goes with them. False: everything was there."""
    loaded = False
    while missing := uow.missing(needs):
        follow: list[Need] = []
        for index, keys in missing.values():
            for key in keys:
                check_key(key)
            rows = yield Select(index, keys)
            follow.extend(uow.loaded(index, rows))
        needs, loaded = follow, True
    return loaded


def _decide(work: Work[Any], uow: Uow) -> Plan[Answer]:
    """Run one work. Its needs are asked once more: the works before it may have changed them."""
    try:
        while (yield from _load(uow, list(work.needs(uow)))):
            pass
    except Exception as error:
        return Answer(None, error)
    uow.begin()
    try:
        return Answer(work.apply(uow))
    except Exception as error:
        uow.roll_back()
        return Answer(None, error)


def _flush(uow: Uow) -> Plan[list[StreamRow]]:
    """Write the changes. What goes first, so that a unique value can move from one row to another."""
    gone: dict[type[Row], list[int]] = defaultdict(list)
    changed: dict[tuple[type[Row], tuple[str, ...]], list[list[Any]]] = defaultdict(list)
    new: dict[type[Row], list[list[Any]]] = defaultdict(list)
    stream: list[StreamRow] = []
    for before, after in uow.changes():
        if after is None:
            assert before is not None
            gone[type(before)].append(before.id)
        elif before is None:
            new[type(after)].append(columns_of(type(after)).values(after))
            if isinstance(after, StreamRow):
                stream.append(after)
        else:
            names = tuple(n for n in after.__struct_fields__ if getattr(after, n) != getattr(before, n))
            columns = columns_of(type(after))
            values = dict(zip(columns.names, columns.values(after), strict=True))
            changed[type(after), names].append([*(values[name] for name in names), after.id])
    for row, ids in gone.items():
        yield Delete(row, ids)
    for (row, names), rows in changed.items():
        yield Update(row, names, rows)
    for row, rows in new.items():
        yield Insert(row, rows)
    return stream
