"""The websocket /realtime: events as they happen, commands, presence. See docs/realtime.md."""

from .endpoint import Realtime, RealtimeEndpoint
from .hub import Hub, Streams
from .server import RawWebSocket

__all__ = ["Hub", "RawWebSocket", "Realtime", "RealtimeEndpoint", "Streams"]
