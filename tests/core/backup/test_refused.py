"""What a restore refuses, before anything of the install is touched."""

from __future__ import annotations

import base64
import io
import json
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from backup_world import Make, contents, fill, media

from jackfield.backup import dump
from jackfield.backup.dump import back_up
from jackfield.backup.restore import Wish, restore
from jackfield.errors import Conflict, Invalid, NotFound, Problem, Unavailable
from jackfield.settings import Settings
from jackfield.store.lock import alone, among_others
from jackfield.store.store import open_store
from jackfield.store.tables import Channel, Operator

OTHER_KEY = base64.b64encode(b"another key of thirty-two bytes!").decode()


@pytest.fixture
async def archive(install: Make, tmp_path: Path) -> Path:
    old, place = await install("sqlite", "old"), tmp_path / "backup.tar"
    await fill(old)
    await back_up(old, place, dump.Wish())
    return place


def rewritten(place: Path, change: Callable[[str, bytes], bytes]) -> None:
    """Each member as the change says. The seal no longer fits, but for what comes before it is looked at."""
    with tarfile.open(place) as tar:
        found = [(member, file.read()) for member in tar if (file := tar.extractfile(member))]
    with tarfile.open(place, "w") as tar:
        for member, content in found:
            member.size = len(new := change(member.name, content))
            tar.addfile(member, io.BytesIO(new))


