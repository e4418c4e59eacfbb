"""What a phone's camera reads: the text of a QR code, from the picture of it as the page draws it.

Numbers are those of ISO/IEC 18004, for codes of level M. A drawn code has no faults, so that nothing is
corrected: a code that is drawn wrong is not read.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

from PIL import Image, ImageOps

Grid = list[list[bool]]
"""Dark modules, row by row, without the border."""

LEVEL_M, BYTES = 0b00, 0b0100
FORMAT_MASK = 0b101010000010010
REPAIRS = (0, 10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26)
BLOCKS = (0, 1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16)
"""By version: codewords that repair one block, and how many blocks there are."""

MASKS: tuple[Callable[[int, int], bool], ...] = (
    lambda y, x: (y + x) % 2 == 0,
    lambda y, x: y % 2 == 0,
    lambda y, x: x % 3 == 0,
    lambda y, x: (y + x) % 3 == 0,
    lambda y, x: (y // 2 + x // 3) % 2 == 0,
    lambda y, x: y * x % 2 + y * x % 3 == 0,
    lambda y, x: (y * x % 2 + y * x % 3) % 2 == 0,
    lambda y, x: ((y + x) % 2 + y * x % 3) % 2 == 0,
)


class NotRead(Exception):
    """The picture shows no code that we can read."""


def read(png: bytes) -> str:
    """The text of the one code in a picture. Raises NotRead."""
    return _text(_grid(png))


def _grid(png: bytes) -> Grid:
    """The corners of a code are dark, and the upper edge of its first eye is seven modules long."""
    bright = Image.open(io.BytesIO(png)).convert("L")
    picture = ImageOps.invert(bright).convert("1", dither=Image.Dither.NONE)
    box = picture.getbbox()
    if box is None:
        raise NotRead("nothing dark is in the picture")
    left, top, right, _ = box
    eye = next((x for x in range(left, right) if not picture.getpixel((x, top + 1))), right) - left
    side = 17 + 4 * round(((right - left) * 7 / eye - 17) / 4)
    step = (right - left) / side
    return [
        [
            bool(picture.getpixel((int(left + (x + 0.5) * step), int(top + (y + 0.5) * step))))
            for x in range(side)
        ]
        for y in range(side)
    ]


def _text(grid: Grid) -> str:
    version, rest = divmod(len(grid) - 17, 4)
    if rest or not 0 < version < len(BLOCKS):
        raise NotRead(f"a code of {len(grid)} modules")
    said = _number(grid[8][x] for x in (0, 1, 2, 3, 4, 5, 7, 8)) << 7
    said |= _number(grid[y][8] for y in (7, 5, 4, 3, 2, 1, 0))
    said ^= FORMAT_MASK
    if said >> 13 != LEVEL_M:
        raise NotRead("a code of another level")
    words = list(_words(grid, version, MASKS[said >> 10 & 0b111]))
    bits = [word >> place & 1 for word in _in_order(words, version) for place in range(7, -1, -1)]
    wide = 16 if version > 9 else 8
    if _number(bits[:4]) != BYTES:
        raise NotRead("the text is not in bytes")
    length, start = _number(bits[4 : 4 + wide]), 4 + wide
    return bytes(_number(bits[start + 8 * at : start + 8 * at + 8]) for at in range(length)).decode()


def _words(grid: Grid, version: int, masked: Callable[[int, int], bool]) -> Iterator[int]:
    """Codewords as they lie: in pairs of columns from the right, up and down, past what is no data."""
    side, kept, bits = len(grid), _kept(version), list[bool]()
    columns = [x for x in range(side - 1, 0, -2) if x > 6] + [5, 3, 1]
    for turn, right in enumerate(columns):
        for y in range(side) if turn % 2 else range(side - 1, -1, -1):
            for x in (right, right - 1):
                if (y, x) not in kept:
                    bits.append(grid[y][x] != masked(y, x))
    for at in range(0, len(bits) - 7, 8):
        yield _number(bits[at : at + 8])


def _kept(version: int) -> set[tuple[int, int]]:
    """Where there is no data: eyes and formats, timing, alignment, the version."""
    side = 17 + 4 * version
    kept = {(6, at) for at in range(side)} | {(at, 6) for at in range(side)}
    for top, left, high, wide in ((0, 0, 9, 9), (0, side - 8, 9, 8), (side - 8, 0, 8, 9)):
        kept |= _square(top, left, high, wide)
    marks = _marks(version, side)
    for y in marks:
        for x in marks:
            if (y, x) not in {(6, 6), (6, marks[-1]), (marks[-1], 6)}:
                kept |= _square(y - 2, x - 2, 5, 5)
    if version > 6:
        kept |= _square(0, side - 11, 6, 3) | _square(side - 11, 0, 3, 6)
    return kept


def _marks(version: int, side: int) -> list[int]:
    """Middles of the alignment patterns, on either axis."""
    if version == 1:
        return [6]
    count = version // 7 + 2
    step = (version * 8 + count * 3 + 5) // (count * 4 - 4) * 2
    return [6, *sorted(side - 7 - at * step for at in range(count - 1))]


def _square(top: int, left: int, high: int, wide: int) -> set[tuple[int, int]]:
    return {(y, x) for y in range(top, top + high) for x in range(left, left + wide)}


def _in_order(words: list[int], version: int) -> list[int]:
    """Data of the blocks one after another: they lie dealt out like cards, the longer blocks last."""
    count = BLOCKS[version]
    data = len(words) - REPAIRS[version] * count
    short, longer = divmod(data, count)
    blocks = [list[int]() for _ in range(count)]
    dealt = iter(words[:data])
    for _ in range(short):
        for block in blocks:
            block.append(next(dealt))
    for block in blocks[count - longer :] if longer else []:
        block.append(next(dealt))
    return [word for block in blocks for word in block]


def _number(bits: Iterator[bool] | list[int] | list[bool]) -> int:
    number = 0
    for bit in bits:
        number = number << 1 | bit
    return number
