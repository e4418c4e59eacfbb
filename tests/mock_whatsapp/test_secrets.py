"""Keys, the handshake, Signal sessions, sender keys, app state and files: each against its other side."""

from __future__ import annotations

import hashlib
import random

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mock_whatsapp import app_state
from mock_whatsapp.app_state import AppState, action_pb, sync_pb
from mock_whatsapp.curve import KeyPair, derive, sign, signed
from mock_whatsapp.fields import Fields, pack
from mock_whatsapp.media import MediaStore
from mock_whatsapp.noise import NAME, Responder
from mock_whatsapp.ratchet import CannotDecrypt, Identity
from mock_whatsapp.sealing import pad, unpad
from mock_whatsapp.sender_keys import SenderKey

ALICE, BOB = ("alice", 0), ("bob", 0)


# -- signatures ------------------------------------------------------------------------------------------


def test_a_signature_is_an_ed25519_one_over_the_same_key() -> None:
    """signed() asks the cryptography package: sign() is checked by other people's code."""
    for _ in range(8):
        key = KeyPair()
        made = sign(key.private, b"said")
        assert signed(key.public, b"said", made)
        assert not signed(key.public, b"not said", made)
        assert not signed(KeyPair().public, b"said", made)


def test_two_signatures_of_one_message_differ() -> None:
    key = KeyPair()
    assert sign(key.private, b"x") != sign(key.private, b"x")


# -- the handshake ---------------------------------------------------------------------------------------


class Initiator:
    """The engine's side, written from the Noise specification for this test."""

    def __init__(self, header: bytes) -> None:
        self.hash = hashlib.sha256(NAME + header).digest()
        self.chain, self.key, self.count = NAME, NAME, 0
        self.static, self.ephemeral = KeyPair(), KeyPair()
        self.mix(self.ephemeral.public)

    def mix(self, data: bytes) -> None:
        self.hash = hashlib.sha256(self.hash + data).digest()

    def agree(self, secret: bytes) -> None:
        keys = derive(secret, 64, salt=self.chain)
        self.chain, self.key, self.count = keys[:32], keys[32:], 0

    def open(self, sealed: bytes) -> bytes:
        plain = AESGCM(self.key).decrypt(self.nonce(), sealed, self.hash)
        self.mix(sealed)
        return plain

    def seal(self, plain: bytes) -> bytes:
        sealed = AESGCM(self.key).encrypt(self.nonce(), plain, self.hash)
        self.mix(sealed)
        return sealed

    def nonce(self) -> bytes:
        self.count += 1
        return (self.count - 1).to_bytes(12, "big")


def test_engine_and_server_come_to_the_same_keys() -> None:
    server = KeyPair()
    engine, mock = Initiator(b"WA\x06\x03"), Responder(b"WA\x06\x03", server)
    hello = mock.hello(engine.ephemeral.public, b"certificates")
    engine.mix(hello.ephemeral)
    engine.agree(engine.ephemeral.agree(hello.ephemeral))
    assert engine.open(hello.static) == server.public
    engine.agree(engine.ephemeral.agree(server.public))
    assert engine.open(hello.payload) == b"certificates"
    static = engine.seal(engine.static.public)
    engine.agree(engine.static.agree(hello.ephemeral))
    done = mock.finish(static, engine.seal(b"who I am"))
    assert (done.client, done.payload) == (engine.static.public, b"who I am")
    keys = derive(b"", 64, salt=engine.chain)
    assert done.theirs.open(AESGCM(keys[:32]).encrypt(bytes(12), b"ask", b"")) == b"ask"
    assert AESGCM(keys[32:]).decrypt(bytes(12), done.ours.seal(b"told"), b"") == b"told"


def test_a_client_with_another_header_is_not_let_in() -> None:
    engine, mock = Initiator(b"WA\x06\x03"), Responder(b"WA\x06\x02", KeyPair())
    hello = mock.hello(engine.ephemeral.public, b"")
    engine.mix(hello.ephemeral)
    engine.agree(engine.ephemeral.agree(hello.ephemeral))
    with pytest.raises(InvalidTag):
        engine.open(hello.static)


# -- sessions --------------------------------------------------------------------------------------------


def test_two_phones_talk_in_turns() -> None:
    alice, bob = Identity(), Identity()
    alice.meet(BOB, bob.bundle())
    for round_ in range(5):
        for n in range(3):
            kind, data = alice.encrypt(BOB, f"a{round_}{n}".encode())
            assert kind == ("pkmsg" if round_ == 0 else "msg")
            assert bob.decrypt(ALICE, kind, data) == f"a{round_}{n}".encode()
        kind, data = bob.encrypt(ALICE, b"back")
        assert (kind, alice.decrypt(BOB, kind, data)) == ("msg", b"back")


