"""What a search answers: messages with the words that were found in them."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from .views import ConversationView, MessageView, View

Has = Literal["media", "photo", "video", "audio", "voice", "document", "location", "contacts", "link"]
"""What a message brings. "media": a file of any sort; "video": round ones and GIFs too."""


class Piece(View, frozen=True, kw_only=True):
    """A piece of a snippet. `hit`: it is what was looked for."""

    text: str
    hit: bool = False


class SearchHit(View, frozen=True, kw_only=True):
    """`snippet`: the words around the first hit, in order; pieces and no offsets, so that nobody has to
    count characters the same way."""

    msg: MessageView
    conv: ConversationView
    snippet: tuple[Piece, ...]


class SearchPage(Struct, frozen=True, kw_only=True):
    """Newest first. `next` None: that was all. A page may hold fewer than were asked for, even none, and
    still have a next: where the filters let little through, a page ends before it takes long."""

    hits: tuple[SearchHit, ...]
    next: str | None = None
