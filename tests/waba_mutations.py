"""Calls of the Cloud API, as published or as documented, broken: a little at random, or field by field."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from oddities import ODD, Path, at, paths, spoilt
from waba_kinds import KINDS
from waba_samples import samples

PAYLOADS: list[Any] = [*(sample.aimed() for sample in samples()), *KINDS]


class Place(NamedTuple):
    parent: Any
    step: Any


class Mutations:
    """Payloads broken at random, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._luck = random.Random(seed)
        self._run = 0

    def one(self) -> bytes:
        """A payload with messages of its own, broken in up to four places, and now and then in its bytes."""
        self._run += 1
        payload = copy.deepcopy(self._luck.choice(PAYLOADS))
        own_ids(payload, f".{self._run}")
        for _ in range(self._luck.randint(1, 4)):
            if ways := list(paths(payload)):
                self._break(payload, self._luck.choice(ways))
        body = json.dumps(payload, ensure_ascii=self._luck.random() < 0.5).encode()
        ways = list(paths(payload))
        if ways and self._luck.random() < 0.2:
            body = spoilt(payload, self._luck.choice(ways), self._luck.choice(list(ODD.values())))
        return self._scratch(body) if self._luck.random() < 0.1 else body

    def _break(self, payload: Any, way: Path) -> None:
        how: Callable[[Place], None] = self._luck.choice(
            [self._drop, self._double, self._wrap, self._nest, self._move, self._rename]
        )
        how(Place(at(payload, way[:-1]), way[-1]))

    def _drop(self, where: Place) -> None:
        del where.parent[where.step]

    def _double(self, where: Place) -> None:
        where.parent[where.step] = [where.parent[where.step], copy.deepcopy(where.parent[where.step])]

    def _wrap(self, where: Place) -> None:
        where.parent[where.step] = {"wrapped": where.parent[where.step]}

    def _nest(self, where: Place) -> None:
        for _ in range(40):
            where.parent[where.step] = [where.parent[where.step]]

    def _move(self, where: Place) -> None:
        """Something from elsewhere."""
        other = copy.deepcopy(self._luck.choice(PAYLOADS))
        where.parent[where.step] = at(other, self._luck.choice(list(paths(other))))

    def _rename(self, where: Place) -> None:
        if isinstance(where.step, str):
            where.parent[f"{where.step}_"] = where.parent.pop(where.step)

    def _scratch(self, body: bytes) -> bytes:
        """Bytes lost, changed, or said twice."""
        start = self._luck.randrange(len(body))
        end = min(len(body), start + self._luck.randint(1, 20))
        noise = self._luck.choice([b"", self._luck.randbytes(end - start), body[start:end] * 2])
        return body[:start] + noise + body[end:]


def own_ids(payload: Any, suffix: str) -> None:
    """Let every message be one of its own."""
    for path in list(paths(payload)):
        if path[-1] == "id" and path[-3:-2] == ("messages",):
            at(payload, path[:-1])["id"] += suffix


def every_field() -> Iterator[tuple[int, Path]]:
    """Each kind of field once: the first payload that has it, and where."""
    seen: set[Path] = set()
    for number, payload in enumerate(PAYLOADS):
        for path in paths(payload):
            kind = tuple(step if isinstance(step, str) else 0 for step in path)
            if kind not in seen:
                seen.add(kind)
                yield number, path
