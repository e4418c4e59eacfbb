"""A fence around a test: connections beyond loopback (or any at all) are refused and remembered.

It sees what Python's own sockets do. A native library with sockets of its own passes unseen.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, cast
from unittest.mock import patch

Allowed = Callable[[str], bool]


class LeftLoopback(OSError):
    """Somebody tried to reach an address behind the fence."""


def is_loopback(host: str) -> bool:
    if host in ("", "localhost") or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


@contextmanager
def only_loopback() -> Generator[list[str]]:
    """Refuse all but loopback and Unix sockets. Gives the list of what was tried in vain."""
    with _fence(is_loopback) as attempts:
        yield attempts


@contextmanager
def no_network() -> Generator[list[str]]:
    """Refuse every address but those of Unix sockets. Gives the list of what was tried in vain."""
    with _fence(lambda _: False) as attempts:
        yield attempts


@contextmanager
def _fence(allowed: Allowed) -> Generator[list[str]]:
    attempts: list[str] = []

    def check(address: object) -> None:
        if not isinstance(address, tuple):  # of a Unix socket
            return
        host = str(cast("tuple[object, ...]", address)[0])
        if not allowed(host):
            attempts.append(host)
            raise LeftLoopback(f"{host} is not to be reached from a test")

    # Any: these wrap functions of the standard library with their arguments as they come
    def guarded(real: Callable[..., Any], where: int) -> Callable[..., Any]:
        def call(self: socket.socket, *args: Any) -> Any:
            check(args[where])
            return real(self, *args)

        return call

    real_lookup: Callable[..., Any] = socket.getaddrinfo

    def lookup(host: bytes | str | None, *args: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None:
            check((name,))
        return real_lookup(host, *args, **options)

    with (
        patch.object(socket.socket, "connect", guarded(socket.socket.connect, 0)),
        patch.object(socket.socket, "connect_ex", guarded(socket.socket.connect_ex, 0)),
        patch.object(socket.socket, "sendto", guarded(socket.socket.sendto, -1)),
        patch.object(socket, "getaddrinfo", lookup),
    ):
        yield attempts
