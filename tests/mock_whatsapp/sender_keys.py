"""Sender keys: in a group each member encrypts once for all, with a key the others were given before."""

from __future__ import annotations

import os
from typing import NamedTuple, Self

from .curve import KeyPair, sign, signed
from .curve import derive as hkdf
from .fields import Fields, pack
from .ratchet import DJB, VERSION, ZERO, CannotDecrypt
from .sealing import decrypt, encrypt, mac

SIGNATURE = 64  # bytes


class _Keys(NamedTuple):
    iv: bytes
    cipher: bytes


class SenderKey:
    """One member's key for one group: with `signing` it can write, without it only read."""

    def __init__(
        self, number: int, chain: bytes, public: bytes, *, count: int = 0, signing: KeyPair | None = None
    ) -> None:
        self._number, self._chain, self._public, self._signing = number, chain, public, signing
        self.count = count  # of the next message
        self._skipped: dict[int, _Keys] = {}

    @classmethod
    def make(cls) -> Self:
        signing = KeyPair()
        number = int.from_bytes(os.urandom(4), "big") & 0x7FFFFFFF
        return cls(number, os.urandom(32), signing.public, signing=signing)

    @classmethod
    def read(cls, distribution: bytes) -> Self:
        """As another member was given it. Raises ValueError."""
        fields = Fields(distribution[1:])
        return cls(fields.number(1), fields.data(3), fields.data(4)[1:], count=fields.number(2))

    def distribution(self) -> bytes:
        """What the others need to read from here on."""
        return VERSION + pack({1: self._number, 2: self.count, 3: self._chain, 4: DJB + self._public})

    def encrypt(self, plain: bytes) -> bytes:
        if self._signing is None:
            raise TypeError("this key is somebody else's: it can only read")
        count, keys = self.count, self._next()
        body = VERSION + pack({1: self._number, 2: count, 3: encrypt(keys.cipher, keys.iv, plain)})
        return body + sign(self._signing.private, body)

    def decrypt(self, data: bytes) -> bytes:
        """Raises CannotDecrypt."""
        body, signature = data[:-SIGNATURE], data[-SIGNATURE:]
        if not signed(self._public, body, signature):
            raise CannotDecrypt("the signature of the group message is wrong")
        fields = Fields(body[1:])
        count = fields.number(2)
        while self.count < count:
            place = self.count
            self._skipped[place] = self._next()
        keys = self._next() if count == self.count else self._skipped.pop(count, None)
        if keys is None:
            raise CannotDecrypt(f"group message {count} was read before")
        return decrypt(keys.cipher, keys.iv, fields.data(3))

    def _next(self) -> _Keys:
        keys = hkdf(mac(self._chain, b"\x01"), 48, salt=ZERO, info=b"WhisperGroup")
        self._chain, self.count = mac(self._chain, b"\x02"), self.count + 1
        return _Keys(keys[:16], keys[16:])
