"""A WhatsApp Cloud API on loopback: the plugin's other side, for tests, the demo and trying things out."""

from .model import Attempt, Callback, Customer, Number, Received, Said, Template
from .script import (
    Break,
    Duplicate,
    ExpiredUrl,
    FailedWithContacts,
    FailLater,
    Fault,
    Gather,
    Hang,
    Late,
    Refuse,
    RefuseCall,
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
    "ExpiredUrl",
    "FailLater",
    "FailedWithContacts",
    "Fault",
    "Gather",
    "Hang",
    "Late",
    "Number",
    "Received",
    "Refuse",
    "RefuseCall",
    "Said",
    "Settings",
    "Simulator",
    "SkipDelivered",
    "Template",
]
