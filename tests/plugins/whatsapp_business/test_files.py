"""Files on the line between a bridge and its channel."""

from __future__ import annotations

from pathlib import Path

import pytest
from jackfield_whatsapp_business.files import PIECE, Arriving, NoPiece, pieces


@pytest.mark.parametrize("size", [0, 1, PIECE, 2 * PIECE + 7])
async def test_a_file_arrives_as_it_left(tmp_path: Path, size: int) -> None:
    left = tmp_path / "left"
    left.write_bytes(bytes(range(251)) * (size // 251 + 1))
    with left.open("r+b") as file:
        file.truncate(size)
    arriving = Arriving(tmp_path)
    async for piece in pieces("7", left):
        arriving.take(piece)
    arrived = arriving.whole("7")
    assert arrived is not None
    assert arrived.read_bytes() == left.read_bytes()
    assert arriving.whole("7") is None, "it is the caller's now"


def test_a_file_that_was_broken_off_begins_anew(tmp_path: Path) -> None:
    arriving = Arriving(tmp_path)
    for piece in (b"7 0\nhalf", b"7 0\nwho", b"7 3\nle"):
        arriving.take(piece)
    arrived = arriving.whole("7")
    assert arrived is not None
    assert arrived.read_bytes() == b"whole"
    arriving.take(b"8 0\nnever asked for again")
    arriving.forget("8")
    assert list(tmp_path.iterdir()) == [arrived]


@pytest.mark.parametrize(
    "frame", [b"", b"7", b"7 0", b"7 x\nbytes", b"../7 0\nbytes", b"7 5\nbytes", b" 0\nbytes"]
)
def test_what_is_no_piece_is_refused(tmp_path: Path, frame: bytes) -> None:
    with pytest.raises(NoPiece):
        Arriving(tmp_path).take(frame)
    assert not any(path.stat().st_size for path in tmp_path.iterdir())
    assert not list(tmp_path.parent.glob("7*"))
