"""After a restart: a thousand clients come back at once, each with what it missed, from a log on the disk.

Beside it a bare websockets server that asks nobody who he is, reads no log and sends the same bytes.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Collection
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from bench.contenders.storm import rows
from bench.figures import Measure, Result, Slice, compared, interleaved
from bench.ground import Ground
from bench.scale import Scale
from bench.talk import Child, child
from chaos.process import Process, process_of
from msgspec import Struct

from jackfield.ids import new_id, show
from jackfield.settings import Settings
from jackfield.store.store import open_store
from jackfield.store.tables import ApiToken, Membership, Operator, StreamRow, Workspace
from jackfield.web.auth.keys import API_TOKEN, digest, new_key

NAMES = ("restart-storm-vs-websockets",)
MISSED = 300  # events of each client
GOAL = 6.0  # times the bare server, which looks nothing up


def run(ground: Ground, scale: Scale, wanted: Collection[str]) -> list[Result]:
    return asyncio.run(_run(ground, scale))


class Behind(Struct, frozen=True):
    """A workspace whose clients have all seen its first event, and none of the rest."""

    workspace: int
    token: str

    @property
    def hello(self) -> str:
        at = {show("w", self.workspace): {"epoch": "e", "seq": 1}}
        return json.dumps({"t": "resume", "v": 1, "streams": at}, separators=(",", ":"))


async def _run(ground: Ground, scale: Scale) -> list[Result]:
    folder = Path(ground.folder("storm"))
    behind = await _install(Settings(data=folder / "data"))
    async with AsyncExitStack() as stack:
        load = await stack.enter_async_context(child("bench.load.storm"))
        process = await stack.enter_async_context(
            process_of({"JACKFIELD_DATA": str(folder / "data")}, folder / "log")
        )
        bare = await stack.enter_async_context(
            child("bench.contenders.storm", workspace=behind.workspace, many=MISSED)
        )
        storm = Storm(load, behind, scale.clients)

        async def after_a_kill() -> Slice:
            await process.kill()
            await process.start()
            return await storm.over(process.port, "/realtime", behind.token, lambda: _cpu(process))

        async def on_websockets() -> Slice:
            return await storm.over(bare.ready["port"], "/", "", lambda: bare.cpu)

        contenders: dict[str, Measure] = {"ours": after_a_kill, "theirs": on_websockets}
        slices = await interleaved(contenders, scale.rounds)
    sides = slices["ours"], slices["theirs"]
    return [compared(NAMES[0], *sides, goal=GOAL, sense="at most", of=lambda one: one.seconds)]


class Storm(Struct, frozen=True):
    load: Child
    behind: Behind
    clients: int

    async def over(self, port: int, path: str, token: str, cpu: Callable[[], float]) -> Slice:
        """Everybody comes back at once. The operations are clients."""
        before = cpu()
        said = await self.load.ask(
            "storm",
            clients=self.clients,
            port=port,
            path=path,
            token=token,
            hello=self.behind.hello,
            until=f'"seq":{MISSED + 1},',
        )
        took = cpu() - before
        return Slice(ops=self.clients, seconds=said["seconds"], cpu=took, p50=said["p50"], p99=said["p99"])


def _cpu(process: Process) -> float:
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _install(settings: Settings) -> Behind:
    operator, workspace, token = new_id(), new_id(), new_key(API_TOKEN)
    made: dict[str, Any] = {"created_at": 1}
    async with open_store(settings):
        await Operator.create(id=operator, email="o@example.org", name="Owner", **made)
        await ApiToken.create(id=new_id(), operator_id=operator, name="bench", token=digest(token), **made)
        await Workspace.create(id=workspace, name="Bench", epoch="e", seq=MISSED + 1, **made)
        await Membership.create(id=new_id(), workspace_id=workspace, operator_id=operator, role="owner")
        missed = rows(workspace, MISSED)
        await StreamRow.bulk_create(
            [StreamRow(id=one.id, workspace_id=workspace, seq=one.seq, data=one.data, at=1) for one in missed]
        )
    return Behind(workspace, token)
