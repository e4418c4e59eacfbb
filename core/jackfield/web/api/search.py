"""Search: messages by their words."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct, field

from jackfield.inbox.reading import Wanted
from jackfield.inbox.search.query import LONGEST
from jackfield.wire.search import Has, SearchPage
from jackfield.wire.views import Direction

from .call import Call
from .registry import Api

api = Api("search")

Moment = Annotated[int, Meta(ge=0, le=1 << 43)]


class SearchQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`q`: words that must all be there, in any form; the last one may be unfinished. `before` and `after`:
    the message's time. `cursor`: the `next` of the page before. Without a workspace: all that I see."""

    q: Annotated[str, Meta(max_length=LONGEST)]
    workspace: str | None = None
    conversation: str | None = None
    channel: str | None = None
    sender: Direction | None = field(default=None, name="from")
    has: Has | None = None
    before: Moment | None = None
    after: Moment | None = None
    cursor: str | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 20


@api.get("/search")
async def search(call: Call, query: SearchQuery) -> SearchPage:
    """Messages in which all these words are, the newest first, with the words around them."""
    wanted = Wanted(
        q=query.q,
        workspace=query.workspace,
        conversation=query.conversation,
        channel=query.channel,
        sender=query.sender,
        has=query.has,
        before=query.before,
        after=query.after,
    )
    return await call.parts.reading.search(call.visitor.roles, wanted, after=query.cursor, limit=query.limit)
