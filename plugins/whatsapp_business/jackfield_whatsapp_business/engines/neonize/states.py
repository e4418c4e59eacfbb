"""What the engine says of its connection, as the state of a linked device."""

# pyright: reportMissingTypeStubs=false
# (the package does not say that it is typed)
from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from neonize.events import INT_TO_EVENT
from neonize.proto import Neonize_pb2 as neo

from jackfield_whatsapp_business.protocol import LinkState, Status

CATCHING_UP = 20  # messages that wait

GONE: frozenset[LinkState] = frozenset({"logged_out", "locked", "banned"})
"""The session does not exist any more."""

_PLAIN: dict[str, LinkState] = {
    "Connected": "connected",
    "Disconnected": "reconnecting",
    "KeepAliveTimeout": "reconnecting",
    "KeepAliveRestored": "connected",
    "OfflineSyncCompleted": "connected",
    "StreamReplaced": "replaced",
    "ClientOutdated": "engine_outdated",
}
_LOGIN: dict[str, LinkState] = {
    "timeout": "link_expired",
    "passkey-request": "needs_passkey",
    "passkey-confirmation": "needs_passkey",
    "err-client-outdated": "engine_outdated",
    "err-unexpected-state": "link_failed",
    "err-scanned-without-multidevice": "link_failed",
    "error": "link_failed",
}
_FAILURES: dict[str, LinkState] = {
    "LOGGED_OUT": "logged_out",
    "TEMP_BANNED": "temp_banned",
    "MAIN_DEVICE_GONE": "locked",
    "CLIENT_OUTDATED": "engine_outdated",
    "UNKNOWN_LOGOUT": "banned",
}
"""Reasons of a refused login, by the engine's names: 401, 402, 403, 405 and 406 on the wire."""


def login_status(word: str) -> Status | None:
    """What became of linking; None while it goes on ("code"), and when it is done ("success")."""
    state = _LOGIN.get(word)
    return None if state is None else Status(state=state, code=word)


def status_of(kind: int, body: bytes) -> Status | None:
    """None for events that say nothing of the connection."""
    event = INT_TO_EVENT.get(kind)
    if event is None:
        return None
    name = event.DESCRIPTOR.name
    if name in _PLAIN:
        return Status(state=_PLAIN[name])
    telling = _TELLING.get(name)
    return None if telling is None else telling(event.FromString(body))


def _logged_out(event: Any) -> Status:
    """The session is over, whoever ended it: the owner, or the network."""
    reason = neo.ConnectFailureReason.Name(event.Reason)
    return Status(state=_FAILURES.get(reason, "logged_out"), code=reason)


def _waiting(event: Any) -> Status | None:
    """What came while we were away. A few messages are no news."""
    many = event.Message >= CATCHING_UP
    return Status(state="syncing", code="offline", text=str(event.Message)) if many else None


def _banned(event: Any) -> Status:
    until = int(time.time()) + event.Expire if event.Expire else None
    return Status(state="temp_banned", code=neo.TemporaryBan.TempBanReason.Name(event.Code), until=until)


def _refused(event: Any) -> Status:
    reason = neo.ConnectFailureReason.Name(event.Reason)
    return Status(state=_FAILURES.get(reason, "reconnecting"), code=reason, text=event.Message)


def _not_linked(event: Any) -> Status | None:
    return Status(state="link_failed", text=event.Error) if event.Error else None


_TELLING: Mapping[str, Callable[[Any], Status | None]] = {
    "LoggedOut": _logged_out,
    "OfflineSyncPreview": _waiting,
    "TemporaryBan": _banned,
    "ConnectFailure": _refused,
    "PairStatus": _not_linked,
}
"""Events that say why, by the name of their message class."""
