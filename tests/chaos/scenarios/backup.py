"""Backups under traffic; then the machine is lost, and the last of them takes its place."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import aiohttp

from chaos.figures import Figures, together
from chaos.ground import Ground, Wish, ground_of
from chaos.install import LEASE
from chaos.process import JACKFIELD
from chaos.traffic import Answers, Customers, settled, writing
from jackfield import ids
from jackfield.backup import archive

from .kills import greeted

Rows = dict[int, dict[str, Any]]  # of one table, by id


async def backup(wish: Wish) -> Figures:
    """What is in a backup is of one moment, whatever is written meanwhile; after a restore clients begin
    anew, nothing leaves by itself, and customers are heard as before."""
    async with ground_of(wish) as ground:
        places, archives = await greeted(ground), list[Path]()
        customers = Customers(ground.sim, ground.numbers, ground.customers, ground.luck)
        answers = Answers(ground.operator, places, ground.luck)
        position = (await heard(ground, {"t": "hello", "v": 1}))["streams"]
        until = time.monotonic() + wish.seconds
        async with answers.going_on(hands=2), writing(customers, every=0.03):
            while not archives or time.monotonic() < until:
                await asyncio.sleep(ground.luck.uniform(0.2, 0.6))
                place = wish.folder / f"{len(archives)}.tar"
                await command(ground, "backup", str(place), works=True)
                archives.append(place)
            await asyncio.sleep(0.5)  # what comes after the last of them will be gone
        await settled(ground.install, ground.sim)
        checked = [await of_one_moment(ground, place) for place in archives]
        lost = await lost_and_restored(ground, archives[-1], position)
        again = await heard_as_before(ground)
    return together([*checked, lost, again, Figures(written=len(customers.written), sent=answers.asked)])


async def of_one_moment(ground: Ground, place: Path) -> Figures:
    """The archive against the database it came from, which has gone on."""
    kept = await asyncio.to_thread(tables, place)
    wrong: list[str] = []
    seqs = {number: row["seq"] for number, row in kept["workspace"].items()}
    for table in ("message", "conversation"):
        columns = ", ".join(next(iter(kept[table].values())))
        for values in await ground.install.rows(f"SELECT {columns} FROM {table}"):  # our own names
            row = dict(zip(columns.split(", "), values, strict=True))
            if row["rev"] <= seqs[row["workspace_id"]] and kept[table].get(row["id"]) != row:
                wrong.append(f"{table} {row['id']} was like this, and the backup says otherwise")
    early = [row for row in kept["message"].values() if row["rev"] > seqs[row["workspace_id"]]]
    wrong += [f"message {row['id']} is of a later moment than its workspace" for row in early]
    named = {row["delivery_id"] for row in kept["message"].values()} - {None}
    wrong += [f"delivery {number} is named and missing" for number in named - kept["delivery"].keys()]
    open_ = sum(row["status"] == "open" for row in kept["conversation"].values())
    counted = sum(row["n"] for row in kept["counter"].values() if row["key"] == "open")
    wrong += [f"{open_} conversations are open and {counted} are counted"] if open_ != counted else []
    return Figures(wrong=tuple(wrong))


def tables(place: Path) -> dict[str, Rows]:
    found: dict[str, Rows] = {}
    with place.open("rb") as file:
        for member in archive.members(file):
            if isinstance(member, archive.Piece):
                rows = [dict(zip(member.columns, row, strict=True)) for row in member.rows]
                found.setdefault(member.table, {}).update({row["id"]: row for row in rows})
    return found


async def lost_and_restored(ground: Ground, place: Path, position: Mapping[str, Any]) -> Figures:
    """Refused while the process runs; killed in the middle; and then done."""
    kept, wrong = await asyncio.to_thread(tables, place), list[str]()
    words = ["restore", str(place), "--replace"]
    await command(ground, *words, works=False)
    await ground.process.kill()
    count = "SELECT COUNT(*) FROM message"
    before = await ground.install.rows(count)
    await command(ground, *words, works=False, crash="restore.loaded")
    if before != await ground.install.rows(count):
        wrong.append("a restore that was killed has changed something")
    began = time.monotonic()
    await command(ground, *words, works=True)
    took = time.monotonic() - began
    if await ground.install.rows(count) != [(len(kept["message"]),)]:
        wrong.append("the restored messages are not those of the backup")

    arrived = by_us(ground)
    await ground.process.start()
    if (said := await heard(ground, {"t": "resume", "v": 1, "streams": position}, until="reset"))[
        "why"
    ] != "epoch":
        wrong.append(f"a client of before was told {said}")
    await asyncio.sleep(2 * LEASE)
    if (now := by_us(ground)) != arrived:
        wrong.append(f"{now - arrived} messages left by themselves after the restore")
    return Figures(kills=2, wrong=tuple(wrong), measured={"restore, s": took})


def by_us(ground: Ground) -> int:
    return sum(one.by == "business" for one in ground.sim.messages.values())


async def heard_as_before(ground: Ground) -> Figures:
    """Customers write, an operator answers: each once."""
    customers = Customers(ground.sim, ground.numbers, ground.customers, ground.luck)
    customers.greet()
    await settled(ground.install, ground.sim)
    stored = dict(
        await ground.install.rows("SELECT external_id, COUNT(*) FROM message WHERE dir = 'in' GROUP BY 1")
    )
    ((conversation,),) = await ground.install.rows("SELECT id FROM conversation ORDER BY id LIMIT 1")
    arrived = by_us(ground)
    await ground.operator.send(ids.show("c", conversation), "we are back")
    await settled(ground.install, ground.sim)
    lost = [f"message {one.id}" for one in customers.written if not stored.get(one.id)]
    doubled = [f"message {name} × {many}" for name, many in stored.items() if many > 1]
    wrong = [] if by_us(ground) == arrived + 1 else [f"one answer was sent {by_us(ground) - arrived} times"]
    return Figures(
        written=len(customers.written), sent=1, lost=tuple(lost), doubled=tuple(doubled), wrong=tuple(wrong)
    )


async def heard(ground: Ground, hello: Mapping[str, Any], *, until: str = "ready") -> dict[str, Any]:
    """What a client of the websocket hears first, of a kind."""
    headers = {"Authorization": f"Bearer {ground.install.token}"}
    async with (
        asyncio.timeout(20),
        aiohttp.ClientSession(headers=headers) as http,
        http.ws_connect(f"{ground.process.url}/realtime") as socket,
    ):
        await socket.send_json(hello)
        while True:
            said = await socket.receive_json()
            for frame in cast("list[dict[str, Any]]", said if isinstance(said, list) else [said]):
                if frame["t"] == until:
                    return frame


async def command(ground: Ground, *words: str, works: bool, crash: str = "") -> None:
    """A command of the install, in its own process. Raises AssertionError if it ends otherwise."""
    environ = {**os.environ, **ground.install.environ, "JACKFIELD_CRASH_AT": crash}
    process = await asyncio.create_subprocess_exec(
        JACKFIELD, *words, env=environ, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    async with asyncio.timeout(120):
        said, _ = await process.communicate()
    assert (process.returncode == 0) is works, said.decode()
