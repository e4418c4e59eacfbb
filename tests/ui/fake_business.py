"""What a business account has beside its conversations, for the fake server: people, products, receipts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import fake_search
import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from jackfield.channel import Address, CarouselLimit, CatalogItem, ChoiceLimit, Level, ProductLimit
from jackfield.wire import stream
from jackfield.wire.views import ContactView, IdentityView

if TYPE_CHECKING:
    from fake_server import World

ABLE = ("choices", "products", "carousel", "location", "contacts")
CHOICES = ChoiceLimit(
    level=Level.FULL,
    styles=("buttons", "list", "link", "location_request", "address", "form", "call_permission"),
    buttons=3,
    button_title=20,
    rows=10,
    row_title=24,
    row_description=72,
    sections=10,
    section_title=24,
    opener=20,
    body=1024,
    list_body=4096,
    header=60,
    footer=60,
    form_title=20,
)
PRODUCTS = ProductLimit(
    level=Level.FULL, items=30, sections=10, section_title=24, body=1024, header=60, footer=60, whole=True
)
CAROUSEL = CarouselLimit(
    level=Level.FULL, least=2, most=10, body=1024, card_body=160, buttons=2, button_title=20, media=("image",)
)
GOODS = [
    CatalogItem(id=f"sku-{n}", name=name, price=f"{n * 450} ₽", available=n != 3)
    for n, name in enumerate(("Шарф", "Варежки", "Шапка", "Плед", "Носки", "Свитер"), start=1)
]


def person(world: World, contact: str) -> ContactView | None:
    """The one with whom the first conversation is; Ivan says and is known by more than the others."""
    row = next((one for one in world.conversations.values() if one.contact == contact), None)
    if row is None:
        return fake_search.NEWCOMER if contact == "p_new" else world.people.get(contact)
    plain = fake_search.person(row)
    blocked = {f"blocked.{row.channel}": "yes"} if row.id in world.blocked else {}
    if contact != "p_1":
        return msgspec.structs.replace(plain, attributes=blocked, rev=world.seqs[row.ws])
    long = Address(kind="bsuid", value="RU.13491208655302741918", scope="1")
    more = IdentityView(id="i_b", address=long, shown=long.value, source="network", at=1)
    wishes = {"consent.marketing": "stop", "consent.marketing.at": "1763812800000", "username": "ivan.petrov"}
    return msgspec.structs.replace(
        plain,
        rev=world.seqs[row.ws],
        identities=(*plain.identities, more),
        attributes={**blocked, **wishes, "Город": "Санкт-Петербург"},
    )


def routes(world: World) -> list[BaseRoute]:
    def said(body: object) -> Response:
        return Response(msgspec.json.encode(body), media_type="application/json")

    async def contact(request: Request) -> Response:
        found = person(world, request.path_params["contact"])
        return said(found) if found else JSONResponse({"code": "not_found"}, 404)

    async def block(request: Request) -> Response:
        row = world.conversations[request.path_params["conv"]]
        change = world.blocked.add if request.method == "POST" else world.blocked.discard
        change(row.id)
        world.seqs[row.ws] += 1  # the contact's next rev
        if found := person(world, row.contact or ""):
            world.seqs[row.ws] -= 1
            world.emit(row.ws, stream.ContactChanged(contact=found))
        return said({"type": "did", "seq": world.seqs[row.ws]})

    async def shop(_request: Request) -> Response:
        return said({"catalog": "catalog-1", "cart": True, "visible": True})

    async def catalogue(request: Request) -> Response:
        asked, start = (
            request.query_params.get("query", "").lower(),
            int(request.query_params.get("after", 0)),
        )
        found = [one for one in GOODS if asked in one.name.lower()]
        return said(
            {"items": found[start : start + 4], "after": str(start + 4) if len(found) > start + 4 else ""}
        )

    async def receipts(request: Request) -> Response:
        charge = {
            "pricing": {"billable": True, "pricing_model": "PMP", "category": "utility", "type": "regular"}
        }
        steps = (("sent", charge), ("delivered", None), ("read", None))
        rows = [
            {"level": level, "at": 1_763_812_800_000 + n * 2_000, "person": "", "detail": detail}
            for n, (level, detail) in enumerate(steps)
        ]
        return said({"items": rows, "next": None})

    return [
        Route("/api/v1/contacts/{contact}", contact),
        Route("/api/v1/conversations/{conv}/block", block, methods=["POST", "DELETE"]),
        Route("/api/v1/channels/{channel}/shop", shop),
        Route("/api/v1/channels/{channel}/catalogue", catalogue),
        Route("/api/v1/messages/{message}/receipts", receipts),
    ]