def test_messages_may_come_in_any_order_within_a_chain() -> None:
    alice, bob = Identity(), Identity()
    alice.meet(BOB, bob.bundle())
    sent = [alice.encrypt(BOB, str(n).encode()) for n in range(10)]
    first, rest = sent[0], sent[1:]
    assert bob.decrypt(ALICE, *first) == b"0"
    order = list(enumerate(rest, 1))
    random.Random(3).shuffle(order)
    for n, (kind, data) in order:
        assert bob.decrypt(ALICE, kind, data) == str(n).encode()


def test_a_message_is_read_once() -> None:
    alice, bob = Identity(), Identity()
    alice.meet(BOB, bob.bundle())
    kind, data = alice.encrypt(BOB, b"once")
    assert bob.decrypt(ALICE, kind, data) == b"once"
    with pytest.raises(CannotDecrypt, match="read before"):
        bob.decrypt(ALICE, kind, data)


@pytest.mark.parametrize("place", [1, 20, 60, -1])
def test_a_changed_message_is_not_read(place: int) -> None:
    alice, bob = Identity(), Identity()
    alice.meet(BOB, bob.bundle())
    bob.decrypt(ALICE, *alice.encrypt(BOB, b"hello"))
    alice.decrypt(BOB, *bob.encrypt(ALICE, b"hello"))
    kind, data = alice.encrypt(BOB, b"secret")
    changed = bytearray(data)
    changed[place] ^= 1
    with pytest.raises((CannotDecrypt, ValueError)):
        bob.decrypt(ALICE, kind, bytes(changed))


def test_a_stranger_is_not_read() -> None:
    with pytest.raises(CannotDecrypt):
        Identity().decrypt(
            ALICE, "msg", b"\x33" + pack({1: b"\x05" + bytes(32), 2: 0, 4: bytes(16)}) + bytes(8)
        )


# -- groups ----------------------------------------------------------------------------------------------


def test_a_member_reads_from_where_it_was_given_the_key() -> None:
    writer = SenderKey.make()
    writer.encrypt(b"before")
    reader = SenderKey.read(writer.distribution())
    first, second = writer.encrypt(b"first"), writer.encrypt(b"second")
    assert reader.decrypt(second) == b"second"
    assert reader.decrypt(first) == b"first"
    with pytest.raises(CannotDecrypt, match="read before"):
        reader.decrypt(first)


def test_only_the_owner_of_a_group_key_can_write_with_it() -> None:
    writer = SenderKey.make()
    reader = SenderKey.read(writer.distribution())
    with pytest.raises(TypeError):
        reader.encrypt(b"x")
    forged = bytearray(writer.encrypt(b"x"))
    forged[-1] ^= 1
    with pytest.raises(CannotDecrypt, match="signature"):
        reader.decrypt(bytes(forged))


# -- app state -------------------------------------------------------------------------------------------


def _pinned(pinned: bool) -> action_pb.SyncActionValue:
    return action_pb.SyncActionValue(pinAction=action_pb.PinAction(pinned=pinned))


def test_a_value_that_is_replaced_leaves_no_trace_in_the_sum() -> None:
    state = AppState()
    state.put("regular", ["pin_v1", "a"], _pinned(True))
    state.put("regular", ["pin_v1", "b"], _pinned(True))
    state.put("regular", ["pin_v1", "a"], _pinned(False))
    kept = state.collection("regular")
    assert kept.version == 3
    assert len(kept.macs) == 2
    assert kept.total == app_state.summed(bytes(128), kept.macs.values(), 1)


def test_a_companions_change_is_read_and_removed_again() -> None:
    state = AppState()
    state.put("regular", ["pin_v1", "a"], _pinned(True))
    (patch,) = state.collection("regular").patches
    other = AppState(state.key_id, state.key)
    (written,) = other.accept("regular", patch.SerializeToString())
    assert (list(written.place), written.value.pinAction.pinned, written.removed) == (
        ["pin_v1", "a"],
        True,
        False,
    )
    assert other.collection("regular").total == state.collection("regular").total
    patch.mutations[0].operation = sync_pb.SyncdMutation.REMOVE
    (gone,) = other.accept("regular", patch.SerializeToString())
    assert gone.removed
    assert other.collection("regular").total == bytes(128)
    assert [one.version.version for one in other.collection("regular").since(1)] == [2]


# -- files and fields ------------------------------------------------------------------------------------


def test_a_file_is_opened_with_its_key_alone() -> None:
    store = MediaStore()
    stored = store.put(b"picture", "image")
    assert store.read(stored.path, stored.key, "image") == b"picture"
    with pytest.raises(ValueError, match="seal"):
        store.read(stored.path, stored.key, "video")


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 1000])
def test_padding_comes_off_again(size: int) -> None:
    assert unpad(pad(bytes(size))) == bytes(size)


def test_fields_are_written_and_read() -> None:
    packed = pack({1: 300, 2: b"abc", 3: None, 4: 0})
    fields = Fields(packed)
    assert (fields.number(1), fields.data(2), fields.has(3), fields.number(4, 9)) == (300, b"abc", False, 0)
    with pytest.raises(ValueError, match="field 3 is missing"):
        fields.data(3)
    with pytest.raises(ValueError, match="too early"):
        Fields(b"\x08\xff")
