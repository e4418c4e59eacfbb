"""One transaction of works as a plan: a generator that asks for statements and is given rows.

The plan knows nothing of engines: SQLite's runs it inside the connection's thread, PostgreSQL's
awaits each statement.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from jackfield.errors import NotFound

from .columns import check_key, columns_of
from .indexes import COUNTERS, WORKSPACE
from .rows import Row, StreamRow
from .uow import Index, Key, Need, Uow, Work
from .words import Reword

T = TypeVar("T")

ROUNDS = 50  # of asking one work before it decides


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


class Rewords(NamedTuple):
    changes: Sequence[Reword]


Statement = Lock | Select | Insert | Update | Delete | Rewords
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
        rows = yield Lock(spaces)
        list(uow.loaded(WORKSPACE, ((space,) for space in spaces), rows))
        yield from _load(uow, [COUNTERS(space) for space in spaces])

    lost: dict[int, Exception] = {}  # by place in the batch
    yield from _ask(uow, enumerate(works), lost)

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


def _ask(uow: Uow, works: Iterable[tuple[int, Work[Any]]], lost: dict[int, Exception]) -> Plan[bool]:
    """Load what works need, all side by side: each goes on when what it named is there.

    False: everything was there. A work that raises goes into `lost`, under its place.
    """
    loaded = False
    asking = [(place, _steps(uow, work)) for place, work in works]
    while asking:
        wanted: list[Need] = []
        waiting: list[tuple[int, Iterator[list[Need]]]] = []
        for place, steps in asking:
            try:
                lacking = next(steps, None)
            except Exception as error:
                lost[place] = error
                continue
            if lacking is not None:
                wanted += lacking
                waiting.append((place, steps))
        loaded |= yield from _load(uow, wanted)
        asking = waiting
    return loaded


def _steps(uow: Uow, work: Work[Any]) -> Iterator[list[Need]]:
    """What a work needs and is not there, from one pause to the next."""
    for named in work.needs(uow):
        if isinstance(named, list):
            lacking = [need for need in named if uow.lacks(need)]
        else:
            lacking = [named] if uow.lacks(named) else []
        if lacking:
            for _, key in lacking:
                check_key(key)
            yield lacking


def _load(uow: Uow, wanted: Sequence[Need]) -> Plan[bool]:
    """Read what is wanted, and what goes with it. False: nothing was wanted."""
    loaded = False
    while wanted:
        by_index: dict[Index[Row], dict[Key, None]] = defaultdict(dict)
        for index, key in wanted:
            by_index[index][key] = None
        follow: list[Need] = []
        for index, keys in by_index.items():
            rows = yield Select(index, list(keys))
            follow.extend(uow.loaded(index, keys, rows))
        wanted, loaded = [need for need in follow if uow.lacks(need)], True
    return loaded


def _decide(work: Work[Any], uow: Uow) -> Plan[Answer]:
    """Run one work. Its needs are asked once more: the works before it may have changed them."""
    lost: dict[int, Exception] = {}
    for _ in range(ROUNDS):
        if not (yield from _ask(uow, ((0, work),), lost)):
            break
    else:
        lost[0] = RuntimeError(f"{type(work).__name__} needs something else each time it is asked")
    if lost:
        return Answer(None, lost[0])
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
            names, values = columns_of(type(after)).changed(before, after)
            if names:
                changed[type(after), names].append(values)
    for row, ids in gone.items():
        yield Delete(row, ids)
    for (row, names), rows in changed.items():
        yield Update(row, names, rows)
    for row, rows in new.items():
        yield Insert(row, rows)
    if uow.rewords:
        yield Rewords(uow.rewords)
    return stream
