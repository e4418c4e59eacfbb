"""The provider's call that a login waits for: its handshake, or the first news of the number."""

from __future__ import annotations

from jackfield.channel import Hooked, HookRequest

from .convert_in import recipients
from .payload import TooDeep, Unreadable, decode
from .signature import HEADER, same_token, signed

COME_AGAIN = 503  # there is no channel yet: the provider tries again


def answer(request: HookRequest, *, verify_token: str, app_secret: str, phone_id: str) -> Hooked | None:
    """The handshake is answered, news of the number is told to come again. None: it is not for this login."""
    if request.method.upper() == "GET":
        query = request.query
        ours = same_token(verify_token, query.get("hub.verify_token", ""))
        if query.get("hub.mode") != "subscribe" or not ours:
            return None
        return Hooked(stored=False, body=query.get("hub.challenge", "").encode("utf-8", "replace"))
    if not signed(app_secret, request.body, request.headers.get(HEADER, "")):
        return None
    try:
        about = recipients(decode(request.body))
    except (Unreadable, TooDeep):
        return None
    return Hooked(accepted=False, status=COME_AGAIN) if phone_id in about else None
