"""The web part: REST, provider webhooks, media, sign-in, health. The websocket is in realtime/."""

from .app import create_app
from .parts import Line, Lines, Parts

__all__ = ["Line", "Lines", "Parts", "create_app"]
