"""`jackfield backup` and `jackfield restore` as a person runs them: words, a full disk, a kill."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from backup_evening import an_evening_of_messages
from backup_world import Make, contents, fill, media, workspaces

from jackfield.settings import Settings
from jackfield.store.store import open_store
from jackfield.store.tables import Operator

JACKFIELD = Path(sys.executable).with_name("jackfield")


class Ran(NamedTuple):
    status: int
    out: str
    err: str


async def run(
    *words: str | Path, environ: Mapping[str, str] | None = None, before: Callable[[], None] | None = None
) -> Ran:
    process = await asyncio.create_subprocess_exec(
        JACKFIELD,
        *map(str, words),
        env={**os.environ, **(environ or {})},
        preexec_fn=before,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    return Ran(process.returncode or 0, out.decode(), err.decode())


def at(settings: Settings) -> list[str]:
    return ["--data", str(settings.data), "--database", settings.database]


def small_files_only() -> None:
    """As on a full disk: nothing can be written past 40,000 bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))


async def one_more(settings: Settings) -> None:
    async with open_store(settings):
        await Operator.create(id=1_000, email="one@more.here", name="More", created_at=1)


async def test_a_backup_and_its_restore_by_hand(engine: str, install: Make, tmp_path: Path) -> None:
    old, new = await install(engine, "old"), await install(engine, "new")
    await fill(old)
    made = await run("backup", tmp_path, *at(old), "--json")
    assert made.status == 0, made.err
    said = json.loads(made.out)
    assert Path(said["archive"]).parent == tmp_path
    assert said["files"] == 3
    done = await run("restore", said["archive"], *at(new))
    assert done.status == 0, done.err
    assert "3 files" in done.out
    assert workspaces(await contents(new)) == workspaces(await contents(old))
    again = await run("restore", said["archive"], *at(new))
    assert (again.status, again.out) == (1, "")
    assert "not empty" in again.err


async def test_a_key_in_the_backup_is_warned_of(install: Make, tmp_path: Path) -> None:
    old = await install("sqlite", "old")
    made = await run("backup", tmp_path / "b.tar", *at(old), "--with-key", "--no-media")
    assert made.status == 0, made.err
    assert "The key is in it" in made.err


async def test_a_backup_that_finds_no_room_leaves_nothing(install: Make, tmp_path: Path) -> None:
    old, room = await install("sqlite", "old"), tmp_path / "room"
    await fill(old, files=12)
    await asyncio.to_thread(room.mkdir)
    made = await run("backup", room / "b.tar", *at(old), before=small_files_only)
    assert made.status == 1
    assert "cannot be written" in made.err
    assert os.listdir(room) == []


async def test_a_restore_that_finds_no_room_changes_nothing(install: Make, tmp_path: Path) -> None:
    old, new = await install("sqlite", "old"), await install("sqlite", "new")
    await fill(old)
    await one_more(new)
    before = await contents(new)
    assert (await run("backup", tmp_path / "b.tar", *at(old))).status == 0
    done = await run("restore", tmp_path / "b.tar", "--replace", *at(new), before=small_files_only)
    assert done.status == 1
    assert "Error:" in done.err
    assert "Traceback" not in done.err
    assert await contents(new) == before


@pytest.mark.parametrize("step", ["store.commit", "restore.loaded"])
async def test_a_restore_that_is_killed_leaves_what_was_there_and_can_be_done_again(
    engine: str, install: Make, tmp_path: Path, step: str
) -> None:
    old, new = await install(engine, "old"), await install(engine, "new")
    await an_evening_of_messages(old)
    await one_more(new)
    before = await contents(new)
    assert (await run("backup", tmp_path / "b.tar", *at(old))).status == 0
    words = ["restore", str(tmp_path / "b.tar"), "--replace", *at(new)]
    killed = await run(*words, environ={"JACKFIELD_CRASH_AT": step})
    assert killed.status == -signal.SIGKILL, killed.err
    assert await contents(new) == before
    again = await run(*words)
    assert again.status == 0, again.err
    after = await contents(new)
    assert {row["email"] for row in after["operator"]} == {
        row["email"] for row in (await contents(old))["operator"]
    }
    assert media(new) == media(old)
    assert not {name for name in os.listdir(new.data) if "partial" in name}
