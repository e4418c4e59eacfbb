"""Installs for the tests of backups: every table full of awkward values, files in the media folder."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (Tortoise's fields carry no types for a strict checker)

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from tortoise.fields import BigIntField, BinaryField, BooleanField, CharField, FloatField, IntField, TextField
from tortoise.models import Model

from jackfield.ids import new_id
from jackfield.settings import Settings
from jackfield.store.edge import models
from jackfield.store.files import Stored
from jackfield.store.store import Store, open_store

Make = Callable[[str, str], Awaitable[Settings]]  # engine, name
Contents = dict[str, list[dict[str, Any]]]

ENDED = {
    "outbox": {"state": "done"},
    "message": {"st": "sent"},
    "file": {"state": "failed", "path": ""},
}
TEXTS = ("", "plain", "Здравствуйте, «мир»", "🙂 'quoted' \"twice\" \\ \t\n\r", "\u202e\u0301 x", "x" * 5_000)
NUMBERS = (0, 1, -1, 2**31 - 1, -(2**31))
BIG = (*NUMBERS, 2**63 - 1, -(2**63))
FLOATS = (0.0, -1.5, 1e300, 0.1)
BYTES = (b"", b"\x00\xff\x80 raw", bytes(range(256)) * 40)
VALUES: dict[type, Sequence[Any]] = {
    CharField: TEXTS,
    TextField: TEXTS,
    BooleanField: (False, True),
    BigIntField: BIG,
    IntField: NUMBERS,
    FloatField: FLOATS,
    BinaryField: BYTES,
}
MANY = 23  # rows of each table


async def fill(settings: Settings, *, files: int = 3) -> None:
    """An install that has used every column of every table to its limits."""
    async with open_store(settings) as store:
        for table, model in models().items():
            await model.bulk_create([model(**_values(table, model, place)) for place in range(MANY)])
        for place in range(files):
            await keep_file(store, b"file %d " % place * 9_000)


async def keep_file(store: Store, content: bytes) -> Stored:
    """A file in the media folder, and the row that names it."""

    async def chunks() -> AsyncIterator[bytes]:
        yield content

    stored = await store.files.write(chunks(), limit=1 << 20)
    await models()["file"].create(
        id=new_id(),
        workspace_id=1,
        state="ready",
        path=stored.path,
        sha256=stored.sha256,
        size=stored.size,
        created_at=1,
    )
    return stored


def _values(table: str, model: type[Model], place: int) -> dict[str, Any]:
    values = {name: _value(field, place) for name, field in model._meta.fields_map.items()}  # pyright: ignore[reportPrivateUsage]  # no public way
    return values | ENDED.get(table, {}) | {"id": place + 1, **_unique(model, place)}


def _unique(model: type[Model], place: int) -> dict[str, Any]:
    """Enough for no two rows to be the same where they must not be."""
    meta = model._meta  # pyright: ignore[reportPrivateUsage]  # no public way
    names = {name for group in meta.unique_together for name in group}
    names |= {name for name, field in meta.fields_map.items() if field.unique and name != "id"}
    return {
        name: place + 1 if isinstance(meta.fields_map[name], (BigIntField, IntField)) else f"unique {place}"
        for name in names
    }


def _value(field: Any, place: int) -> Any:
    if field.null and place % 5 == 0:
        return None
    choice = next(values for kind, values in VALUES.items() if isinstance(field, kind))
    value = choice[place % len(choice)]
    return value[: field.max_length] if isinstance(field, CharField) else value


async def contents(settings: Settings) -> Contents:
    """Every row of every table, the same on either engine."""
    async with open_store(settings):
        return {
            table: [dict(row) for row in await model.all().order_by("id").values()]
            for table, model in sorted(models().items())
        }


def after_restore(before: Contents) -> Contents:
    """What of an install comes back: all but what is of the moment."""
    gone: Contents = {
        table: [] for table in ("session", "sign_in_link", "invitation", "stream", "channel_log")
    }
    channels = [row | {"lease_owner": "", "lease_until": 0} for row in before["channel"]]
    return before | gone | {"channel": channels, "workspace": workspaces(before)}


def workspaces(found: Contents) -> list[dict[str, Any]]:
    """Without what is another one after every restore, and with what is indexed later."""
    newest = max((row["id"] for row in found["message"]), default=-1)
    return [row | {"epoch": "", "searched_from": newest + 1} for row in found["workspace"]]


def media(settings: Settings) -> dict[str, bytes]:
    """The files of an install, by their names."""
    folder = settings.media_folder
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in folder.glob("??/??/*") if path.is_file()
    }
