"""Secrets we hand out: random, shown once, kept only as their SHA-256."""

from __future__ import annotations

import hashlib
import secrets

API_TOKEN = "jf_"  # noqa: S105  # the prefix by which leak scanners know a token


def new_key(prefix: str = "") -> str:
    """256 random bits, in letters an URL and a cookie can hold."""
    return prefix + secrets.token_urlsafe(32)


def digest(key: str) -> str:
    """What is kept of a key. The key is random, so a plain hash cannot be searched."""
    return hashlib.sha256(key.encode()).hexdigest()


def same(one: str, other: str) -> bool:
    """Compare without telling by the time how much was right."""
    return secrets.compare_digest(one.encode(), other.encode())
