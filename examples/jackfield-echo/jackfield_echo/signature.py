"""Who may call the webhook: the one who knows the channel's secret."""

from __future__ import annotations

import hashlib
import hmac

HEADER = "x-signature"


def sign(secret: str, body: bytes) -> str:
    """HMAC-SHA256 over the bytes as they are sent, in hexadecimal."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def is_signed(secret: str, body: bytes, said: str) -> bool:
    """False without a secret: a channel that cannot check accepts nothing."""
    return bool(secret) and hmac.compare_digest(sign(secret, body).encode(), said.lower().encode())
