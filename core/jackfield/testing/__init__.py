"""For authors of channel plugins: the conformance suite, and the things it is made of."""

from .bench import NOW
from .events import faults_of
from .fence import LeftLoopback, no_network, only_loopback
from .port import FakePort, MemoryFile
from .samples import IdPair, WebhookSample
from .static import foreign_imports
from .suite import ChannelContract

__all__ = [
    "NOW",
    "ChannelContract",
    "FakePort",
    "IdPair",
    "LeftLoopback",
    "MemoryFile",
    "WebhookSample",
    "faults_of",
    "foreign_imports",
    "no_network",
    "only_loopback",
]
