"""Is it the provider who calls? Both checks fail closed and take the same time whatever differs."""

from __future__ import annotations

import hashlib
import hmac
import re

HEADER = "x-hub-signature-256"
FORM = re.compile(r"sha256=([0-9a-f]{64})", re.ASCII | re.IGNORECASE)


def sign(secret: str, body: bytes) -> str:
    """The header's value for these bytes: HMAC-SHA256 with the app's secret."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def signed(secret: str, body: bytes, header: str) -> bool:
    """Whether `header` signs these bytes, just as they came. Without a secret nothing is signed."""
    found = FORM.fullmatch(header.strip())
    if not secret or found is None:
        return False
    return hmac.compare_digest(sign(secret, body), f"sha256={found[1].lower()}")


def same_token(ours: str, theirs: str) -> bool:
    """Whether the hook's verify token is ours. An empty one of ours matches nothing."""
    return bool(ours) and hmac.compare_digest(ours.encode(), theirs.encode("utf-8", "surrogatepass"))
