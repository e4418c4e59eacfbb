"""A mock of WhatsApp's servers, on the loopback interface, for engines that speak its web protocol."""

from __future__ import annotations

from . import loading as loading
from .devices import Account, Device, Group, Heard, Ticked
from .nodes import Jid, Node
from .pairing import NotLinked
from .phone import Phone
from .server import MockWhatsApp

__all__ = [
    "Account",
    "Device",
    "Group",
    "Heard",
    "Jid",
    "MockWhatsApp",
    "Node",
    "NotLinked",
    "Phone",
    "Ticked",
]
