"""Figures for Prometheus: counters and gauges in memory, written out as text (version 0.0.4)."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

TEXT = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.005, 0.025, 0.1, 0.5, 2.5)
WORKS = (1, 4, 16, 64, 256)

Labels = tuple[tuple[str, str], ...]
Sample = tuple[Labels, float]
Read = Callable[[], Awaitable[Iterable[Sample]]]


class Counter:
    """Only ever rises."""

    kind = "counter"

    def __init__(self, name: str, about: str) -> None:
        self.name, self.about = name, about
        self._values: dict[Labels, float] = {}

    def add(self, amount: float = 1, **labels: str) -> None:
        key = tuple(sorted(labels.items()))
        self._values[key] = self._values.get(key, 0) + amount

    def lines(self) -> Iterable[str]:
        yield from _lines(self.name, self.kind, self.about, self._values.items())


class Histogram:
    """How often something was at most so much. `bounds` rise."""

    def __init__(self, name: str, about: str, bounds: Sequence[float] = SECONDS) -> None:
        self.name, self.about, self._bounds = name, about, bounds
        self._found: dict[Labels, list[float]] = {}  # one count a bound, one over all, the sum

    def add(self, value: float, **labels: str) -> None:
        key = tuple(sorted(labels.items()))
        found = self._found.setdefault(key, [0.0] * (len(self._bounds) + 2))
        found[bisect_left(self._bounds, value)] += 1
        found[-1] += value

    def lines(self) -> Iterable[str]:
        yield from _head(self.name, "histogram", self.about)
        for labels, found in self._found.items():
            total = 0.0
            for bound, count in zip((*map(str, self._bounds), "+Inf"), found[:-1], strict=True):
                total += count
                yield _line(f"{self.name}_bucket", (*labels, ("le", bound)), total)
            yield _line(f"{self.name}_sum", labels, found[-1])
            yield _line(f"{self.name}_count", labels, total)


class Metrics:
    """All figures of one process. `gauge` adds one that is read when somebody asks."""

    def __init__(self) -> None:
        self.requests = Counter("jackfield_requests_total", "Answered requests by area and status.")
        self.seconds = Histogram("jackfield_request_seconds", "Time to the first byte of an answer, by area.")
        self.hooks = Counter("jackfield_hooks_total", "Calls of providers by kind and what became of them.")
        self.commits = Histogram("jackfield_writer_commit_seconds", "Time a transaction of the writer took.")
        self.batches = Histogram("jackfield_writer_batch_works", "Changes in one transaction.", WORKS)
        self._gauges: list[tuple[str, str, str, Read]] = []

    def gauge(self, name: str, about: str, read: Read, *, kind: str = "gauge") -> None:
        self._gauges.append((name, kind, about, read))

    def committed(self, works: int, seconds: float) -> None:
        self.batches.add(works)
        self.commits.add(seconds)

    async def text(self) -> str:
        kept = (self.requests, self.seconds, self.hooks, self.commits, self.batches)
        lines = [line for one in kept for line in one.lines()]
        for name, kind, about, read in self._gauges:
            lines += _lines(name, kind, about, await read())
        return "\n".join(lines) + "\n"


def _head(name: str, kind: str, about: str) -> Iterable[str]:
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} {kind}"


def _lines(name: str, kind: str, about: str, samples: Iterable[Sample]) -> Iterable[str]:
    yield from _head(name, kind, about)
    for labels, value in samples:
        yield _line(name, labels, value)


def _line(name: str, labels: Labels, value: float) -> str:
    inner = ",".join(f'{key}="{_quoted(text)}"' for key, text in labels)
    return f"{name}{{{inner}}} {value:g}" if inner else f"{name} {value:g}"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


_AREAS: Mapping[str, str] = {"api": "api", "hooks": "hooks", "media": "media", "realtime": "realtime"}


def area_of(path: str) -> str:
    """The first step of a path, of a short list: labels must not grow with what strangers ask for."""
    return _AREAS.get(path.split("/", 2)[1] if path.startswith("/") else "", "page")


class Counted:
    """Counts and times every answer."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        began, area = time.perf_counter(), area_of(scope["path"])

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._metrics.requests.add(area=area, status=str(message["status"]))
                self._metrics.seconds.add(time.perf_counter() - began, area=area)
            await send(message)

        return await self._app(scope, receive, counted)
