"""Ids shaped as the provider's: numeric objects, wamids, business-scoped user ids."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .model import Customer


def numeric() -> str:
    """A fresh id of an account, number, media file or template."""
    return str(10**14 + secrets.randbelow(9 * 10**14))


def wamid(phone: str) -> str:
    """A fresh message id. Opaque to everyone; the provider's carry the phone number and a random part."""
    raw = b"\x1d\x0b" + phone.encode() + b"\x15\x02\x00\x11\x18\x14" + secrets.token_hex(10).upper().encode()
    return "wamid." + base64.b64encode(raw + b"\x00").decode()


def trace() -> str:
    """An `fbtrace_id`."""
    return "A" + secrets.token_urlsafe(16)


def bsuid(customer: Customer, business: str) -> str:
    """The customer's id within one business portfolio: stable, and another one for each portfolio."""
    seed = f"{business}/{customer.phone}/{customer.generation}".encode()
    return f"{customer.country}.{int.from_bytes(hashlib.sha256(seed).digest()[:8], 'big')}"


def sha256(data: bytes) -> str:
    """As webhooks and media nodes carry it: base64."""
    return base64.b64encode(hashlib.sha256(data).digest()).decode()
