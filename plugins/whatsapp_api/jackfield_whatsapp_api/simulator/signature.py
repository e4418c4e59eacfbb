"""How the provider writes and signs a webhook."""

from __future__ import annotations

import hashlib
import hmac
import json

from .model import Json

HEADER = "X-Hub-Signature-256"


def encode(payload: Json) -> bytes:
    r"""Every character beyond ASCII as \uXXXX: these bytes are what is signed."""
    return json.dumps(payload, ensure_ascii=True, separators=(",", ":")).encode()


def sign(body: bytes, app_secret: str) -> str:
    return "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()
