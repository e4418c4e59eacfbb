"""Secrets at rest."""

from __future__ import annotations

import asyncio
import base64
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from jackfield.settings import Settings
from jackfield.store.box import Box, NotOpened, open_box

KEY = bytes(range(32))


@pytest.mark.parametrize("text", ["", "token", '{"app_secret": "…"}', "я" * 10_000])
def test_what_was_sealed_opens(text: str) -> None:
    box = Box(KEY)
    sealed = box.seal(text, about="channel:1")
    assert sealed.startswith("v1:")
    assert text == "" or text not in sealed
    assert box.open(sealed, about="channel:1") == text


def test_nothing_opens_as_nothing() -> None:
    assert Box(KEY).open("", about="channel:1") == ""


def test_the_same_text_is_never_sealed_the_same() -> None:
    box = Box(KEY)
    assert box.seal("token", about="channel:1") != box.seal("token", about="channel:1")


CHANGES: list[Callable[[str], str]] = [
    lambda sealed: sealed[:-8] + base64.b64encode(b"x" * 5).decode(),
    lambda sealed: "v2:" + sealed[3:],
    lambda sealed: sealed[:10],
    lambda sealed: "v1:не base64",
    lambda sealed: "plain text",
]


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_stays_shut(change: Callable[[str], str]) -> None:
    box = Box(KEY)
    with pytest.raises(NotOpened):
        box.open(change(box.seal("token", about="channel:1")), about="channel:1")


def test_another_owner_or_key_opens_nothing() -> None:
    sealed = Box(KEY).seal("token", about="channel:1")
    with pytest.raises(NotOpened):
        Box(KEY).open(sealed, about="channel:2")
    with pytest.raises(NotOpened):
        Box(bytes(32)).open(sealed, about="channel:1")


async def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    boxes = await asyncio.gather(*(open_box(settings) for _ in range(8)))
    sealed = boxes[0].seal("token", about="x")
    assert {box.open(sealed, about="x") for box in boxes} == {"token"}
    path = settings.data / "secret.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(settings.data) == ["secret.key"]
    assert (await open_box(settings)).open(sealed, about="x") == "token"


async def test_the_key_of_the_settings_counts(tmp_path: Path) -> None:
    box = await open_box(Settings(data=tmp_path, secret=base64.b64encode(KEY).decode()))
    assert Box(KEY).open(box.seal("token", about="x"), about="x") == "token"
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("secret", "says"), [("???", "not base64"), ("ключ", "not base64"), ("YWJj", "3 bytes")]
)
async def test_a_wrong_key_is_named(tmp_path: Path, secret: str, says: str) -> None:
    with pytest.raises(ValueError, match=f"JACKFIELD_SECRET.*{says}"):
        await open_box(Settings(data=tmp_path, secret=secret))
    (tmp_path / "secret.key").write_text(secret)
    with pytest.raises(ValueError, match=rf"secret\.key.*{says}"):
        await open_box(Settings(data=tmp_path))
