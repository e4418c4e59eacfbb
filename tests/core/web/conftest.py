"""The web part with everything behind it, on both engines or on the quick one."""

from __future__ import annotations

from web_fixtures import site, world

__all__ = ["site", "world"]
