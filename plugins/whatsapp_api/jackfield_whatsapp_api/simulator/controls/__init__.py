"""Calls of the control API that have a module of their own.

Each module brings POSTS (path: what its body is, and what is done with it) and GETS (path: what is shown).
"""

from __future__ import annotations

from . import faults, kinds, numbers, reviews, tools
from .wish import Gets, Posts

POSTS: Posts = {**faults.POSTS, **kinds.POSTS, **numbers.POSTS, **reviews.POSTS, **tools.POSTS}
GETS: Gets = {**faults.GETS, **kinds.GETS, **numbers.GETS, **reviews.GETS, **tools.GETS}

__all__ = ["GETS", "POSTS"]
