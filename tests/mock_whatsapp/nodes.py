"""Stanzas as trees: a tag, attributes, and children or bytes; and the addresses in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

PHONE, LID, GROUP = "s.whatsapp.net", "lid", "g.us"

Content: TypeAlias = "Sequence[Node] | bytes | None"
Value: TypeAlias = "Jid | str | int | None"
SHOWN = 80  # characters of a leaf in a printed tree


@dataclass(frozen=True)
class Jid:
    """user:device@server. Device 0 is the phone itself."""

    user: str = ""
    server: str = PHONE
    device: int = 0

    def __str__(self) -> str:
        device = f":{self.device}" if self.device else ""
        return f"{self.user}{device}@{self.server}" if self.user else self.server

    @classmethod
    def parse(cls, text: str) -> Jid:
        user, at, server = text.rpartition("@")
        if not at:
            return cls("", text)
        user, _, device = user.partition(":")
        return cls(user, server, int(device or 0))


SERVER = Jid()
"""Whom stanzas are from that no person sent."""


@dataclass
class Node:
    """Attributes that are None or "" are not there on the wire; numbers go as text."""

    tag: str
    attrs: Mapping[str, Value] = field(default_factory=dict[str, Value])
    content: Content = None

    @property
    def children(self) -> Sequence[Node]:
        return () if self.content is None or isinstance(self.content, bytes) else self.content

    @property
    def data(self) -> bytes:
        return self.content if isinstance(self.content, bytes) else b""

    def child(self, *path: str) -> Node | None:
        """The first child of that tag, and so on down; None where there is none."""
        found: Node | None = self
        for tag in path:
            if found is None:
                return None
            found = next((child for child in found.children if child.tag == tag), None)
        return found

    def need(self, *path: str) -> Node:
        """As child(). Raises LookupError naming what is missing."""
        found = self.child(*path)
        if found is None:
            raise LookupError(f"<{self.tag}> has no {'/'.join(path)}")
        return found

    def text(self, name: str) -> str:
        """An attribute as text; "" where it is not there."""
        value = self.attrs.get(name)
        return "" if value is None else str(value)

    def jid(self, name: str) -> Jid | None:
        """An attribute as an address: one of a server alone comes as text."""
        value = self.attrs.get(name)
        if value is None or isinstance(value, Jid):
            return value
        return Jid.parse(str(value))

    def __str__(self) -> str:
        return "\n".join(self._lines(0))

    def _lines(self, depth: int) -> Sequence[str]:
        space = "  " * depth
        start = f"{space}<{self.tag}" + "".join(f' {key}="{value}"' for key, value in self.attrs.items())
        if self.children:
            inner = [line for child in self.children for line in child._lines(depth + 1)]
            return [f"{start}>", *inner, f"{space}</{self.tag}>"]
        shown = self.data.hex()[:SHOWN]
        return [f"{start}>{shown}</{self.tag}>" if shown else f"{start}/>"]
