"""What was backed up comes back: every column of every table, and every file, from and to either engine."""

from __future__ import annotations

import os
import sqlite3
import stat
import tarfile
from contextlib import closing
from pathlib import Path

import pytest
from backup_world import MANY, Make, after_restore, contents, fill, keep_file, media, workspaces

from jackfield.backup import dump
from jackfield.backup.dump import back_up
from jackfield.backup.restore import Wish, restore
from jackfield.backup.snapshot import LEFT_OUT
from jackfield.errors import Conflict, NotFound
from jackfield.settings import Settings
from jackfield.store.edge import models
from jackfield.store.store import open_store
from jackfield.store.tables import Audit, Workspace


@pytest.mark.parametrize("source", ["sqlite", "postgres"])
@pytest.mark.parametrize("target", ["sqlite", "postgres"])
async def test_every_column_and_every_file_comes_back(
    install: Make, tmp_path: Path, source: str, target: str
) -> None:
    old = await install(source, "old")
    new = await install(target, "new")
    await fill(old)
    made = await back_up(old, tmp_path / "backup.tar", dump.Wish())
    done = await restore(new, tmp_path / "backup.tar", Wish())

    before, found = await contents(old), await contents(new)
    assert {row["searched_from"] for row in found["workspace"]} == {MANY + 1}  # found again, in time
    assert found | {"workspace": workspaces(found)} == after_restore(before)
    assert media(new) == media(old)
    assert len(media(new)) == 3 == made.files == done.files
    assert made.missing == ()
    assert (
        made.rows
        == done.rows
        == {table: len(rows) for table, rows in sorted(before.items()) if table not in LEFT_OUT}
    )


async def test_every_stream_is_another_one(engine: str, install: Make, tmp_path: Path) -> None:
    old, new = await install(engine, "old"), await install(engine, "new")
    await fill(old)
    await back_up(old, tmp_path / "backup.tar", dump.Wish())
    await restore(new, tmp_path / "backup.tar", Wish())
    before = {row["id"]: row["epoch"] for row in (await contents(old))["workspace"]}
    after = {row["id"]: row["epoch"] for row in (await contents(new))["workspace"]}
    assert before.keys() == after.keys()
    assert not set(before.values()) & set(after.values())
    assert len(set(after.values())) == len(after)


