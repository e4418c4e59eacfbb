"""Jackfield itself: taking webhooks in, with or without storing them, and telling everybody of events."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from bench import install, webhooks
from bench.contenders.publishing import Publishing, event
from bench.talk import obey, play

from jackfield import ids, plugins
from jackfield.app import Jackfield, interpreter, listen, running, serving
from jackfield.app.intake import Intake
from jackfield.bus import encode_rows
from jackfield.store.rows import StreamRow
from jackfield.web.parts import Came

COUNTS = """
SELECT (SELECT COUNT(*) FROM message), (SELECT COALESCE(SUM(unread), 0) FROM conversation),
       (SELECT COUNT(*) FROM delivery WHERE state = 'stored'),
       (SELECT seq FROM workspace), (SELECT COUNT(*) FROM stream)
"""


async def main(given: dict[str, Any]) -> None:
    """`stores` false: the same endpoint, signature check and conversion, and then nothing is kept."""
    with _nothing_kept() if not given.get("stores", True) else _as_it_is():
        async with running(install.settings(given), plugins.load(only=(install.KIND,))) as jackfield:
            owner = await install.settle(jackfield)
            channel = await install.connect(jackfield, owner, webhooks.NUMBER)
            door, news = listen("127.0.0.1", 0), News(jackfield, owner.workspace)
            interpreter.settle()  # as `jackfield serve` does
            async with asyncio.TaskGroup() as tasks, Publishing(news.tell) as publishing:
                service = tasks.create_task(serving(jackfield, door))
                await obey(
                    {"counts": lambda: counts(jackfield)},
                    port=door.getsockname()[1],
                    path=f"/hooks/{ids.show('ch', channel)}",
                    realtime="/realtime",
                    token=owner.token,
                    hello=json.dumps({"t": "hello", "v": 1}),
                    publish=publishing.port,
                )
                service.cancel()


async def counts(jackfield: Jackfield) -> dict[str, int]:
    """What is stored, for the parent to hold against what was answered."""
    ((messages, unread, deliveries, seq, events),) = await jackfield.store.fetch(COUNTS)
    return {
        "messages": messages,
        "unread": int(unread),
        "deliveries": deliveries,
        "seq": seq,
        "events": events,
    }


class News:
    """Events of a workspace as they come from the bus after a commit."""

    def __init__(self, jackfield: Jackfield, workspace: int) -> None:
        self._jackfield, self._workspace = jackfield, workspace
        self._seq = -1

    async def tell(self, count: int) -> None:
        """One event after another: each is a commit of its own."""
        if self._seq < 0:
            self._seq = (await self._jackfield.hub.feed(self._workspace)).seq
        for _ in range(count):
            self._seq += 1
            row = StreamRow(
                id=self._seq,
                workspace_id=self._workspace,
                seq=self._seq,
                data=event(time.monotonic_ns()),
                at=time.time_ns() // 1_000_000,
            )
            await self._jackfield.bus.publish(f"stream.{self._workspace}", encode_rows([row]))


@contextmanager
def _nothing_kept() -> Generator[None]:
    async def forget(_: Intake, came: Came) -> None:
        """What came was read; it is not stored."""

    with patch.object(Intake, "__call__", forget):
        yield


@contextmanager
def _as_it_is() -> Generator[None]:
    yield


if __name__ == "__main__":
    play(main)
