"""The newest 20 of a million messages with some words, beside LIKE on the bare driver.

The goal is a time, not a ratio: what is typed is to be answered while one types on.
"""

from __future__ import annotations

import os
import random
import sqlite3
import statistics
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from itertools import islice
from pathlib import Path
from typing import Any

import asyncpg
import uvloop
from bench.corpus import COMMON_EN, COMMON_RU, Corpus
from bench.figures import Measure, Result, Slice, interleaved, percentile, summary
from bench.ground import Ground
from bench.scale import Scale

from jackfield.channel import Text
from jackfield.ids import first_id, show
from jackfield.inbox.columns import to_json
from jackfield.inbox.reading import Reading, Wanted
from jackfield.inbox.search.index import words_of
from jackfield.settings import Settings
from jackfield.store.columns import columns_of
from jackfield.store.rows import ConversationRow, MessageRow, Row, WorkspaceRow
from jackfield.store.store import Store, open_store
from jackfield.store.words import TABLES, Reword, reword_postgres, reword_sqlite

ENGINES = ("sqlite", "postgres")
NAMES = tuple(f"search-{engine}" for engine in ENGINES)
NEWEST = 20
GOAL = 10.0  # ms, at the median of the slowest kind of question
THREADS = 1_000  # conversations that share the messages
AT_ONCE = 5_000  # messages written at once
SPACE = 1  # the workspace
THEN = 1_760_000_000_000  # ms: when the first was said

Ask = Callable[[str, int], Awaitable[int]]


def run(ground: Ground, scale: Scale, wanted: Collection[str]) -> list[Result]:
    results: list[Result] = []
    for engine in ENGINES:
        if f"search-{engine}" in wanted:
            settings = Settings(
                data=Path(ground.folder(f"search-{engine}")),
                database=ground.database() if engine == "postgres" else "",
            )
            results.append(uvloop.run(_run(f"search-{engine}", settings, scale)))
    return results


async def _run(name: str, settings: Settings, scale: Scale) -> Result:
    corpus = Corpus()
    async with open_store(settings):
        pass  # the tables
    fill = _fill_postgres if settings.database else _fill_sqlite
    await fill(settings, _rows(corpus, scale.rows[-1]))
    kinds = _kinds(corpus)
    async with open_store(settings) as store, _like(settings) as like:
        ours = {f"ours {kind}": _measure(_ours(store), said, scale.pages) for kind, said in kinds.items()}
        theirs = {f"like {kind}": _measure(like, said, 2) for kind, said in kinds.items()}
        slices = await interleaved(ours | theirs, scale.rounds)
    return _result(name, slices, list(kinds), scale)


def _result(name: str, slices: Mapping[str, Sequence[Slice]], kinds: Sequence[str], scale: Scale) -> Result:
    """The slowest kind of question counts; the others stand beside it in the file."""
    medians = {kind: statistics.median(one.p50 for one in slices[f"ours {kind}"]) for kind in kinds}
    slowest = max(kinds, key=medians.__getitem__)
    each = [one.p50 for one in slices[f"ours {slowest}"]]
    others = {kind: statistics.median(one.p50 for one in slices[f"like {kind}"]) for kind in kinds}
    return Result(
        name=name,
        ratio=round(medians[slowest], 3),
        goal=GOAL,
        sense="at most",
        met=medians[slowest] <= GOAL,
        low=round(min(each), 3),
        high=round(max(each), 3),
        rounds=scale.rounds,
        ours=summary(slices[f"ours {slowest}"])
        | {f"{kind} ms": round(ms, 3) for kind, ms in medians.items()},
        reference=summary(slices[f"like {slowest}"])
        | {f"{kind} ms": round(ms, 3) for kind, ms in others.items()},
        load=round(os.getloadavg()[0], 1),
    )


# -- what is asked ---------------------------------------------------------------------------------


def _kinds(corpus: Corpus) -> dict[str, list[tuple[str, int]]]:
    """Questions by kind: what is typed, and in which conversation (0: in all of them)."""
    common = [*COMMON_RU, *COMMON_EN]
    two = [f"{one} {other}" for tongue in (COMMON_RU, COMMON_EN) for one, other in zip(tongue, tongue[5:])]  # noqa: B905  # as far as both go
    return {
        "common": [(word, 0) for word in common],
        "two": [(words, 0) for words in two],
        "rare": [(word, 0) for word in corpus.rare],
        "beginning": [(word[:4], 0) for word in common],
        "thread": [(word, number % THREADS + 1) for number, word in enumerate(common)],
    }