async def test_what_is_written_meanwhile_is_not_in_it(
    engine: str, install: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows are read one table after another, and all of them are of one moment."""
    old, new = await install(engine, "old"), await install(engine, "new")
    await fill(old)
    before = await contents(old)
    tables_of = dump.tables_of
    async with open_store(old):

        async def and_somebody_writes(snapshot: dump.Snapshot) -> dict[str, tuple[str, ...]]:
            await Workspace.all().update(name="changed")
            await Audit.create(id=999, at=1, what="late")
            await Audit.filter(id=1).delete()
            return await tables_of(snapshot)

        monkeypatch.setattr(dump, "tables_of", and_somebody_writes)
        await back_up(old, tmp_path / "backup.tar", dump.Wish())
    await restore(new, tmp_path / "backup.tar", Wish())
    found = await contents(new)
    assert found["audit"] == before["audit"]
    assert workspaces(found) == workspaces(before)
    assert {row["name"] for row in (await contents(old))["workspace"]} == {"changed"}


async def test_a_zero_byte_that_sqlite_holds_does_not_stop_a_move_to_postgresql(
    install: Make, tmp_path: Path
) -> None:
    old, new = await install("sqlite", "old"), await install("postgres", "new")
    async with open_store(old):
        await Audit.create(id=1, at=1, what="a\x00b")
        await Audit.create(id=2, at=1, what="c")
    await back_up(old, tmp_path / "backup.tar", dump.Wish())
    await restore(new, tmp_path / "backup.tar", Wish())
    assert [row["what"] for row in (await contents(new))["audit"]] == ["a\ufffdb", "c"]


async def test_many_pieces_of_one_table_come_back(
    engine: str, install: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dump, "FIRST", 10)
    monkeypatch.setattr(dump, "MOST", 10)
    old, new = await install("sqlite", "old"), await install(engine, "new")
    async with open_store(old):
        await Audit.bulk_create([Audit(id=number, at=number, what="x") for number in range(1, 6_001)])
    await back_up(old, tmp_path / "backup.tar", dump.Wish())
    await restore(new, tmp_path / "backup.tar", Wish())
    assert [row["id"] for row in (await contents(new))["audit"]] == list(range(1, 6_001))


async def test_the_restored_database_has_all_its_indexes(engine: str, install: Make, tmp_path: Path) -> None:
    old, new = await install(engine, "old"), await install(engine, "new")
    await fill(old)
    indexes = {
        "sqlite": "SELECT type, name, sql FROM sqlite_master ORDER BY type, name",
        "postgres": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
    }[engine]

    async def all_of(settings: Settings) -> list[tuple[object, ...]]:
        async with open_store(settings) as store:
            return await store.fetch(indexes)

    before = await all_of(new)
    await back_up(old, tmp_path / "backup.tar", dump.Wish())
    await restore(new, tmp_path / "backup.tar", Wish())
    assert await all_of(new) == before
    assert len(before) > 40


async def test_a_file_that_is_gone_or_broken_is_told_and_stops_nothing(install: Make, tmp_path: Path) -> None:
    old = await install("sqlite", "old")
    async with open_store(old) as store:
        gone, broken, whole = [await keep_file(store, text) for text in (b"gone", b"broken", b"whole")]
    (old.media_folder / gone.path).unlink()
    (old.media_folder / broken.path).write_bytes(b"BROKEN")
    made = await back_up(old, tmp_path / "backup.tar", dump.Wish())
    assert sorted(made.missing) == sorted([gone.path, broken.path])
    new = await install("sqlite", "new")
    await restore(new, tmp_path / "backup.tar", Wish())
    assert media(new) == {whole.path: b"whole", broken.path: b"BROKEN"}


async def test_files_may_be_left_out(install: Make, tmp_path: Path) -> None:
    old = await install("sqlite", "old")
    await fill(old)
    made = await back_up(old, tmp_path / "backup.tar", dump.Wish(media=False))
    assert (made.files, made.missing) == (0, ())
    with tarfile.open(tmp_path / "backup.tar") as tar:
        assert not [name for name in tar.getnames() if name.startswith("media/")]


async def test_a_backup_is_for_its_owner_alone_and_overwrites_nothing(install: Make, tmp_path: Path) -> None:
    old, place = await install("sqlite", "old"), tmp_path / "backup.tar"
    await back_up(old, place, dump.Wish())
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    first = place.read_bytes()
    with pytest.raises(Conflict, match="there already"):
        await back_up(old, place, dump.Wish())
    assert place.read_bytes() == first


async def test_what_a_channel_keeps_in_its_folder_is_in_no_backup(install: Make, tmp_path: Path) -> None:
    """The keys of a linked device: an old copy of them would open nothing and give everything away."""
    old = await install("sqlite", "old")
    await fill(old)
    session = old.channel_folders / "whatsapp_business" / "ch_1" / "session.db"
    session.parent.mkdir(parents=True)
    session.write_bytes(b"the keys of a linked device")
    await back_up(old, tmp_path / "backup.tar", dump.Wish(with_key=True))
    assert b"the keys of a linked device" not in (tmp_path / "backup.tar").read_bytes()
    with tarfile.open(tmp_path / "backup.tar") as tar:
        assert not [name for name in tar.getnames() if "session" in name]


async def test_no_database_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no database"):
        await back_up(Settings(data=tmp_path), tmp_path / "backup.tar", dump.Wish())
    with closing(sqlite3.connect(tmp_path / "jackfield.db")) as other:
        other.execute("CREATE TABLE somebody (id INTEGER)")
    with pytest.raises(NotFound, match="no tables of Jackfield"):
        await back_up(Settings(data=tmp_path), tmp_path / "backup.tar", dump.Wish())
    assert not {name for name in os.listdir(tmp_path) if "backup" in name}


async def test_a_backup_changes_nothing_of_an_older_database(install: Make, tmp_path: Path) -> None:
    old = await install("sqlite", "old")
    before = old.sqlite_path.read_bytes()
    await back_up(old, tmp_path / "backup.tar", dump.Wish())
    assert old.sqlite_path.read_bytes() == before


def test_what_is_left_out_are_tables_of_ours() -> None:
    assert models().keys() > LEFT_OUT
