"""Signal sessions of a virtual phone: X3DH and the double ratchet, version 3, in memory.

Written from Signal's public specifications. Messages may be late within a chain, as they are here.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from .curve import KeyPair, derive, sign
from .fields import Fields, pack
from .sealing import decrypt, encrypt, mac

VERSION = b"\x33"
DJB = b"\x05"  # stands before every public key
ZERO = bytes(32)
MAC = 8  # bytes of it that are sent

Kind = Literal["pkmsg", "msg"]
Peer = tuple[str, int]  # LID and device


class CannotDecrypt(Exception):
    """No session, a wrong key, or a counter that was used before."""


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """What somebody needs to write to a device for the first time."""

    registration: int
    identity: bytes
    signed_id: int
    signed: bytes
    signature: bytes
    once_id: int | None = None
    once: bytes | None = None


class _Keys(NamedTuple):
    cipher: bytes
    mac: bytes
    iv: bytes


class _Chain:
    """Keys of one direction, one after another; those that were skipped are kept."""

    def __init__(self, key: bytes) -> None:
        self.count, self._key = 0, key
        self._skipped: dict[int, _Keys] = {}

    def next(self) -> _Keys:
        keys = derive(mac(self._key, b"\x01"), 80, salt=ZERO, info=b"WhisperMessageKeys")
        self._key, self.count = mac(self._key, b"\x02"), self.count + 1
        return _Keys(keys[:32], keys[32:64], keys[64:])

    def at(self, count: int) -> _Keys:
        """Raises CannotDecrypt for a counter that was used."""
        while self.count < count:
            place = self.count
            self._skipped[place] = self.next()
        if count == self.count:
            return self.next()
        if count not in self._skipped:
            raise CannotDecrypt(f"message {count} of this chain was read before")
        return self._skipped.pop(count)


@dataclass
class _Session:
    root: bytes
    mine: KeyPair
    sending: _Chain
    theirs: bytes  # identity
    receiving: dict[bytes, _Chain] = field(default_factory=dict[bytes, _Chain])
    before: int = 0  # messages in the sending chain before this one
    base: bytes = b""  # of the first message that made it
    unanswered: tuple[int | None, int, bytes] | None = None  # what goes along until they answer

    def turn(self, theirs: bytes) -> _Chain:
        keys = derive(self.mine.agree(theirs), 64, salt=self.root, info=b"WhisperRatchet")
        self.root = keys[:32]
        return _Chain(keys[32:])


class Identity:
    """The keys of one virtual device, and its sessions with others."""

    def __init__(self) -> None:
        self.key, self.signed_id, self._signed = KeyPair(), 1, KeyPair()
        self.registration = int.from_bytes(os.urandom(2), "big") & 0x3FFF
        self._once: dict[int, KeyPair] = {}
        self._made = 0
        self._sessions: dict[Peer, _Session] = {}

    def bundle(self) -> Bundle:
        """With a new key for one use."""
        self._made += 1
        once = self._once[self._made] = KeyPair()
        return Bundle(
            registration=self.registration,
            identity=self.key.public,
            signed_id=self.signed_id,
            signed=self._signed.public,
            signature=sign(self.key.private, DJB + self._signed.public),
            once_id=self._made,
            once=once.public,
        )

    def knows(self, peer: Peer) -> bool:
        return peer in self._sessions

    def forget(self, peer: Peer) -> None:
        self._sessions.pop(peer, None)

    def meet(self, peer: Peer, bundle: Bundle) -> None:
        """Begin a session from a bundle of theirs."""
        base, mine = KeyPair(), KeyPair()
        secret = (
            b"\xff" * 32
            + self.key.agree(bundle.signed)
            + base.agree(bundle.identity)
            + base.agree(bundle.signed)
            + (base.agree(bundle.once) if bundle.once else b"")
        )
        root, chain = _first_keys(secret)
        session = _Session(root, mine, _Chain(b""), bundle.identity)
        session.receiving[bundle.signed] = _Chain(chain)
        session.sending = session.turn(bundle.signed)
        session.unanswered = (bundle.once_id, bundle.signed_id, base.public)
        self._sessions[peer] = session

    def encrypt(self, peer: Peer, plain: bytes) -> tuple[Kind, bytes]:
        """Raises KeyError: meet them first."""
        session = self._sessions[peer]
        count, keys = session.sending.count, session.sending.next()
        body = VERSION + pack(
            {
                1: DJB + session.mine.public,
                2: count,
                3: session.before,
                4: encrypt(keys.cipher, keys.iv, plain),
            }
        )
        message = body + _seal(keys.mac, self.key.public, session.theirs, body)
        if session.unanswered is None:
            return "msg", message
        once, signed, base = session.unanswered
        first = {
            5: self.registration,
            1: once,
            6: signed,
            2: DJB + base,
            3: DJB + self.key.public,
            4: message,
        }
        return "pkmsg", VERSION + pack(first)

    def decrypt(self, peer: Peer, kind: str, data: bytes) -> bytes:
        """Raises CannotDecrypt."""
        try:
            if kind == "pkmsg":
                data = self._met(peer, Fields(data[1:]))
            session = self._sessions[peer]
            fields = Fields(data[1:-MAC])
            key = fields.data(1)[1:]
            if key not in session.receiving:
                self._turned(session, key)
            keys = session.receiving[key].at(fields.number(2))
        except (KeyError, ValueError) as error:
            raise CannotDecrypt(str(error)) from error
        if _seal(keys.mac, session.theirs, self.key.public, data[:-MAC]) != data[-MAC:]:
            raise CannotDecrypt("the seal of the message is wrong")
        session.unanswered = None
        return decrypt(keys.cipher, keys.iv, fields.data(4))

    def _met(self, peer: Peer, first: Fields) -> bytes:
        """Somebody began a session with us: keep it, and answer the message inside."""
        base, theirs = first.data(2)[1:], first.data(3)[1:]
        known = self._sessions.get(peer)
        if known is None or known.base != base:
            secret = (
                b"\xff" * 32 + self._signed.agree(theirs) + self.key.agree(base) + self._signed.agree(base)
            )
            if first.has(1):
                secret += self._once.pop(first.number(1)).agree(base)
            root, chain = _first_keys(secret)
            self._sessions[peer] = _Session(root, self._signed, _Chain(chain), theirs, base=base)
        return first.data(4)

    def _turned(self, session: _Session, theirs: bytes) -> None:
        session.receiving[theirs] = session.turn(theirs)
        session.before = max(session.sending.count - 1, 0)
        session.mine = KeyPair()
        session.sending = session.turn(theirs)


def _first_keys(secret: bytes) -> tuple[bytes, bytes]:
    keys = derive(secret, 64, salt=ZERO, info=b"WhisperText")
    return keys[:32], keys[32:]


def _seal(key: bytes, sender: bytes, receiver: bytes, body: bytes) -> bytes:
    return mac(key, DJB + sender + DJB + receiver + body)[:MAC]
