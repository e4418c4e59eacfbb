"""What a browser recorded leaves in the container that a channel takes."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import structs

from jackfield.channel import MediaFile, Rejected
from jackfield.host import recordings
from jackfield.host.recordings import as_wanted
from jackfield.sound import ogg_of_webm
from jackfield.testing import FakePort

WEBM = (Path(__file__).parent / "sound" / "data" / "mono.webm").read_bytes()


def file(data: bytes = WEBM, mime: str = "audio/webm", name: str = "hello.webm") -> MediaFile:
    return FakePort().add_file("f", data, name=name, mime=mime)


async def content(file: MediaFile) -> bytes:
    return b"".join([piece async for piece in file.chunks()])


async def test_a_recording_comes_as_ogg_where_that_is_wanted() -> None:
    made = await as_wanted(file(mime="audio/webm;codecs=opus"), "audio/ogg")
    assert (made.ref, made.name, made.mime) == ("f", "hello.ogg", "audio/ogg")
    assert await content(made) == await content(made) == ogg_of_webm(WEBM)
    assert made.size == len(ogg_of_webm(WEBM))


@pytest.mark.parametrize(
    ("mime", "want"),
    [("audio/webm", ""), ("audio/webm", "audio/mp4"), ("audio/ogg", "audio/ogg"), ("audio/mp4", "audio/ogg")],
)
async def test_what_is_not_wanted_otherwise_or_cannot_be_had_comes_as_it_is(mime: str, want: str) -> None:
    kept = file(mime=mime)
    assert await as_wanted(kept, want) is kept


async def test_a_broken_recording_is_refused_in_words() -> None:
    with pytest.raises(Rejected) as refused:
        await as_wanted(file(WEBM[:-1]), "audio/ogg")
    assert (refused.value.detail, refused.value.words) == (
        "the recording cannot be read: the file ends in the middle",
        "error.recording",
    )


async def test_a_huge_recording_is_not_even_read() -> None:
    huge = structs.replace(file(), size=recordings.LARGEST + 1)
    with pytest.raises(Rejected, match="at most 67108864"):
        await as_wanted(huge, "audio/ogg")