def _ours(store: Store) -> Ask:
    reading, spaces = Reading(store), frozenset({SPACE})

    async def ask(typed: str, thread: int) -> int:
        wanted = Wanted(q=typed, conversation=show("c", thread) if thread else None)
        return len((await reading.search(spaces, wanted, limit=NEWEST)).hits)

    return ask


@asynccontextmanager
async def _like(settings: Settings) -> AsyncGenerator[Ask]:
    """The same words as they are typed; LIKE knows no forms."""
    listed = columns_of(MessageRow).listed

    async def ask(typed: str, thread: int) -> int:
        words = typed.split()
        said = " AND ".join(f"text LIKE ${place}" for place in range(1, len(words) + 1))
        where = f"{said} AND conversation_id = {thread}" if thread else said
        sql = f'SELECT {listed} FROM "message" WHERE {where} ORDER BY id DESC LIMIT {NEWEST + 1}'
        return await count(sql, [f"%{word}%" for word in words])

    if settings.database:
        connection: Any = await asyncpg.connect(settings.database)

        async def count(sql: str, params: Sequence[str]) -> int:
            return len(await connection.fetch(sql, *params))

        try:
            yield ask
        finally:
            await connection.close()
        return
    with closing(sqlite3.connect(settings.sqlite_path)) as file:

        async def count(sql: str, params: Sequence[str]) -> int:
            return len(file.execute(sql.replace("$", "?"), params).fetchall())

        yield ask


def _measure(ask: Ask, said: Sequence[tuple[str, int]], times: int) -> Measure:
    async def measure() -> Slice:
        took: list[float] = []
        cpu, began = time.process_time(), time.perf_counter()
        for typed, thread in random.choices(said, k=times):
            start = time.perf_counter()
            found = await ask(typed, thread)
            took.append((time.perf_counter() - start) * 1000)
            assert 0 <= found <= NEWEST + 1, found
        seconds = time.perf_counter() - began
        took.sort()
        return Slice(
            ops=times,
            seconds=seconds,
            cpu=time.process_time() - cpu,
            p50=statistics.median(took),
            p99=percentile(took, 0.99),
        )

    return measure


# -- what was said ---------------------------------------------------------------------------------


def _rows(corpus: Corpus, count: int) -> Iterator[list[Row]]:
    yield [WorkspaceRow(id=SPACE, name="bench", epoch="e", created_at=THEN)]
    yield [
        ConversationRow(
            id=number, workspace_id=SPACE, channel_id=1, peer=f"p{number}", last_at=THEN, created_at=THEN
        )
        for number in range(1, THREADS + 1)
    ]
    said = enumerate(corpus.texts(count))
    while some := [_message(number, text) for number, text in islice(said, AT_ONCE)]:
        yield list[Row](some)


def _message(number: int, text: str) -> MessageRow:
    at = THEN + number * 1_000
    return MessageRow(
        id=first_id(at),
        workspace_id=SPACE,
        channel_id=1,
        conversation_id=number % THREADS + 1,
        external_id=f"bench {number}",
        pos=number,
        dir="in",
        kind="text",
        author_kind="contact",
        parts=to_json((Text(body=text),)),
        text=text,
        at=at,
        received_at=at,
        st="received",
    )


def _rewords(rows: Sequence[Row]) -> list[Reword]:
    return [Reword(row.id, SPACE, "", words_of(row)) for row in rows if isinstance(row, MessageRow)]


async def _fill_sqlite(settings: Settings, rows: Iterator[list[Row]]) -> None:
    """Written as the writer writes, some thousands in one transaction."""
    with closing(sqlite3.connect(settings.sqlite_path, isolation_level=None)) as file:
        file.execute("PRAGMA synchronous = OFF")
        for some in rows:
            columns = columns_of(type(some[0]))
            places = ", ".join("?" * len(columns.names))
            insert = f'INSERT INTO "{columns.table}" ({columns.listed}) VALUES ({places})'
            file.execute("BEGIN")
            file.executemany(insert, map(columns.values, some))
            reword_sqlite(file, _rewords(some))
            file.execute("COMMIT")
        file.execute("ANALYZE")


async def _fill_postgres(settings: Settings, rows: Iterator[list[Row]]) -> None:
    """As above, but the big index comes last."""
    connection: Any = await asyncpg.connect(settings.database, command_timeout=600)
    try:
        (index,) = [sql for sql in TABLES["postgres"] if "USING gin" in sql]
        await connection.execute("DROP INDEX message_words_found")
        for some in rows:
            columns = columns_of(type(some[0]))
            records = list(map(columns.values, some))
            await connection.copy_records_to_table(columns.table, columns=columns.names, records=records)
            await reword_postgres(connection, _rewords(some))
        await connection.execute(index)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
