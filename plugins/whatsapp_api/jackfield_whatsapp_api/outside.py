"""Connections to the outside only: an address that somebody typed must not lead to our own machines."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import aiohttp


class NotPublic(OSError):
    """The name stands for an address that is not public."""

    def __init__(self) -> None:
        super().__init__("the address is not a public one")


def connector(*, private: bool) -> aiohttp.TCPConnector:
    """What a session connects with. Each address is looked at when it is connected to, after its name
    was resolved: a name that stood for another one a moment ago does not get past."""
    return aiohttp.TCPConnector(socket_factory=None if private else public_socket)


def public_socket(info: tuple[Any, ...]) -> socket.socket:
    """A socket for an address as getaddrinfo() says it. Raises NotPublic."""
    family, kind, protocol, _, address = info
    if not is_public(address[0]):
        raise NotPublic
    return socket.socket(family=family, type=kind, proto=protocol)


def is_public(address: str) -> bool:
    """Whether an IP address is somebody else's, out in the world. Those that carry an IPv4 address
    inside are judged by that."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inside = found.ipv4_mapped or found.sixtofour or _translated(found)
        if inside is None:
            return found in _GIVEN_OUT and found.is_global
        found = inside
    return found.is_global and not found.is_multicast


_GIVEN_OUT = ipaddress.IPv6Network("2000::/3")  # all that IANA gives to anybody; the rest has other uses
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def _translated(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address behind a NAT64 one (RFC 6052)."""
    return ipaddress.IPv4Address(address.packed[-4:]) if address in _NAT64 else None
