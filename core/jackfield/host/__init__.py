"""Opening channels, giving each its Port, keeping them connected, and walking people through logins."""

from .backoff import BackOff
from .host import Host
from .line import Opened
from .logins import Ground, LoginSession, Taken
from .port import Backstage, Logged
from .redaction import Redact, redactor, secrets_of
from .trouble import CannotOpen, Closed, HostError, LoginEnded, NoSuchKind, NotOpen, Stuck

__all__ = [
    "BackOff",
    "Backstage",
    "CannotOpen",
    "Closed",
    "Ground",
    "Host",
    "HostError",
    "Logged",
    "LoginEnded",
    "LoginSession",
    "NoSuchKind",
    "NotOpen",
    "Opened",
    "Redact",
    "Stuck",
    "Taken",
    "redactor",
    "secrets_of",
]
