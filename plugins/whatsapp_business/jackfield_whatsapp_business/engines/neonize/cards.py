"""Contact cards: vCards as phones send them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from jackfield.channel import Card, Labelled

_FOLDED = re.compile(r"\r?\n[ \t]")


class _Line(NamedTuple):
    name: str
    group: str
    parameters: dict[str, str]
    value: str


def card(vcard: str, name: str = "") -> Card:
    """What a card says. `name`: what the message calls it, where the card itself does not."""
    lines = list(_lines(vcard))
    labels = {line.group: line.value for line in lines if line.name == "X-ABLABEL" and line.group}

    def all_of(kind: str) -> tuple[Labelled, ...]:
        return tuple(
            Labelled(
                value=_plain(line.value),
                label=labels.get(line.group) or line.parameters.get("TYPE", ""),
                address=line.parameters.get("WAID", ""),
            )
            for line in lines
            if line.name == kind and line.value.strip(";")
        )

    def first(kind: str) -> str:
        return next((_plain(line.value) for line in lines if line.name == kind), "")

    return Card(
        name=first("FN") or name or _plain(first("N")),
        phones=all_of("TEL"),
        emails=all_of("EMAIL"),
        urls=all_of("URL"),
        addresses=all_of("ADR"),
        organisation=first("ORG"),
        title=first("TITLE"),
        birthday=first("BDAY"),
    )


def _lines(vcard: str) -> Iterator[_Line]:
    for line in _FOLDED.sub("", vcard).splitlines():
        head, colon, value = line.partition(":")
        if not colon:
            continue
        name, *given = head.split(";")
        group, _, bare = name.rpartition(".")
        parameters = {key.upper(): said for key, _, said in (one.partition("=") for one in given)}
        yield _Line(bare.upper(), group, parameters, value.strip())


def _plain(value: str) -> str:
    """Without escapes; the pieces of a structured value set apart by commas."""
    pieces = re.split(r"(?<!\\);", value)
    text = ", ".join(piece for piece in pieces if piece.strip())
    return re.sub(r"\\([,;\\])", r"\1", text.replace("\\n", "\n").replace("\\N", "\n"))
