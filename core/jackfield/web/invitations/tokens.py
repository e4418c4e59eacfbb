"""The secret in a link: 256 random bits and our signature under them; kept as a SHA-256."""

from __future__ import annotations

from jackfield.store.box import Box
from jackfield.web.auth.keys import digest, new_key, same

ABOUT = "invitation"
_KEY = len(new_key())


def new_token(box: Box) -> str:
    """One to be shown once."""
    key = new_key()
    return key + box.sign(key, about=ABOUT)


def digest_of(box: Box, token: str) -> str:
    """What is kept of a token; "" for one that this install has not made: nothing is looked up for it."""
    key = token[:_KEY]
    return digest(token) if same(token[_KEY:], box.sign(key, about=ABOUT)) else ""
