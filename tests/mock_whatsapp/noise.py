"""The server's side of Noise_XX_25519_AESGCM_SHA256 (Noise Protocol Framework, revision 34)."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .curve import KeyPair, derive

NAME = b"Noise_XX_25519_AESGCM_SHA256\0\0\0\0"


class Hello(NamedTuple):
    """The server's answer to the first message."""

    ephemeral: bytes
    static: bytes
    payload: bytes


class Finished(NamedTuple):
    """What the handshake comes to. `theirs` opens what the client sends, `ours` seals what it gets."""

    client: bytes  # its static key
    payload: bytes
    theirs: Counted
    ours: Counted


class Counted:
    """AES-GCM with a nonce that counts up."""

    def __init__(self, key: bytes) -> None:
        self._cipher, self._count = AESGCM(key), 0

    def seal(self, plain: bytes, also: bytes = b"") -> bytes:
        return self._cipher.encrypt(self._nonce(), plain, also)

    def open(self, sealed: bytes, also: bytes = b"") -> bytes:
        """Raises cryptography's InvalidTag."""
        return self._cipher.decrypt(self._nonce(), sealed, also)

    def _nonce(self) -> bytes:
        self._count += 1
        return (self._count - 1).to_bytes(12, "big")


class Responder:
    """One handshake. `header`: the bytes that stand before the client's first frame."""

    def __init__(self, header: bytes, static: KeyPair) -> None:
        self._hash = self._chain = NAME
        self._static, self._ephemeral = static, KeyPair()
        self._cipher = Counted(NAME)
        self._mix(header)

    def hello(self, client_ephemeral: bytes, payload: bytes) -> Hello:
        self._mix(client_ephemeral)
        self._mix(self._ephemeral.public)
        self._key(self._ephemeral.agree(client_ephemeral))
        static = self._seal(self._static.public)
        self._key(self._static.agree(client_ephemeral))
        return Hello(self._ephemeral.public, static, self._seal(payload))

    def finish(self, static: bytes, payload: bytes) -> Finished:
        """Raises cryptography's InvalidTag if the client is none of ours."""
        client = self._open(static)
        self._key(self._ephemeral.agree(client))
        said = self._open(payload)
        keys = derive(b"", 64, salt=self._chain)
        return Finished(client, said, Counted(keys[:32]), Counted(keys[32:]))

    def _mix(self, data: bytes) -> None:
        self._hash = hashlib.sha256(self._hash + data).digest()

    def _key(self, secret: bytes) -> None:
        keys = derive(secret, 64, salt=self._chain)
        self._chain, self._cipher = keys[:32], Counted(keys[32:])

    def _seal(self, plain: bytes) -> bytes:
        sealed = self._cipher.seal(plain, self._hash)
        self._mix(sealed)
        return sealed

    def _open(self, sealed: bytes) -> bytes:
        plain = self._cipher.open(sealed, self._hash)
        self._mix(sealed)
        return plain
