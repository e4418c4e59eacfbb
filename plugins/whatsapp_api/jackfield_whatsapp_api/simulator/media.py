"""Addresses of media bytes: signed, and good for five minutes."""

from __future__ import annotations

import hmac

from .model import Media
from .script import ExpiredUrl
from .settings import URL_LIFE
from .signature import sign
from .world import World


def media_url(world: World, media: Media) -> str:
    """Where the bytes can be fetched from now on; the token is needed as well."""
    life = -URL_LIFE if world.script.take(ExpiredUrl, number=media.owner) else URL_LIFE
    expires = int((world.state.clock.now() + life).timestamp())
    return f"{world.url}/media/{media.id}?ext={expires}&hash={_hash(world, media.id, expires)}"


def still_good(world: World, media_id: str, expires: str, hash_: str) -> bool:
    if not expires.isdecimal() or int(expires) < world.state.clock.now().timestamp():
        return False
    return hmac.compare_digest(hash_.encode(), _hash(world, media_id, int(expires)).encode())


def _hash(world: World, media_id: str, expires: int) -> str:
    return sign(f"{media_id}/{expires}".encode(), world.settings.app_secret).removeprefix("sha256=")[:32]
