"""Stanzas as bytes: the binary XML of WhatsApp's web socket.

Encoding writes every string in full, which is legal. Decoding needs the dictionary of short words; it is
read out of the engine under test (engine.py), so that it always fits that version and none is kept here.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from .nodes import LID, PHONE, Content, Jid, Node, Value

LIST_EMPTY, LIST_8, LIST_16 = 0, 248, 249
WORDS = range(236, 240)  # the four dictionaries of two bytes
FB_JID, DEVICE_JID, PLAIN_JID = 246, 247, 250
HEX_8, BINARY_8, BINARY_20, BINARY_32, NIBBLE_8 = 251, 252, 253, 254, 255
COMPRESSED = 2  # flag in the first byte
NIBBLES, HEX = "0123456789-.", "0123456789ABCDEF"
DEVICE_SERVERS = {0: PHONE, 1: LID, 128: "hosted", 129: "hosted.lid"}


@dataclass(frozen=True)
class Dictionary:
    """Words of one byte, and four times 256 words of two bytes."""

    single: Sequence[str]
    double: Sequence[Sequence[str]]


class BadStanza(ValueError):
    """The bytes are no stanza."""


def encode(node: Node) -> bytes:
    out = bytearray([0])
    _write_node(out, node)
    return bytes(out)


def decode(data: bytes, words: Dictionary) -> Node:
    """Raises BadStanza."""
    if not data:
        raise BadStanza("an empty stanza")
    try:
        body = zlib.decompress(data[1:]) if data[0] & COMPRESSED else data[1:]
        return _Reader(body, words).node()
    except (IndexError, zlib.error, UnicodeDecodeError) as error:
        raise BadStanza(str(error)) from error


def _write_node(out: bytearray, node: Node) -> None:
    attrs = {key: value for key, value in node.attrs.items() if value is not None and value != ""}
    _write_list(out, 2 * len(attrs) + 1 + (node.content is not None))
    _write_bytes(out, node.tag.encode())
    for key, value in attrs.items():
        _write_bytes(out, key.encode())
        _write_value(out, value)
    if isinstance(node.content, bytes):
        _write_bytes(out, node.content)
    elif node.content is not None:
        _write_list(out, len(node.content))
        for child in node.content:
            _write_node(out, child)


def _write_value(out: bytearray, value: Value) -> None:
    if not isinstance(value, Jid):
        _write_bytes(out, str(value).encode())
    elif value.device and value.server in (PHONE, LID):
        out += bytes([DEVICE_JID, int(value.server == LID), value.device])
        _write_bytes(out, value.user.encode())
    else:
        out.append(PLAIN_JID)
        if value.user:
            _write_bytes(out, value.user.encode())
        else:
            out.append(LIST_EMPTY)
        _write_bytes(out, value.server.encode())


def _write_bytes(out: bytearray, data: bytes) -> None:
    size = len(data)
    if size < 1 << 8:
        out += bytes([BINARY_8, size])
    elif size < 1 << 20:
        out += bytes([BINARY_20]) + size.to_bytes(3, "big")
    else:
        out += bytes([BINARY_32]) + size.to_bytes(4, "big")
    out += data


def _write_list(out: bytearray, size: int) -> None:
    if size == 0:
        out.append(LIST_EMPTY)
    elif size < 1 << 8:
        out += bytes([LIST_8, size])
    else:
        out += bytes([LIST_16]) + size.to_bytes(2, "big")


class _Reader:
    def __init__(self, data: bytes, words: Dictionary) -> None:
        self._data, self._at, self._words = data, 0, words

    def node(self) -> Node:
        size = self._list_size(self._byte())
        tag = self._text()
        attrs: dict[str, Value] = {}
        for _ in range((size - 1) // 2):
            key = self._text()
            attrs[key] = self._value(self._byte())
        return Node(tag, attrs, self._content() if size % 2 == 0 else None)

    def _content(self) -> Content:
        kind = self._byte()
        if kind in (LIST_EMPTY, LIST_8, LIST_16):
            return [self.node() for _ in range(self._list_size(kind))]
        if (size := self._binary_size(kind)) is not None:
            return self._take(size)
        return str(self._value(kind)).encode()

    def _text(self) -> str:
        return str(self._value(self._byte()) or "")

    def _value(self, kind: int) -> Value:
        if kind == LIST_EMPTY:
            return None
        if (size := self._binary_size(kind)) is not None:
            return self._take(size).decode()
        if kind in WORDS:
            return self._words.double[kind - WORDS.start][self._byte()]
        if kind in (HEX_8, NIBBLE_8):
            return self._packed(HEX if kind == HEX_8 else NIBBLES)
        if kind in (DEVICE_JID, PLAIN_JID, FB_JID):
            return self._jid(kind)
        return self._words.single[kind]

    def _jid(self, kind: int) -> Jid:
        if kind == PLAIN_JID:
            return Jid(self._text(), self._text())
        if kind == FB_JID:
            user, device = self._text(), self._number(2)
            return Jid(user, self._text(), device)
        domain, device = self._byte(), self._byte()
        return Jid(self._text(), DEVICE_SERVERS.get(domain, PHONE), device)

    def _packed(self, alphabet: str) -> str:
        """Two signs a byte; the first bit of the size says that the last one is filling."""
        size = self._byte()
        signs = [half for byte in self._take(size & 127) for half in (byte >> 4, byte & 15)]
        if size >> 7:
            signs.pop()
        return "".join(alphabet[sign] for sign in signs)

    def _list_size(self, kind: int) -> int:
        sizes = {LIST_EMPTY: 0, LIST_8: 1, LIST_16: 2}
        if kind not in sizes:
            raise BadStanza(f"no list begins with {kind}")
        return self._number(sizes[kind])

    def _binary_size(self, kind: int) -> int | None:
        bytes_of_size = {BINARY_8: 1, BINARY_20: 3, BINARY_32: 4}.get(kind)
        return None if bytes_of_size is None else self._number(bytes_of_size)

    def _number(self, size: int) -> int:
        return int.from_bytes(self._take(size), "big")

    def _byte(self) -> int:
        return self._take(1)[0]

    def _take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        if len(taken) != size:
            raise BadStanza("the stanza ends too early")
        self._at += size
        return taken
