"""The words around what was found, in pieces."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain

from jackfield.wire.search import Piece

from .query import Term
from .words import Token, numbers, tokens

LENGTH = 160  # characters, or so
BEFORE = 48  # of them before the first hit

_SPACE = re.compile(r"\s+")


def snippet(text: str, terms: Sequence[Term]) -> tuple[Piece, ...]:
    """A window of the text that begins a little before its first hit. What is left out shows as "…"."""
    hits = _hits(text, terms)
    first = next(hits, None)
    start = 0 if first is None else _start(text, first[0])
    end = _end(text, start + LENGTH, at_least=0 if first is None else first[1])
    pieces: list[Piece] = []
    done = start
    for hit in () if first is None else chain((first,), hits):
        if hit[1] > end:
            break
        pieces.append(Piece(text=text[done : hit[0]]))
        pieces.append(Piece(text=text[hit[0] : hit[1]], hit=True))
        done = hit[1]
    pieces.append(Piece(text=text[done:end]))
    if start:
        pieces.insert(0, Piece(text="…"))
    if end < len(text):
        pieces.append(Piece(text="…"))
    return tuple(_joined(pieces))


def _hits(text: str, terms: Sequence[Term]) -> Iterator[tuple[int, int]]:
    """Where words stand that are looked for, from left to right, none within another, one window of them."""
    exact = {word for term in terms for way in term.ways for word in way}
    begun = tuple(term.beginning for term in terms if term.beginning)
    long_ones = [(one.start, one.end) for one in numbers(text) if _is_hit(one, exact, begun)]
    done, last = 0, len(text)
    for token in tokens(text):
        if token.start > last:
            return
        while long_ones and long_ones[0][0] <= token.start:
            start, end = long_ones.pop(0)
            if start >= done:
                yield start, end
                done, last = end, min(last, start + LENGTH)
        if token.start >= done and _is_hit(token, exact, begun):
            yield token.start, token.end
            done, last = token.end, min(last, token.start + LENGTH)


def _is_hit(token: Token, exact: set[str], begun: tuple[str, ...]) -> bool:
    return token.word in exact or bool(begun and token.word.startswith(begun))


def _start(text: str, hit: int) -> int:
    """A place a little before a hit, at the beginning of a word where one is near."""
    if hit <= BEFORE:
        return 0
    start = hit - BEFORE
    space = _SPACE.search(text, start, hit)
    return start if space is None else space.end()


def _end(text: str, end: int, *, at_least: int) -> int:
    if end >= len(text):
        return len(text)
    space = max(text.rfind(" ", 0, end), text.rfind("\n", 0, end))
    return max(space if space > end - BEFORE else end, at_least)


def _joined(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Lines become one line, empty pieces go, neighbours of one kind become one."""
    text, hit = "", False
    for piece in pieces:
        said = _SPACE.sub(" ", piece.text)
        if not said:
            continue
        if piece.hit == hit:
            text += said
            continue
        if text:
            yield Piece(text=text, hit=hit)
        text, hit = said, piece.hit
    if text:
        yield Piece(text=text, hit=hit)
