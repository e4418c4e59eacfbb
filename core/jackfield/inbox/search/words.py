"""Words as both engines know them: any text becomes the same stems, whatever database they are kept in.

A word is folded (NFKC, lower case, "ё" is "е", without apostrophes) and cut to its stem: Cyrillic ones as
Russian, all others as English. What has a digit in it is kept whole, and a number that is written in
groups ("8 (999) 123-45-67") is a word of its own beside its groups.
"""

from __future__ import annotations

import importlib
import re
import threading
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

LONGEST = 64  # characters of a word that count

_ALONE = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"  # written without spaces: every sign is a word
_PICTURES = "\u2190-\u2bff\U0001f000-\U0001f3fa\U0001f400-\U0001faff"  # without the five skin tones
_MARKS = "".join(mark for mark in map(chr, range(0x300, 0x3040)) if unicodedata.category(mark)[0] == "M")
_LETTERS = f"(?:[^\\W_{_ALONE}]++|[{_MARKS}])"
_WORD = re.compile(f"[^\\W_{_ALONE}]{_LETTERS}*+(?:['’ʼ]{_LETTERS}++)*+|[{_ALONE}]|[{_PICTURES}]")
_NUMBER = re.compile(r"(?<!\w)\+?\(?\d(?:[ \u00a0().\-–]{0,2}\d){6,18}(?!\w)")
_CYRILLIC = re.compile("[\u0400-\u052f]")
_DIGIT = re.compile(r"\d")
_JUNK = re.compile(r"[\s\x00-/:-@\[-`{-\x7f’ʼ]+")  # no word may hold what a database takes for syntax


class Token(NamedTuple):
    """A word where it stands in a text, which is text[start:end]."""

    start: int
    end: int
    word: str  # its stem, or a number without its groups


def words(text: str) -> dict[str, None]:
    """The different words of a text, in their order."""
    found = dict.fromkeys(stem(word[:LONGEST]) for word in _WORD.findall(text))
    found.update((number.word, None) for number in numbers(text))
    found.pop("", None)
    return found


def tokens(text: str) -> Iterator[Token]:
    """The words of a text in their order, each with its place."""
    for match in _WORD.finditer(text):
        if stemmed := stem(match[0][:LONGEST]):
            yield Token(*match.span(), stemmed)


def numbers(text: str) -> Iterator[Token]:
    """Long numbers, whatever groups they are written in; a Russian one with 8 in front as with +7."""
    if not _DIGIT.search(text):
        return
    for match in _NUMBER.finditer(text):
        digits = "".join(_DIGIT.findall(match[0]))
        if not digits.isascii():
            digits = fold(digits)
        if len(digits) == 11 and digits[0] == "8":
            digits = "7" + digits[1:]
        yield Token(*match.span(), digits)


@lru_cache(maxsize=1 << 16)
def fold(word: str) -> str:
    """A word as it is compared."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", word).casefold())
    return unicodedata.normalize("NFC", _JUNK.sub("", folded)).replace("ё", "е")


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """What all forms of a word have in common; "" for what is none."""
    folded = fold(word)
    if not folded or _DIGIT.search(folded):
        return folded
    russian, english = _stemmers()
    return russian(folded) if _CYRILLIC.search(folded) else english(folded)


_own = threading.local()
_stemmer: Callable[[str, int], Any] = importlib.import_module("Stemmer").Stemmer  # it carries no types


def _stemmers() -> tuple[Callable[[str], str], Callable[[str], str]]:
    """Russian and English. A stemmer keeps its place in itself: every thread has its own."""
    found: tuple[Callable[[str], str], Callable[[str], str]] | None = getattr(_own, "stemmers", None)
    if found is None:
        found = _own.stemmers = (_stemmer("russian", 0).stemWord, _stemmer("english", 0).stemWord)
    return found
