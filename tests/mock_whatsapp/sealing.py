"""The symmetric pieces that messages, media and app state share: AES-CBC, HMAC, padding."""

from __future__ import annotations

import hashlib
import hmac
import os

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, CTR

BLOCK = 16  # bytes


def encrypt(key: bytes, iv: bytes, plain: bytes) -> bytes:
    """AES-256-CBC with PKCS 7."""
    size = BLOCK - len(plain) % BLOCK
    cipher = Cipher(AES(key), CBC(iv)).encryptor()
    return cipher.update(plain + bytes([size]) * size) + cipher.finalize()


def decrypt(key: bytes, iv: bytes, sealed: bytes) -> bytes:
    cipher = Cipher(AES(key), CBC(iv)).decryptor()
    plain = cipher.update(sealed) + cipher.finalize()
    return plain[: -plain[-1]]


def stream(key: bytes, iv: bytes, data: bytes) -> bytes:
    """AES-CTR, both ways."""
    return Cipher(AES(key), CTR(iv)).encryptor().update(data)


def mac(key: bytes, *data: bytes, sha: str = "sha256") -> bytes:
    made = hmac.new(key, digestmod=sha)
    for piece in data:
        made.update(piece)
    return made.digest()


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def pad(plain: bytes) -> bytes:
    """1 to 15 bytes that each say how many they are, so that lengths tell less."""
    size = os.urandom(1)[0] % 15 + 1
    return plain + bytes([size]) * size


def unpad(plain: bytes) -> bytes:
    return plain[: -plain[-1]]
