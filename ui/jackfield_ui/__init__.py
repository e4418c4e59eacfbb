"""The inbox page: a plugin that brings routes and words, and no channel. A client of the public API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from jackfield.channel import Site, hookimpl

from .words import LOCALES, catalogue, translate

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

__all__ = ["LOCALES", "catalogue", "jackfield_pages", "translate"]


@hookimpl
def jackfield_pages(site: Site) -> Sequence[BaseRoute]:
    """Inbox, sign-in, static files and words."""
    from .pages import routes

    return routes(site)
