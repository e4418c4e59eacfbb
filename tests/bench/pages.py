"""Pages of the chat list and of a thread as views, against the bare indexed SELECT of the same rows.

A page must cost the same among ten thousand rows and among a million.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import uvloop
from bench.bare import THREADS, Bare, Place, opened
from bench.figures import Measure, Result, Slice, compared, interleaved, percentile
from bench.ground import Ground
from bench.scale import Scale
from bench.talk import child

from jackfield.ids import show
from jackfield.inbox.reading import Reading
from jackfield.settings import Settings
from jackfield.store.store import Store, open_store
from jackfield.wire.realtime import Folder

SUBJECTS = ("list-page", "thread-page")
ENGINES = ("sqlite", "postgres")
NAMES = tuple(
    f"{subject}-{what}{'' if engine == 'sqlite' else '-postgres'}"
    for engine in ENGINES
    for subject in SUBJECTS
    for what in ("vs-select", "flat")
)
PAGE = 60
SELECT = 2.5  # times the bare SELECT
FLAT = 1.5  # times the page of the small table


def run(ground: Ground, scale: Scale, wanted: Collection[str]) -> list[Result]:
    results: list[Result] = []
    for engine in ENGINES:
        names = [name for name in wanted if name.endswith("-postgres") == (engine == "postgres")]
        if names:
            installs = {
                size: Settings(
                    data=Path(ground.folder(f"pages-{engine}-{size}")),
                    database=ground.database() if engine == "postgres" else "",
                )
                for size in scale.rows
            }
            found = uvloop.run(_run(installs, scale))
            suffix = "" if engine == "sqlite" else "-postgres"
            results += [
                compared(name + suffix, *sides, goal=goal, sense="at most", of=lambda one: one.p50)
                for name, (sides, goal) in found.items()
                if name + suffix in names
            ]
    return results


Sides = tuple[Sequence[Slice], Sequence[Slice]]


async def _run(installs: Mapping[int, Settings], scale: Scale) -> dict[str, tuple[Sides, float]]:
    """By name without the engine: the two sides, and the goal. All sizes are read in the same rounds."""
    contenders: dict[tuple[str, int], Measure] = {}
    async with AsyncExitStack() as stack:
        for size, settings in installs.items():
            await _first_rows(settings)
            store = await stack.enter_async_context(open_store(settings))
            bare = await stack.enter_async_context(opened(settings))
            place = await _place(store)
            await bare.grow(place, 1, size)
            for name, measure in _contenders(store, bare, place, scale).items():
                contenders[name, size] = measure
        slices = await interleaved(contenders, scale.rounds)
    small, big = scale.rows[0], scale.rows[-1]
    typical = {"list-page": scale.rows[min(1, len(scale.rows) - 1)], "thread-page": big}
    found: dict[str, tuple[Sides, float]] = {}
    for subject, size in typical.items():
        found[f"{subject}-vs-select"] = (slices[subject, size], slices[f"{subject} bare", size]), SELECT
        found[f"{subject}-flat"] = (slices[subject, big], slices[subject, small]), FLAT
    return found


async def _first_rows(settings: Settings) -> None:
    """One conversation with one message, taken in by a real webhook."""
    given = {"data": str(settings.data), "database": settings.database}
    async with child("bench.contenders.inbox", **given) as inbox, child("bench.load.requests") as load:
        said = await load.ask(
            "send",
            port=inbox.ready["port"],
            path=inbox.ready["path"],
            tag="first",
            bodies=1,
            customers=1,
            senders=1,
            seconds=5,
        )
        assert said["ops"] == 1, said


async def _place(store: Store) -> Place:
    ((workspace, conversation),) = await store.fetch("SELECT workspace_id, id FROM conversation")
    ((message,),) = await store.fetch("SELECT id FROM message")
    return Place(workspace, conversation, message)


def _contenders(store: Store, bare: Bare, place: Place, scale: Scale) -> dict[str, Measure]:
    reading, spaces = Reading(store), frozenset({place.workspace})

    async def our_list(_: int) -> int:
        views, _more = await reading.conversations(spaces, Folder(), me=0, after=None, limit=PAGE)
        return len(views)

    async def our_thread(thread: int) -> int:
        return len((await reading.thread(spaces, show("c", thread), limit=PAGE)).messages)

    async def bare_list(_: int) -> int:
        return len(await bare.list(place.workspace, PAGE))

    async def bare_thread(thread: int) -> int:
        return len(await bare.thread(thread, PAGE))

    pages = {
        "list-page": our_list,
        "list-page bare": bare_list,
        "thread-page": our_thread,
        "thread-page bare": bare_thread,
    }

    def measure(page: Callable[[int], Awaitable[int]]) -> Measure:
        return lambda: _slice(page, scale.pages)

    return {name: measure(page) for name, page in pages.items()}


async def _slice(page: Callable[[int], Awaitable[int]], times: int) -> Slice:
    """Pages one after another, of one thread and another."""
    took: list[float] = []
    cpu, began = time.process_time(), time.perf_counter()
    for _ in range(times):
        thread = random.randrange(THREADS) + 1
        start = time.perf_counter()
        found = await page(thread)
        took.append((time.perf_counter() - start) * 1000)
        assert 0 < found <= PAGE, found
    seconds = time.perf_counter() - began
    took.sort()
    return Slice(
        ops=times,
        seconds=seconds,
        cpu=time.process_time() - cpu,
        p50=statistics.median(took),
        p99=percentile(took, 0.99),
    )
