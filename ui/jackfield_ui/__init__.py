"""The inbox page: a plugin that brings routes and words, and no channel. A client of the public API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jackfield.channel import Site, hookimpl

from .words import LOCALES, catalogue, translate

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

__all__ = ["LOCALES", "catalogue", "jackfield_pages", "jackfield_words", "translate"]


@hookimpl
def jackfield_pages(site: Site) -> Sequence[BaseRoute]:
    """Inbox, sign-in, static files and words."""
    from .pages import routes

    return routes(site)


@hookimpl
def jackfield_words(locale: str, key: str, parameters: Mapping[str, Any]) -> str | None:
    """Words from the catalogues of the page."""
    said = translate(locale, key, parameters)
    return None if said == key else said
