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


class HostError(Exception):
    pass


class NoSuchKind(HostError):
    pass


class CannotOpen(HostError):
    pass


class NotOpen(HostError):
    pass


class Closed(HostError):
    pass


class Stuck(HostError):
    pass


class LoginEnded(HostError):
    pass
