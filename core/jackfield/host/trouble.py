"""What the host refuses or could not do.

HostError
├── NoSuchKind     no loaded plugin brings this kind
├── CannotOpen     the plugin refused this configuration
├── NotOpen        the channel is not open here
├── Closed         a channel used its port after it was closed
├── Stuck          a channel does not end, however often it is cancelled
└── LoginEnded     the login was cancelled, took too long, or is done
"""

from __future__ import annotations

from typing import ClassVar


class HostError(Exception):
    """`code` is a stable word for it."""

    code: ClassVar[str] = "host"


class NoSuchKind(HostError):
    code = "no_such_kind"


class CannotOpen(HostError):
    code = "cannot_open"


class NotOpen(HostError):
    code = "not_open"


class Closed(HostError):
    code = "closed"


class Stuck(HostError):
    code = "stuck"


class LoginEnded(HostError):
    code = "login_ended"
