"""A tour of one number: everything that the plugin can ask of the provider is asked of the simulator once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from msgspec import Struct, structs

from jackfield.channel import (
    Address,
    Automates,
    Automation,
    Blocks,
    BotCommand,
    BringsHistory,
    Card,
    Carousel,
    CarouselCard,
    ChoiceOffered,
    Contacts,
    ConversationId,
    Counts,
    DesignsTemplates,
    HasCatalogue,
    HasLinks,
    HasMedia,
    HasProfile,
    HasTemplates,
    HookedLogin,
    HookRequest,
    Labelled,
    Location,
    MarksRead,
    Media,
    MessageId,
    Moment,
    Money,
    Option,
    Part,
    Pins,
    Product,
    ProductSection,
    ProfileChange,
    Reacts,
    Starts,
    Template,
    TemplateButton,
    TemplateDesign,
    TemplateHeader,
    Text,
    TxnId,
    Types,
    Webhooks,
)
from jackfield.testing import FakePort
from jackfield_whatsapp_api import numbers, portfolio, setting_up
from jackfield_whatsapp_api.channel import CloudChannel
from jackfield_whatsapp_api.client import GraphClient
from jackfield_whatsapp_api.config import Config
from jackfield_whatsapp_api.ids import make_message
from jackfield_whatsapp_api.simulator import Customer, Number, Received, Simulator, stories
from jackfield_whatsapp_api.simulator.kit import Catalogue, Goods

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
FILES = {
    "picture": ("image/png", PNG),
    "film": ("video/mp4", b"\0\0\0\x18ftypmp42" + b"\0" * 64),
    "song": ("audio/mpeg", b"ID3" + b"\0" * 64),
    "voice": ("audio/ogg", (Path(stories.__file__).parent / "media/voice-1.ogg").read_bytes()),
    "paper": ("application/pdf", b"%PDF-1.7" + b"\0" * 64),
    "sticker": ("image/webp", b"RIFF\0\0\0\0WEBP" + b"\0" * 64),
}
YES, NO = Option(id="y", title="Yes"), Option(id="n", title="No")
PICTURE = Media(sort="image", ref="picture", mime="image/png")

SENT: Mapping[str, Part] = {
    "text": Text(body="Hello"),
    "text with a link": Text(body="See https://example.org"),
    "image": Media(sort="image", ref="picture", mime="image/png", caption="Here"),
    "video": Media(sort="video", ref="film", mime="video/mp4", caption="Here"),
    "audio": Media(sort="audio", ref="song", mime="audio/mpeg"),
    "voice": Media(sort="voice", ref="voice", mime="audio/ogg"),
    "document": Media(sort="document", ref="paper", mime="application/pdf", name="a.pdf", caption="Here"),
    "sticker": Media(sort="sticker", ref="sticker", mime="image/webp"),
    "location": Location(latitude=59.9, longitude=30.3, name="Shop", address="Nevsky 1"),
    "contacts": Contacts(cards=(Card(name="Ann Bee", phones=(Labelled(value="+15550100", label="WORK"),)),)),
    "buttons": ChoiceOffered(
        style="buttons", body="Shall we?", header="Today", footer="Shop", options=(YES, NO)),
    "buttons under a picture": ChoiceOffered(
        style="buttons", body="This?", options=(YES,), header_media=PICTURE),
    "list": ChoiceOffered(style="list", body="Which?", button="Open", options=(
        Option(id="r", title="Roses", description="Red", section="Flowers"),
        Option(id="o", title="Oak", section="Trees"))),
    "link": ChoiceOffered(style="link", body="Look", options=(
        Option(id="", title="Look", url="https://example.org"),)),
    "where are you": ChoiceOffered(style="location_request", body="Where are you?"),
    "address": ChoiceOffered(style="address", body="Where to?", data={"country": "IN"}),
    "form": ChoiceOffered(style="form", body="Book", button="Book", data={
        "form": "77", "token": "t", "screen": "START", "values": '{"day":"1"}'}),
    "call button": ChoiceOffered(style="call", body="Call us", button="Call", data={"minutes": "60"}),
    "permission to call": ChoiceOffered(style="call_permission", body="May we call?"),
    "your number": ChoiceOffered(style="contact_request", body="Your number?"),
    "product": Product(catalog="11", products=("p1",), body="This one", footer="Shop"),
    "products": Product(catalog="11", header="Flowers", body="All of them", sections=(
        ProductSection(title="Roses", products=("p1", "p2")),)),
    "catalogue": Product(catalog="11", whole=True, products=("p1",), body="All we have"),
    "carousel": Carousel(body="Look", cards=tuple(
        CarouselCard(media=PICTURE, body=f"Card {n}", options=(
            Option(id="", title="Look", url="https://example.org"),)) for n in (1, 2))),
    "carousel of products": Carousel(body="Look", catalog="11", cards=(
        CarouselCard(product="p1"), CarouselCard(product="p2"))),
    "template": Template(name="ready", language="en", parameters={"body.1": "17"}),
    "template with all": Template(
        name="sale", language="en", category="MARKETING", header_media=PICTURE,
        parameters={"body.1": "Ann", "button.0": "yes", "button.1": "17"}),
    "template with money and a day": Template(
        name="bill", language="en", parameters={"body.1": "9.50 €", "body.2": "1 December"},
        exact={"body.1": Money(amount="9.50", currency="EUR"),
               "body.2": Moment(at=datetime(2026, 12, 1, 9, tzinfo=UTC))}),
    "template with names": Template(name="named", language="en", parameters={"body.who": "Ann"}),
}  # fmt: skip


class Tour(Struct, frozen=True, kw_only=True):
    """`asked`: a message of the person; `media`: a file the person sent, by its id."""

    sim: Simulator
    shop: Number
    user: Customer
    channel: CloudChannel
    client: GraphClient
    port: FakePort
    asked: str
    media: str

    @property
    def to(self) -> ConversationId:
        return ConversationId(f"phone:+{self.user.phone}")

    @property
    def target(self) -> MessageId:
        return make_message(self.asked)

    def kinds(self) -> dict[str, str]:
        """Of each id what it is, in the words of the OpenAPI file."""
        state = self.sim.world.state
        return {
            **dict.fromkeys(state.numbers, "Phone-Number-ID"),
            **dict.fromkeys(state.accounts, "WABA-ID"),
            **dict.fromkeys(state.templates, "TEMPLATE_ID"),
            **dict.fromkeys(state.media, "Media-ID"),
            self.sim.settings.app_id: "App-ID",
            **{one.catalogue.id: "Catalogue-ID" for one in state.accounts.values() if one.catalogue},
            **{one.business_id: "Business-ID" for one in state.accounts.values()},
        }


Step = Callable[[Tour], Awaitable[object]]


def _sends(part: Part) -> Step:
    return lambda tour: tour.channel.send(tour.to, [part], TxnId("txn-1"))


async def _downloaded(tour: Tour) -> None:
    found = await tour.channel.download(tour.media)
    assert b"".join([chunk async for chunk in found.chunks]) == PNG


DESIGN = TemplateDesign(
    name="order_on_its_way",
    language="en",
    category="utility",
    header=TemplateHeader(form="text", text="Order {{1}}"),
    body="Dear {{1}}, it comes {{2}} by bicycle.",
    footer="Corner Shop",
    buttons=(
        TemplateButton(form="reply", title="Thanks"),
        TemplateButton(form="url", title="Follow", value="https://example.org/{{1}}"),
    ),
    examples={"header.1": "17", "body.1": "Ann", "body.2": "today", "button.1": "https://example.org/17"},
)
WITH_PICTURE = structs.replace(
    DESIGN,
    name="with_a_picture",
    header=TemplateHeader(form="image", file="picture"),
    examples={name: value for name, value in DESIGN.examples.items() if name != "header.1"},
)


async def _reviewed(tour: Tour, name: str) -> str:
    """The id of a template that was just made, after its review."""
    await tour.sim.settled()
    return next(one.id for one in tour.sim.world.state.templates.values() if one.name == name)


async def _edits(tour: Tour) -> None:
    changed = structs.replace(DESIGN, footer="The corner shop")
    await tour.channel.edit_template(await _reviewed(tour, DESIGN.name), changed)


async def _unpauses(tour: Tour) -> None:
    template = await _reviewed(tour, DESIGN.name)
    tour.sim.template_becomes(template, "PAUSED")
    await tour.channel.unpause_template(template)


async def _deletes(tour: Tour) -> None:
    template = await _reviewed(tour, DESIGN.name)
    await tour.channel.delete_template(template, name=DESIGN.name, every_language=False)


async def _linked(tour: Tour) -> None:
    link = await tour.channel.save_link("Hello, I come from the poster")
    await tour.channel.save_link("Hello, I come from the shop window", link.id)
    await tour.channel.link_picture(link.id, "svg")
    await tour.channel.links()
    await tour.channel.delete_link(link.id)


async def _blocks(tour: Tour) -> None:
    person = Address(kind="phone", value=f"+{tour.user.phone}")
    assert await tour.channel.block([person]) == []
    assert await tour.channel.blocked()
    assert await tour.channel.unblock([person]) == []


async def _past(tour: Tour) -> None:
    tour.shop.enrolment.on_phone, tour.shop.enrolment.joined = True, tour.sim.now()
    await tour.channel.bring_history()


async def _watches(tour: Tour) -> None:
    """Until the number has been looked at."""
    before = len(tour.sim.requests)
    running = asyncio.create_task(tour.channel.run())
    try:
        async with asyncio.timeout(10):
            while len(tour.sim.requests) == before:  # noqa: ASYNC110  # the simulator has no event for it
                await asyncio.sleep(0.01)
    finally:
        running.cancel()
        await asyncio.wait({running})


async def _adds(tour: Tour) -> None:
    """A new number: put into the account, proven by a code, registered with a PIN."""
    client, pin = tour.client, "123456"
    new = await setting_up.add(
        client, tour.shop.account, country_code="1", number="5550100002", name="Shop two"
    )
    await setting_up.request_code(client, new, "SMS", "en_US")
    await setting_up.verify_code(client, new, tour.sim.numbers[new].enrolment.code)
    await setting_up.register(client, new, pin)
    await setting_up.set_pin(client, new, pin)


async def _points(tour: Tour) -> None:
    """The provider asks the address before it answers."""

    async def answer(request: web.Request) -> web.Response:
        asked = HookRequest(method="GET", path="/", query=dict(request.query), headers={}, body=b"")
        return web.Response(body=tour.channel.webhook(asked).body)

    app = web.Application()
    app.add_routes([web.get("/", answer)])
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        for way in ("number", "account"):
            await setting_up.point(tour.client, tour.client.config, way, address)
    finally:
        await runner.cleanup()


async def _looks_around(tour: Tour) -> None:
    """What a token opens, as a login looks at it."""
    token = await portfolio.token(tour.client, tour.client.config.access_token)
    found = await portfolio.accounts(tour.client, token)
    assert [one.id for one in found] == [tour.shop.account]
    assert await portfolio.owner(tour.client, tour.shop.account)


PROFILE = ProfileChange(
    about="We mend", description="Bicycles of all kinds", address="Nevsky 1", email="shop@example.org",
    websites=("https://example.org",), category="RETAIL", picture="picture",
)  # fmt: skip
OFFERS = Automation(prompts=("When are you open?",), commands=(BotCommand(name="open", description="Hours"),))

STEPS: Mapping[str, Step] = {
    **{f"send: {name}": _sends(part) for name, part in SENT.items()},
    "send: an answer": lambda t: t.channel.send(t.to, [Text(body="Yes")], TxnId("txn-2"), reply_to=t.target),
    "send: to a BSUID": lambda t: t.channel.send(
        ConversationId(f"bsuid:{t.sim.bsuid(t.shop, t.user)}"), [Text(body="Hi")], TxnId("txn-3")
    ),
    "react": lambda t: t.channel.react(t.to, t.target, "👍"),
    "take a reaction back": lambda t: t.channel.react(t.to, t.target, ""),
    "mark as read": lambda t: t.channel.mark_read(t.to, t.target),
    "type": lambda t: t.channel.typing(t.to, t.target),
    "download": _downloaded,
    "templates: what can be sent": lambda t: t.channel.templates(),
    "templates: all": lambda t: t.channel.designs(),
    "templates: make": lambda t: t.channel.create_template(DESIGN),
    "templates: make one with a picture": lambda t: t.channel.create_template(WITH_PICTURE),
    "templates: edit": _edits,
    "templates: unpause": _unpauses,
    "templates: delete": _deletes,
    "templates: delete every language": lambda t: t.channel.delete_template(
        "", name=WITH_PICTURE.name, every_language=True
    ),
    "profile": lambda t: t.channel.profile(),
    "profile: change, with a picture": lambda t: t.channel.save_profile(PROFILE),
    "profile: take a username": lambda t: t.channel.save_profile(ProfileChange(username="cornershop")),
    "profile: give it up": lambda t: t.channel.save_profile(ProfileChange(username="")),
    "shop": lambda t: t.channel.shop(),
    "shop: change": lambda t: t.channel.save_shop(cart=True, visible=True),
    "shop: catalogue": lambda t: t.channel.catalogue("rose"),
    "links": _linked,
    "blocks": _blocks,
    "automation": lambda t: t.channel.automation(),
    "automation: change": lambda t: t.channel.save_automation(OFFERS),
    "the past of its phone": _past,
    "watch": _watches,
    "connect: what a token opens": _looks_around,
    "connect: look at the number": lambda t: numbers.look(t.client),
    "connect: subscribe": lambda t: setting_up.subscribe(t.client, t.shop.account, ""),
    "connect: add a number": _adds,
    "connect: point its webhooks here": _points,
    "figures": lambda t: t.channel.figures(t.sim.now() - timedelta(days=3), t.sim.now()),
}

# What each ability is shown by, and which are not, and why.
SHOWN_BY: Mapping[type, tuple[str, ...]] = {
    Reacts: ("react", "take a reaction back"),
    MarksRead: ("mark as read",),
    Types: ("type",),
    HasMedia: ("download",),
    HasTemplates: ("templates: what can be sent",),
    DesignsTemplates: ("templates: all", "templates: make", "templates: edit", "templates: delete"),
    HasProfile: ("profile", "profile: change, with a picture"),
    HasCatalogue: ("shop", "shop: change", "shop: catalogue"),
    HasLinks: ("links",),
    Blocks: ("blocks",),
    Automates: ("automation", "automation: change"),
    Counts: ("figures",),
    BringsHistory: ("the past of its phone",),
}
NOT_SHOWN: Mapping[type, str] = {
    Webhooks: "the provider asks us",
    HookedLogin: "a login's; a channel only looks like one",
    Starts: "asks nothing",
    Pins: "only in groups, which the simulator has none of",
}


def begin(sim: Simulator) -> Tour:
    """A shop with templates, and a person who has just written."""
    shop = sim.add_number("+1 555 010 0001", "Corner Shop")
    user = sim.add_customer("+1 555 010 0199", "Ann")
    sim.settings.pair_burst = 1000
    buttons = [
        {"type": "QUICK_REPLY", "text": "Yes"},
        {"type": "URL", "text": "Look", "url": "https://example.org/{{1}}"},
    ]
    more: list[dict[str, Any]] = [
        {"type": "HEADER", "format": "IMAGE"},
        {"type": "BUTTONS", "buttons": buttons},
    ]
    sim.add_template(shop, "ready", "en", "Order {{1}} is ready")
    sim.add_template(shop, "sale", "en", "{{1}}, look", category="MARKETING", components=more)
    sim.add_template(shop, "bill", "en", "{{1}} until {{2}}")
    named = sim.add_template(shop, "named", "en", "Hello {{who}}")
    named.parameter_format = "NAMED"
    goods = [Goods(retailer_id="p1", name="Rose"), Goods(retailer_id="p2", name="Oak")]
    account = sim.world.state.accounts[shop.account]
    account.insights = True
    account.catalogue = Catalogue(id="4711", name="Flowers", goods=goods)
    config = {
        "business_id": account.business_id,
        "phone_number_id": shop.id,
        "waba_id": shop.account,
        "access_token": sim.token_of(shop),
        "app_secret": sim.settings.app_secret,
        "verify_token": "knock",
        "display_phone_number": shop.display,
        "api_base": sim.url,
        "api_version": "v23.0",
    }
    port = FakePort()
    for ref, (mime, data) in FILES.items():
        port.add_file(ref, data, name=ref, mime=mime)
    asked = sim.user_says(shop.id, user.phone, "Hello")
    return Tour(
        sim=sim,
        shop=shop,
        user=user,
        channel=CloudChannel(Config.read(config), port),
        client=GraphClient(Config.read(config), port),
        port=port,
        asked=asked.id,
        media=sim.user_has(shop.id, PNG, "image/png").id,
    )


async def walk(tour: Tour) -> tuple[dict[str, list[Received]], dict[str, str]]:
    """Take every step; the calls that each made, and of every id there was what it is."""
    calls: dict[str, list[Received]] = {}
    kinds: dict[str, str] = tour.kinds()
    for name, step in STEPS.items():
        before = len(tour.sim.requests)
        try:
            await step(tour)
        except Exception as error:
            error.add_note(f"at the step {name!r}")
            raise
        calls[name] = list(tour.sim.requests[before:])
        kinds |= tour.kinds()
    return calls, kinds
