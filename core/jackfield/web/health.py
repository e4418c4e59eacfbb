"""/healthz: the process is alive. /readyz: it can do its work. /metrics: figures for Prometheus."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import NamedTuple

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from jackfield.errors import Forbidden, Problem, Unauthorised, Unavailable
from jackfield.store.store import Store
from jackfield.store.uow import Need, Uow

from .auth.door import Door
from .headers import is_loopback
from .metrics import TEXT, Sample
from .parts import Parts

WITHIN = 2.0  # seconds a part may take to answer

Check = Callable[[], Awaitable[None]]


class Nothing(NamedTuple):
    """A work that changes nothing: it comes back once the writer has committed it."""

    workspace: int = 0

    def needs(self, uow: Uow) -> Iterable[Need]:
        return ()

    def apply(self, uow: Uow) -> None:
        return None


def checks(parts: Parts) -> Mapping[str, Check]:
    """What has to answer before we may be sent visitors."""

    async def database() -> None:
        await parts.store.fetch("SELECT 1")

    async def writer() -> None:
        await parts.store.writer.do(Nothing())

    async def bus() -> None:
        if not parts.bus.connected:
            raise Unavailable("other processes are not reached")

    return {"database": database, "writer": writer, "bus": bus}


async def ask(check: Check) -> str:
    """ "ok", or what is wrong in a word: no details for strangers."""
    try:
        async with asyncio.timeout(WITHIN):
            await check()
    except TimeoutError:
        return "no answer"
    except Exception:
        return "failed"
    return "ok"


def routes(parts: Parts, door: Door) -> list[Route]:
    to_check = checks(parts)
    gauges(parts)

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_request: Request) -> Response:
        found = dict(zip(to_check, await asyncio.gather(*map(ask, to_check.values())), strict=True))
        ready = all(answer == "ok" for answer in found.values())
        return Response(msgspec.json.encode(found), 200 if ready else 503, media_type="application/json")

    async def metrics(request: Request) -> Response:
        await _may_read(door, request)
        return Response(await parts.metrics.text(), media_type=TEXT)

    return [
        Route("/healthz", healthz, methods=["GET"]),
        Route("/readyz", readyz, methods=["GET"]),
        Route("/metrics", metrics, methods=["GET"]),
    ]


async def _may_read(door: Door, request: Request) -> None:
    """Figures are for this machine, and for people of the agency."""
    if request.client is not None and is_loopback(request.client.host):
        return
    visitor = await door.visitor(request)
    if visitor is None:
        raise Unauthorised()
    if not visitor.staff:
        raise Forbidden()


def gauges(parts: Parts) -> None:
    """Figures of the store, and those that the database knows."""
    store, metrics = parts.store, parts.metrics
    store.writer.measure = metrics.committed

    async def waiting() -> list[Sample]:
        return [((), store.writer.waiting)]

    metrics.gauge("jackfield_writer_waiting", "Changes that wait for the next transaction.", waiting)

    def of(sql: str, label: str) -> Callable[[], Awaitable[list[Sample]]]:
        async def read() -> list[Sample]:
            return await _samples(store, sql, label)

        return read

    metrics.gauge(
        "jackfield_outbox",
        "What waits to leave, by state.",
        of(
            "SELECT state, count(*) FROM outbox WHERE state IN ('waiting', 'sending', 'held', 'unknown') "
            "GROUP BY state",
            "state",
        ),
    )
    metrics.gauge(
        "jackfield_deliveries_total",
        "Raw deliveries kept, by what became of them.",
        of(
            "SELECT 'received', coalesce(sum(received), 0) FROM delivery_count "
            "UNION ALL SELECT 'stored', coalesce(sum(stored), 0) FROM delivery_count "
            "UNION ALL SELECT 'failed', coalesce(sum(failed), 0) FROM delivery_count "
            "UNION ALL SELECT 'unrecognised', coalesce(sum(unrecognised), 0) FROM delivery_count",
            "state",
        ),
        kind="counter",
    )
    metrics.gauge(
        "jackfield_sessions", "Browsers signed in.", of("SELECT 'all', count(*) FROM session", "of")
    )
    metrics.gauge(
        "jackfield_channels",
        "Channels by state.",
        of("SELECT state, count(*) FROM channel WHERE removed_at IS NULL GROUP BY state", "state"),
    )
    metrics.gauge(
        "jackfield_paused_channels",
        "Channels on which only people answer people, by the reason.",
        of(
            "SELECT paused, count(*) FROM channel WHERE removed_at IS NULL AND paused <> '' GROUP BY paused",
            "reason",
        ),
    )
    metrics.gauge(
        "jackfield_stream_events_total",
        "Stream events ever written, over all workspaces.",
        of("SELECT 'all', coalesce(sum(seq), 0) FROM workspace", "of"),
        kind="counter",
    )


async def _samples(store: Store, sql: str, label: str) -> list[Sample]:
    try:
        return [(((label, str(name)),), float(value)) for name, value in await store.fetch(sql)]
    except Problem:
        return []  # figures must not fail when they are needed most
