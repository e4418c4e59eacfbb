"""A WhatsApp Cloud API on loopback: the plugin's other side, for tests, the demo and trying things out."""

from .model import Attempt, Callback, Customer, Number, Received, Said, Template
from .script import (
    Break,
    Duplicate,
    FailedWithContacts,
    FailLater,
    Fault,
    Gather,
    Hang,
    Refuse,
    SkipDelivered,
)
from .settings import Settings
from .simulator import Simulator

__all__ = [
    "Attempt",
    "Break",
    "Callback",
    "Customer",
    "Duplicate",
    "FailLater",
    "FailedWithContacts",
    "Fault",
    "Gather",
    "Hang",
    "Number",
    "Received",
    "Refuse",
    "Said",
    "Settings",
    "Simulator",
    "SkipDelivered",
    "Template",
]
