"""What the fake server finds: words that begin so, newest first, in pages."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from jackfield.channel import Address
from jackfield.wire.search import Piece, SearchHit, SearchPage
from jackfield.wire.views import ContactView, ConversationView, IdentityView, MessageView

if TYPE_CHECKING:
    from fake_server import World

WORD = re.compile(r"\w+")
AROUND = 60  # characters of a snippet before the first hit


def starts(text: str, words: Iterable[str]) -> list[tuple[int, int]]:
    """Where words of the text begin with one of these."""
    return [found.span() for found in WORD.finditer(text) if found[0].lower().startswith(tuple(words))]


def snippet(text: str, words: list[str]) -> tuple[Piece, ...]:
    spans = starts(text, words)
    begin = max(0, spans[0][0] - AROUND)
    pieces: list[Piece] = []
    for start, end in spans:
        pieces += [Piece(text=text[begin:start]), Piece(text=text[start:end], hit=True)]
        begin = end
    return tuple(piece for piece in (*pieces, Piece(text=text[begin : begin + 120])) if piece.text)


def search(world: World, asked: Mapping[str, str]) -> SearchPage:
    words = [word.lower() for word in WORD.findall(asked["q"])]

    def belongs(row: ConversationView) -> bool:
        return (
            asked.get("workspace", row.ws) == row.ws
            and asked.get("channel", row.channel) == row.channel
            and asked.get("conversation", row.id) == row.id
        )

    def fits(message: MessageView) -> bool:
        return (
            all(starts(message.text, [word]) for word in words)
            and asked.get("from", message.dir) == message.dir
            and ("has" not in asked or (message.kind == "media" and asked["has"] in ("media", "photo")))
            and int(asked.get("after", 0)) <= message.at < int(asked.get("before", 1 << 62))
        )

    rows = [row for row in world.conversations.values() if belongs(row)]
    found = [(message, row) for row in rows for message in world.messages[row.id] if fits(message)]
    found.sort(key=lambda one: -one[0].at)
    start, limit = int(asked.get("cursor", 0)), int(asked.get("limit", 20))
    hits = [
        SearchHit(msg=message, conv=row, snippet=snippet(message.text, words))
        for message, row in found[start : start + limit]
    ]
    return SearchPage(hits=tuple(hits), next=str(start + limit) if start + limit < len(found) else None)


def person(row: ConversationView) -> ContactView:
    phone = Address(kind="phone", value=row.peer)
    identity = IdentityView(id=f"i_{row.contact}", address=phone, shown=row.peer, source="network", at=1)
    return ContactView(id=row.contact or "", ws=row.ws, rev=1, name=row.name, identities=(identity,))


NEWCOMER = ContactView(
    id="p_new",
    ws="w_1",
    rev=1,
    name="Зинаида Новикова",
    identities=(
        IdentityView(
            id="i_new",
            address=Address(kind="phone", value="+79117778899"),
            shown="+7 911 777-88-99",
            source="operator",
            at=1,
        ),
    ),
)
"""Somebody with whom nobody has talked yet."""


def routes(world: World) -> list[BaseRoute]:
    def said(body: object) -> Response:
        return Response(msgspec.json.encode(body), media_type="application/json")

    async def find(request: Request) -> Response:
        world.searches.append(dict(request.query_params))
        await asyncio.sleep(world.search_takes.get(request.query_params["q"], 0))
        if world.search_fails:
            return JSONResponse({"code": "unavailable", "detail": "The store is away."}, 503)
        return said(search(world, request.query_params))

    async def contacts(request: Request) -> Response:
        asked = request.query_params
        people = [NEWCOMER, *map(person, world.conversations.values())]
        found = [one for one in people if one.name.lower().startswith(asked["q"].lower())]
        mine = [one for one in found if asked.get("workspace", one.ws) == one.ws]
        return said({"items": mine[: int(asked["limit"])], "next": None})

    async def threads(request: Request) -> Response:
        rows = [one for one in world.conversations.values() if one.contact == request.path_params["contact"]]
        return said({"items": rows, "next": None})

    async def conversation(request: Request) -> Response:
        row = world.conversations.get(request.path_params["conv"])
        return said(row) if row else JSONResponse({"code": "not_found"}, 404)

    return [
        Route("/api/v1/search", find),
        Route("/api/v1/contacts", contacts),
        Route("/api/v1/contacts/{contact}/conversations", threads),
        Route("/api/v1/conversations/{conv}", conversation),
    ]
