"""A tour of one number: everything that the plugin can ask of the provider is asked of the simulator once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from jackfield.channel import (
    Card,
    Carousel,
    CarouselCard,
    ChoiceOffered,
    Contacts,
    ConversationId,
    Labelled,
    Location,
    Media,
    MessageId,
    Moment,
    Money,
    Option,
    Part,
    Product,
    ProductSection,
    Template,
    Text,
    TxnId,
)
from jackfield.testing import FakePort
from jackfield_whatsapp_api.channel import CloudChannel
from jackfield_whatsapp_api.config import Config
from jackfield_whatsapp_api.ids import make_message
from jackfield_whatsapp_api.simulator import Customer, Number, Received, Simulator

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
FILES = {
    "picture": ("image/png", PNG),
    "film": ("video/mp4", b"\0\0\0\x18ftypmp42" + b"\0" * 64),
    "song": ("audio/mpeg", b"ID3" + b"\0" * 64),
    "voice": ("audio/ogg", b"OggS" + b"\0" * 64),
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
            **{one.business_id: "Business-ID" for one in state.accounts.values()},
        }


Step = Callable[[Tour], Awaitable[object]]


def _sends(part: Part) -> Step:
    return lambda tour: tour.channel.send(tour.to, [part], TxnId("txn-1"))


async def _downloaded(tour: Tour) -> None:
    found = await tour.channel.download(tour.media)
    assert b"".join([chunk async for chunk in found.chunks]) == PNG


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
    "list what can be sent": lambda t: t.channel.templates(),
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
    config = {
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
        port=port,
        asked=asked.id,
        media=sim.user_has(shop.id, PNG, "image/png").id,
    )


async def walk(tour: Tour) -> dict[str, list[Received]]:
    """Take every step; the calls that each made."""
    calls: dict[str, list[Received]] = {}
    for name, step in STEPS.items():
        before = len(tour.sim.requests)
        try:
            await step(tour)
        except Exception as error:
            error.add_note(f"at the step {name!r}")
            raise
        calls[name] = list(tour.sim.requests[before:])
    return calls
