"""What somebody looks for: typed text as words that must all be there, and as both engines ask for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from jackfield.errors import Invalid

from .index import signs_of
from .words import LONGEST as LONGEST_WORD
from .words import fold, numbers, tokens

LONGEST = 200  # characters that are looked for
BEGINNING = 3  # letters: what is shorter is looked for as it is, not as the beginning of a word


class Term(NamedTuple):
    """One word that must be there, in one of these ways. `beginning`: or any word that begins so."""

    ways: tuple[tuple[str, ...], ...]  # one of them, all of its words
    beginning: str = ""


Completions = Mapping[str, Sequence[str]]
"""By the beginning of a word with its workspace's signs: all words that begin so, where they are few."""


def read(typed: str) -> tuple[Term, ...]:
    """The words somebody typed. The last one may be unfinished, unless a space says that it is not.

    Raises Invalid if there is no word in it.
    """
    terms: list[Term] = []
    spans = list(numbers(typed))
    said = list(tokens(typed))
    for number in spans:
        groups = tuple(one.word for one in said if number.start <= one.start < number.end)
        last = number.end == len(typed)
        terms.append(Term(((number.word,), groups), number.word if last else ""))
    for word in said:
        if any(number.start <= word.start < number.end for number in spans):
            continue
        begun = fold(typed[word.start :][:LONGEST_WORD]) if word.end == len(typed) else ""
        terms.append(Term(((word.word,),), begun if len(begun) >= BEGINNING else ""))
    if not terms:
        raise Invalid("there is no word to look for", code="no_words", fields={"q": "no word in it"})
    return tuple(dict.fromkeys(terms))


def for_sqlite(
    terms: Iterable[Term], spaces: Iterable[int], scopes: Iterable[str], completions: Completions
) -> str:
    """The words as FTS5 takes them."""

    def term(one: Term, signs: str) -> str:
        ways = [_all(f'"{signs}{word}"' for word in way) for way in one.ways]
        if one.beginning:
            begun = signs + one.beginning
            known = completions.get(begun)
            ways += [f'"{begun}" *'] if known is None else [f'"{word}"' for word in known]
        return _any(ways, " OR ")

    def space(signs: str) -> str:
        return _all([*(term(one, signs) for one in terms), *(f'"{signs}{scope}"' for scope in scopes)])

    return _any([space(signs_of(one)) for one in spaces], " OR ")


def for_postgres(terms: Iterable[Term], spaces: Iterable[int], scopes: Iterable[str]) -> str:
    """The words as a tsquery."""

    def term(one: Term, signs: str) -> str:
        ways = [_all((f"'{signs}{word}'" for word in way), " & ") for way in one.ways]
        if one.beginning:
            ways.append(f"'{signs}{one.beginning}':*")
        return _any(ways, " | ")

    def space(signs: str) -> str:
        parts = [*(term(one, signs) for one in terms), *(f"'{signs}{scope}'" for scope in scopes)]
        return _all(parts, " & ")

    return _any([space(signs_of(one)) for one in spaces], " | ")


def _all(parts: Iterable[str], sign: str = " AND ") -> str:
    return f"({sign.join(parts)})"


def _any(parts: Sequence[str], sign: str) -> str:
    return f"({sign.join(dict.fromkeys(parts))})"
