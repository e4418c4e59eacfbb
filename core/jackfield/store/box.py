"""Secrets at rest: AES-256-GCM under the install's key, each bound to what it belongs to."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from jackfield.errors import Problem
from jackfield.settings import Settings

_PREFIX = "v1:"  # of a sealed text: another way to seal gets another one
_KEY, _NONCE, _SIGNATURE = 32, 12, 16  # bytes


class NotOpened(Problem):
    """A secret that this key does not open: another key, another owner, or a changed text."""

    code, status = "secret", 500


class Box:
    """Seals and opens texts. `about` says whose secret it is ("channel:5"); elsewhere it stays shut."""

    def __init__(self, key: bytes) -> None:
        if len(key) != _KEY:
            raise ValueError(f"the key has {len(key)} bytes, not {_KEY}")
        self._cipher = AESGCM(key)
        self._signing = hmac.digest(key, b"jackfield: signatures", hashlib.sha256)  # one key for one thing

    def seal(self, text: str, *, about: str) -> str:
        nonce = secrets.token_bytes(_NONCE)
        sealed = self._cipher.encrypt(nonce, text.encode(), about.encode())
        return _PREFIX + base64.b64encode(nonce + sealed).decode()

    def open(self, sealed: str, *, about: str) -> str:
        """The text that was sealed; "" for "". Raises NotOpened."""
        if not sealed:
            return ""
        if not sealed.startswith(_PREFIX):
            raise NotOpened("not sealed in a way that is known")
        try:
            raw = base64.b64decode(sealed[len(_PREFIX) :], validate=True)
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], about.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise NotOpened("it was sealed with another key, or for another owner") from error

    def sign(self, text: str, *, about: str) -> str:
        """What only this install can write under a text: 22 signs an URL can hold. `about` says what the
        text is for; for something else it is another signature."""
        whole = hmac.digest(self._signing, f"{about}\0{text}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(whole[:_SIGNATURE]).decode().rstrip("=")


async def open_box(settings: Settings) -> Box:
    """The box under the install's key: settings.secret, or data/secret.key, made at the first start.

    Raises ValueError if the key is not 32 bytes in base64.
    """
    if settings.secret:
        return Box(_decoded(settings.secret, "JACKFIELD_SECRET"))
    return Box(await asyncio.to_thread(_key_of, _path_of(settings)))


def box_of(key: str, where: str) -> Box:
    """The box under a key in base64. Raises ValueError naming `where` it came from."""
    return Box(_decoded(key, where))


def find_key(settings: Settings) -> str:
    """The install's key in base64; "" if it has none yet."""
    path = _path_of(settings)
    return settings.secret or (path.read_text().strip() if path.exists() else "")


def put_key(settings: Settings, key: str) -> None:
    """Give a key to an install that has none. Raises FileExistsError, OSError."""
    _write_new(_path_of(settings), key.encode() + b"\n")


def _path_of(settings: Settings) -> Path:
    return settings.data / "secret.key"


def _decoded(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except ValueError as error:
        raise ValueError(f"{where} is not base64") from error
    if len(key) != _KEY:
        raise ValueError(f"{where} has {len(key)} bytes in base64; it is to have {_KEY}")
    return key


def _key_of(path: Path) -> bytes:
    """Read the key; make it if there is none. Two processes at their first start end with one key."""
    if not path.exists():
        with suppress(FileExistsError):  # another process was faster: its key counts
            _write_new(path, base64.b64encode(secrets.token_bytes(_KEY)) + b"\n")
    return _decoded(path.read_text(), str(path))


def _write_new(path: Path, text: bytes) -> None:
    """A file for its owner alone, whole or not at all. Raises FileExistsError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
