"""Stanzas to bytes and back."""

from __future__ import annotations

import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_whatsapp.codec import BadStanza, Dictionary, decode, encode
from mock_whatsapp.nodes import Jid, Node, Value

WORDS = Dictionary(["", "iq", "id"], [["to"], ["type", "from"], [], []])

_names = st.text("abcdefghijklmnopqrstuvwxyz_-:", min_size=1, max_size=12)
_jids = st.builds(
    Jid,
    st.text("0123456789", min_size=1, max_size=15),
    st.sampled_from(["s.whatsapp.net", "lid", "g.us"]),
)
_values = st.one_of(_jids, st.text(min_size=1, max_size=300))
_nodes = st.recursive(
    st.builds(
        Node, _names, st.dictionaries(_names, _values, max_size=4), st.binary(min_size=1, max_size=400)
    ),
    lambda inner: st.builds(
        Node,
        _names,
        st.dictionaries(_names, _values, max_size=4),
        st.lists(inner, min_size=1, max_size=4),
    ),
    max_leaves=8,
)


@given(_nodes)
def test_what_is_written_is_read_again(node: Node) -> None:
    assert decode(encode(node), WORDS) == node


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    with suppress(BadStanza):
        decode(data, WORDS)


@pytest.mark.parametrize(
    ("jid", "text"),
    [
        (Jid("4915550001"), "4915550001@s.whatsapp.net"),
        (Jid("900", "lid", 3), "900:3@lid"),
        (Jid("", "s.whatsapp.net"), "s.whatsapp.net"),
    ],
)
def test_an_address_is_written_as_whatsapp_does(jid: Jid, text: str) -> None:
    assert str(jid) == text
    assert Jid.parse(text) == jid


@pytest.mark.parametrize("jid", [Jid("900", "lid", 3), Jid("49155", device=7)])
def test_a_device_keeps_its_number(jid: Jid) -> None:
    assert decode(encode(Node("a", {"to": jid})), WORDS).jid("to") == jid


@pytest.mark.parametrize(
    ("attribute", "expected"),
    [
        (bytes([2]), "id"),  # one byte of the dictionary
        (bytes([237, 1]), "from"),  # two
        (bytes([255, 0x82, 0x12, 0x3F]), "123"),  # nibbles, the last one filling
        (bytes([251, 0x02, 0xAB, 0x01]), "AB01"),  # hexadecimal
    ],
)
def test_short_forms_are_read(attribute: bytes, expected: str) -> None:
    node = bytes([0, 248, 3, 1, 252, 1]) + b"k" + attribute
    assert decode(node, WORDS) == Node("iq", {"k": expected})


def test_a_compressed_stanza_is_read() -> None:
    plain = encode(Node("iq", {"id": "7"}))
    assert decode(bytes([2]) + zlib.compress(plain[1:]), WORDS) == Node("iq", {"id": "7"})


def test_long_contents_and_long_lists_are_kept() -> None:
    many: list[Node] = [Node("item", {"n": str(n)}) for n in range(300)]
    assert decode(encode(Node("list", {}, many)), WORDS).children == many
    for size in (255, 256, 1 << 20):
        assert decode(encode(Node("x", {}, bytes(size))), WORDS).data == bytes(size)


def test_attributes_that_say_nothing_are_not_sent() -> None:
    said: dict[str, Value] = {"a": None, "b": "", "c": 3}
    assert decode(encode(Node("x", said)), WORDS) == Node("x", {"c": "3"})


def test_what_is_missing_is_named() -> None:
    with pytest.raises(LookupError, match="<iq> has no list/item"):
        Node("iq", {}, [Node("list")]).need("list", "item")