def cut_in_half(place: Path) -> None:
    place.write_bytes(place.read_bytes()[: place.stat().st_size // 2])


def cut_before_the_seal(place: Path) -> None:
    with tarfile.open(place) as tar:
        seal = tar.getmember("seal.json")
    place.write_bytes(place.read_bytes()[: seal.offset])


def one_bit_in_a_file(place: Path) -> None:
    with tarfile.open(place) as tar:
        at = next(member for member in tar if member.name.startswith("media/")).offset_data
    whole = bytearray(place.read_bytes())
    whole[at + 3] ^= 1
    place.write_bytes(whole)


def one_bit_in_a_row(place: Path) -> None:
    with tarfile.open(place) as tar:
        member = next(member for member in tar if member.name.startswith("rows/message/"))
    whole = bytearray(place.read_bytes())
    whole[member.offset_data + member.size // 2] ^= 1
    place.write_bytes(whole)


def another_file(place: Path) -> None:
    place.write_bytes(b"PK\x03\x04 a holiday" * 1_000)


def nothing(place: Path) -> None:
    place.write_bytes(b"")


def of_tomorrow(place: Path) -> None:
    def change(name: str, content: bytes) -> bytes:
        if name != "head.json":
            return content
        head = json.loads(content)
        return json.dumps(head | {"migrations": [*head["migrations"], "0999_tomorrow"]}).encode()

    rewritten(place, change)


def of_another_format(place: Path) -> None:
    rewritten(place, lambda name, content: b'{"format": 2, "news": []}' if name == "head.json" else content)


@pytest.mark.parametrize(
    ("harm", "error", "words"),
    [
        (cut_in_half, Invalid, "cannot be read|ends too early|damaged"),
        (cut_before_the_seal, Invalid, "ends too early"),
        (one_bit_in_a_file, Invalid, "damaged"),
        (one_bit_in_a_row, Invalid, "damaged"),
        (another_file, Invalid, "cannot be read|no backup"),
        (nothing, Invalid, "cannot be read|no backup"),
        (of_tomorrow, Conflict, "newer than this one: 0999_tomorrow"),
        (of_another_format, Invalid, "needs a newer Jackfield"),
        (Path.unlink, NotFound, "there is no"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_a_backup_that_is_not_right_changes_nothing(
    archive: Path, install: Make, harm: Callable[[Path], None], error: type[Problem], words: str
) -> None:
    new = await install("sqlite", "new")
    async with open_store(new):
        await Operator.create(id=1, email="who@is.here", name="Here", created_at=1)
    before = await contents(new)
    harm(archive)
    with pytest.raises(error, match=words):
        await restore(new, archive, Wish(replace=True))
    assert await contents(new) == before
    assert media(new) == {}


async def test_what_is_there_is_replaced_only_if_it_is_said(
    engine: str, archive: Path, install: Make
) -> None:
    new = await install(engine, "new")
    async with open_store(new):
        await Operator.create(id=1_000, email="who@is.here", name="Here", created_at=1)
    before = await contents(new)
    with pytest.raises(Conflict, match="not empty"):
        await restore(new, archive, Wish())
    assert await contents(new) == before
    await restore(new, archive, Wish(replace=True))
    assert 1_000 not in {row["id"] for row in (await contents(new))["operator"]}


async def test_a_damaged_database_counts_as_something_and_can_be_replaced(
    archive: Path, install: Make
) -> None:
    new = await install("sqlite", "new")
    new.sqlite_path.write_bytes(b"SQLite format 3\x00" + b"broken" * 10_000)
    (new.data / "jackfield.db-wal").write_bytes(b"of somebody else" * 1_000)
    with pytest.raises(Conflict, match="not empty"):
        await restore(new, archive, Wish())
    await restore(new, archive, Wish(replace=True))
    assert len((await contents(new))["operator"]) > 1


async def test_nothing_is_restored_under_a_running_process(engine: str, archive: Path, install: Make) -> None:
    new = await install(engine, "new")
    async with open_store(new) as store:
        await store.fetch("SELECT 1")
        with pytest.raises(Conflict, match=r"stop (it|them) first"):
            await restore(new, archive, Wish(replace=True))
    await restore(new, archive, Wish(replace=True))


async def test_another_program_that_has_the_database_open_is_found_out(archive: Path, install: Make) -> None:
    new = await install("sqlite", "new")
    with closing(sqlite3.connect(new.sqlite_path)) as shell:
        shell.execute("PRAGMA journal_mode=WAL")
        shell.execute("SELECT * FROM workspace").fetchall()
        with pytest.raises(Conflict, match="close it first"):
            await restore(new, archive, Wish(replace=True))


async def test_no_process_starts_while_a_backup_is_restored(install: Make) -> None:
    new = await install("sqlite", "new")
    with alone(new), pytest.raises(Unavailable, match="being restored"):
        async with open_store(new):
            pass
    with among_others(new):
        async with open_store(new):
            pass


async def test_two_restores_at_once_are_one(engine: str, archive: Path, install: Make) -> None:
    """The second finds the first one's lock. What the first does meanwhile is waited for."""
    from jackfield.backup.postgres_place import postgres_place
    from jackfield.backup.sqlite_place import sqlite_place

    new = await install(engine, "new")
    opened = postgres_place if new.database else sqlite_place
    async with opened(new):
        with pytest.raises(Conflict, match=r"restored into|stop it first"):
            await restore(new, archive, Wish(replace=True))


async def test_another_key_is_found_out_before_anything_is_done(
    engine: str, archive: Path, install: Make
) -> None:
    new = await install(engine, "new")
    (new.data / "secret.key").write_text(OTHER_KEY)
    with pytest.raises(Conflict, match="another key"):
        await restore(new, archive, Wish())
    assert (await contents(new))["workspace"] == []


async def test_no_key_is_found_out_too(archive: Path, install: Make) -> None:
    new = await install("sqlite", "new")
    (new.data / "secret.key").unlink()
    with pytest.raises(Conflict, match=r"secret\.key"):
        await restore(new, archive, Wish())
    assert not (new.data / "secret.key").exists()


async def test_without_the_key_channels_come_back_to_be_connected_again(archive: Path, install: Make) -> None:
    new = await install("sqlite", "new")
    (new.data / "secret.key").write_text(OTHER_KEY)
    await restore(new, archive, Wish(without_key=True))
    async with open_store(new):
        sealed, bare = await Channel.all(), await Channel.filter(enabled=True)
    assert {row.secrets for row in sealed} == {""}
    assert {row.state for row in sealed if not row.enabled} >= {"bad_credentials"}
    assert len(bare) < len(sealed)


async def test_a_backup_may_bring_its_key(install: Make, tmp_path: Path) -> None:
    old, new = await install("sqlite", "old"), await install("sqlite", "new")
    made = await back_up(old, tmp_path / "backup.tar", dump.Wish(with_key=True))
    assert made.with_key
    (new.data / "secret.key").unlink()
    await restore(new, tmp_path / "backup.tar", Wish())
    assert (new.data / "secret.key").read_text() == (old.data / "secret.key").read_text()
    assert (new.data / "secret.key").stat().st_mode & 0o077 == 0


def test_a_key_is_in_no_backup_that_was_not_asked_for_it(archive: Path, tmp_path: Path) -> None:
    key = (tmp_path / "old" / "secret.key").read_bytes().strip()
    assert key
    assert key not in archive.read_bytes()
    with tarfile.open(archive) as tar:
        assert "secret.key" not in tar.getnames()


async def test_an_older_backup_is_brought_up_to_date(engine: str, install: Make, tmp_path: Path) -> None:
    """Made by the first version, whose workspaces had no place of the index of words."""
    from jackfield.store.schema import known_migrations, migrate_to

    old = Settings(data=tmp_path / "first", secret=OTHER_KEY)
    await migrate_to(old, known_migrations()[0])
    with closing(sqlite3.connect(old.sqlite_path)) as connection:
        connection.execute("INSERT INTO workspace (id, name, color, epoch, seq, created_at)"
                           " VALUES (7, 'Old', '#112233', 'e', 5, 1)")  # fmt: skip
        connection.commit()
    await back_up(old, tmp_path / "backup.tar", dump.Wish())
    new = await install(engine, "new")
    (new.data / "secret.key").write_text(OTHER_KEY)
    await restore(new, tmp_path / "backup.tar", Wish())
    (row,) = (await contents(new))["workspace"]
    assert (row["id"], row["name"], row["seq"]) == (7, "Old", 5)
    assert set(row) > {"searched_from"}


async def test_a_member_that_is_none_of_ours_is_refused(install: Make, tmp_path: Path) -> None:
    """Whoever can write the seal can write anything; what is not ours still leads nowhere."""
    from jackfield.backup import archive

    new, place = await install("sqlite", "new"), tmp_path / "backup.tar"
    head = archive.Head(
        version="x", engine="sqlite", migrations=("0001_initial",), at=1, media=True, proof=""
    )
    with archive.new_file(place) as file:
        writer = archive.Writer(file, head)
        writer.media("../../../etc/passwd", io.BytesIO(b"x"), 1)
        writer.seal()
    with pytest.raises(Invalid, match="not known here"):
        await restore(new, place, Wish())
