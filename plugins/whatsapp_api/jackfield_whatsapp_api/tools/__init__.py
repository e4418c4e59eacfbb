"""What a business account has beside its conversations: profile, shop, links, blocks, automation, figures.

Each module converts one of them both ways and is pure; `desk.py` does the calls.
"""

from .desk import Desk

__all__ = ["Desk"]
