"""Outbound: forms, addresses, calls, products, cards, pins, and which edge a message goes to.

The bodies are those of Meta's own pages on each type of message; the two that its pages disagree about
are said where they are.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from jackfield.channel import (
    Carousel,
    CarouselCard,
    ChannelError,
    ChoiceOffered,
    Contacts,
    ConversationId,
    Location,
    Media,
    MessageId,
    NotSupported,
    Option,
    Part,
    Product,
    ProductSection,
    Rejected,
    Template,
    Text,
    TxnId,
)
from jackfield_whatsapp_api import convert_out
from jackfield_whatsapp_api.errors import NeedsPhone

TO, GROUP = ConversationId("phone:+16505551234"), ConversationId("group:Y2Fw")
BSUID = ConversationId("bsuid:US.13491208655302741918")
TXN = TxnId("txn-1")
UPLOADS = {"one": "7001", "two": "7002"}
ROSE = Media(sort="image", ref="one")
FILM = Media(sort="video", ref="", link="https://shop.example/tulips.mp4")
MORE, BUY = Option(id="more", title="More"), Option(id="buy", title="Buy")
SHOP = Option(id="", title="Shop", url="https://shop.example")


@dataclasses.dataclass(frozen=True)
class Out:
    name: str
    part: Part
    body: Any


def choice(style: Any, **more: Any) -> ChoiceOffered:
    given: dict[str, Any] = {"style": style, "body": "b", **more}
    return ChoiceOffered(**given)


def flow(**parameters: Any) -> dict[str, Any]:
    said = {"flow_message_version": "3", "flow_cta": "Book", **parameters}
    return {"type": "flow", "body": {"text": "b"}, "action": {"name": "flow", "parameters": said}}


def address(**parameters: Any) -> dict[str, Any]:
    action = {"name": "address_message", "parameters": {"country": "IN", **parameters}}
    return {"type": "address_message", "body": {"text": "b"}, "action": action}


def call(**parameters: Any) -> dict[str, Any]:
    action = {"name": "voice_call", "parameters": parameters}
    return {"type": "voice_call", "body": {"text": "b"}, "action": action}


def items(*products: str) -> list[dict[str, str]]:
    return [{"product_retailer_id": product} for product in products]


OUT = [
    Out("a form by its id", choice("form", button="Book", data={"form": "42"}), flow(flow_id="42")),
    Out(
        "a form by its name, with its first screen",
        choice(
            "form",
            button="Book",
            data={
                "name": "visit",
                "token": "t-1",
                "mode": "draft",
                "screen": "DATE",
                "values": '{"days": ["mon"], "n": 1}',
            },
        ),
        flow(
            flow_name="visit",
            flow_token="t-1",
            mode="draft",
            flow_action="navigate",
            flow_action_payload={"screen": "DATE", "data": {"days": ["mon"], "n": 1}},
        ),
    ),
    Out(
        "a form that asks our server",
        choice("form", button="Book", data={"form": "42", "action": "exchange"}),
        flow(flow_id="42", flow_action="data_exchange"),
    ),
    Out("an address", choice("address", data={"country": "IN"}), address()),
    Out(
        "an address that was wrong",
        choice(
            "address",
            data={"country": "IN", "value.in_pin_code": "66", "error.in_pin_code": "No such code."},
        ),
        address(values={"in_pin_code": "66"}, validation_errors={"in_pin_code": "No such code."}),
    ),
    Out(
        "addresses to choose from",
        choice("address", data={"country": "IN", "saved": '[{"id": "home", "value": {"city": "Mumbai"}}]'}),
        address(saved_addresses=[{"id": "home", "value": {"city": "Mumbai"}}]),
    ),
    Out("a call", choice("call"), call()),
    Out(
        "a call for some time",
        choice("call", button="Call us", data={"minutes": "100", "payload": "order 7"}),
        call(display_text="Call us", ttl_minutes=100, payload="order 7"),
    ),
    Out(
        "may we call",
        choice("call_permission"),
        {
            "type": "call_permission_request",
            "body": {"text": "b"},
            "action": {"name": "call_permission_request"},
        },
    ),
    Out(
        # Meta's page on business-scoped user IDs writes the type "contact_request"; what clients that
        # speak to the service send, and what it takes, is the action's own name.
        "what is your number",
        choice("contact_request"),
        {"type": "request_contact_info", "body": {"text": "b"}, "action": {"name": "request_contact_info"}},
    ),
    Out(
        "a link under a film",
        choice("link", options=(SHOP,), header_media=FILM),
        {
            "type": "cta_url",
            "body": {"text": "b"},
            "header": {"type": "video", "video": {"link": "https://shop.example/tulips.mp4"}},
            "action": {
                "name": "cta_url",
                "parameters": {"display_text": "Shop", "url": "https://shop.example"},
            },
        },
    ),
    Out(
        "one product",
        Product(catalog="c", products=("rose",), body="Look", footer="f"),
        {
            "type": "product",
            "body": {"text": "Look"},
            "footer": {"text": "f"},
            "action": {"catalog_id": "c", "product_retailer_id": "rose"},
        },
    ),
    Out(
        "one product without words",
        Product(catalog="c", products=("rose",)),
        {"type": "product", "action": {"catalog_id": "c", "product_retailer_id": "rose"}},
    ),
    Out(
        "several products",
        Product(catalog="c", products=("rose", "tulip"), body="b", header="h"),
        {
            "type": "product_list",
            "header": {"type": "text", "text": "h"},
            "body": {"text": "b"},
            "action": {"catalog_id": "c", "sections": [{"product_items": items("rose", "tulip")}]},
        },
    ),
    Out(
        "products under headings",
        Product(
            catalog="c",
            body="b",
            header="h",
            sections=(
                ProductSection(title="Red", products=("rose",)),
                ProductSection(title="Rest", products=("tulip", "iris")),
            ),
        ),
        {
            "type": "product_list",
            "header": {"type": "text", "text": "h"},
            "body": {"text": "b"},
            "action": {
                "catalog_id": "c",
                "sections": [
                    {"title": "Red", "product_items": items("rose")},
                    {"title": "Rest", "product_items": items("tulip", "iris")},
                ],
            },
        },
    ),
    Out(
        "the whole catalogue",
        Product(catalog="", whole=True, body="b"),
        {"type": "catalog_message", "body": {"text": "b"}, "action": {"name": "catalog_message"}},
    ),
    Out(
        "the whole catalogue with a picture",
        Product(catalog="c", whole=True, products=("rose",), body="b"),
        {
            "type": "catalog_message",
            "body": {"text": "b"},
            "action": {
                "name": "catalog_message",
                "parameters": {"thumbnail_product_retailer_id": "rose"},
            },
        },
    ),
    Out(
        "cards with links",
        Carousel(
            body="New",
            cards=(
                CarouselCard(media=ROSE, body="Roses\n\nred", options=(SHOP,)),
                CarouselCard(media=FILM, options=(SHOP,)),
            ),
        ),
        {
            "type": "carousel",
            "body": {"text": "New"},
            "action": {
                "cards": [
                    {
                        "card_index": 0,
                        "type": "cta_url",
                        "header": {"type": "image", "image": {"id": "7001"}},
                        "body": {"text": "Roses\n\nred"},
                        "action": {
                            "name": "cta_url",
                            "parameters": {"display_text": "Shop", "url": "https://shop.example"},
                        },
                    },
                    {
                        "card_index": 1,
                        "type": "cta_url",
                        "header": {"type": "video", "video": {"link": "https://shop.example/tulips.mp4"}},
                        "action": {
                            "name": "cta_url",
                            "parameters": {"display_text": "Shop", "url": "https://shop.example"},
                        },
                    },
                ]
            },
        },
    ),
    Out(
        "cards with buttons",
        Carousel(
            body="New",
            cards=(
                CarouselCard(media=ROSE, options=(MORE, BUY)),
                CarouselCard(media=Media(sort="image", ref="two"), options=(MORE, BUY)),
            ),
        ),
        {
            "type": "carousel",
            "body": {"text": "New"},
            "action": {
                "cards": [
                    {
                        "card_index": index,
                        "type": "cta_url",
                        "header": {"type": "image", "image": {"id": media}},
                        "action": {
                            "buttons": [
                                {"type": "quick_reply", "quick_reply": {"id": "more", "title": "More"}},
                                {"type": "quick_reply", "quick_reply": {"id": "buy", "title": "Buy"}},
                            ]
                        },
                    }
                    for index, media in enumerate(("7001", "7002"))
                ]
            },
        },
    ),
    Out(
        "cards of products",
        Carousel(
            body="New", catalog="c", cards=(CarouselCard(product="rose"), CarouselCard(product="tulip"))
        ),
        {
            "type": "carousel",
            "body": {"text": "New"},
            "action": {
                "cards": [
                    {
                        "card_index": index,
                        "type": "product",
                        "action": {"product_retailer_id": product, "catalog_id": "c"},
                    }
                    for index, product in enumerate(("rose", "tulip"))
                ]
            },
        },
    ),
]


@pytest.mark.parametrize("out", OUT, ids=lambda out: out.name)
def test_a_part_becomes_an_interactive_message(out: Out) -> None:
    said = convert_out.message(TO, out.part, TXN, uploads=UPLOADS)
    assert (said["type"], said["interactive"]) == ("interactive", out.body)


def cards(*more: CarouselCard, count: int = 1, **said: Any) -> Carousel:
    one = CarouselCard(media=ROSE, options=(MORE,))
    given: dict[str, Any] = {"body": "b", "cards": (one,) * count + more, **said}
    return Carousel(**given)


REFUSED: list[tuple[Part, str]] = [
    (choice("form", button="Book"), "form: either its id"),
    (choice("form", button="Book", data={"form": "1", "name": "n"}), "form: either its id"),
    (choice("form", data={"form": "1"}), "form button: must not be empty"),
    (choice("form", button="x" * 31, data={"form": "1"}), "form button: 31 characters, at most 30"),
    (choice("form", button="B", data={"form": "1", "mode": "x"}), "mode 'x', allowed are draft"),
    (choice("form", button="B", data={"form": "1", "action": "x"}), "action 'x'"),
    (choice("form", button="B", data={"form": "1", "values": "{}"}), "values need the screen"),
    (choice("form", button="B", data={"form": "1", "action": "exchange", "screen": "S"}), "is given none"),
    (choice("form", button="B", data={"form": "1", "screen": "S", "values": "{}"}), "form: values"),
    (choice("form", button="B", data={"form": "1", "screen": "S", "values": "[1]"}), "form: values"),
    (choice("form", button="B", data={"form": "1", "screen": "S", "values": "{"}), "form: values"),
    (choice("address"), "address: the country is missing"),
    (choice("address", data={"country": "IN", "saved": "{}"}), "saved addresses cannot be read"),
    (choice("call", button="x" * 21), "call button: 21 characters, at most 20"),
    (choice("call", data={"minutes": "0"}), "call: '0' minutes"),
    (choice("call", data={"minutes": "43201"}), "from 1 to 43200"),
    (choice("call", data={"minutes": "soon"}), "call: 'soon' minutes"),
    (choice("call", data={"payload": "x" * 513}), "payload: 513 characters, at most 512"),
    (choice("call", header_media=ROSE), "header: a call has text there, no file"),
    (choice("call_permission", header="h"), "header: a call_permission has none"),
    (choice("contact_request", footer="f"), "footer: a contact_request has none"),
    (choice("location_request", body=""), "body: must not be empty"),
    (choice("buttons", options=(MORE, Option(id="2", title="More"))), "choices: two have the same title"),
    (choice("buttons", options=(MORE,), header_media=Media(sort="audio", ref="one")), "header: audio"),
    (choice("link", options=(Option(id="", title="t", url="ftp://a"),)), "link: the address begins"),
    (choice("link", options=(Option(id="", title="t", url="https://" + "x" * 1993),)), "link: 2001"),
    (Product(catalog="", products=("p",)), "products: the catalogue is missing"),
    (Product(catalog="c"), "products: there is none"),
    (Product(catalog="c", products=("p",), header="h"), "header: one product has none"),
    (Product(catalog="c", products=("p", "q"), body="b"), "header: must not be empty"),
    (Product(catalog="c", products=("p", "q"), header="h"), "body: must not be empty"),
    (
        Product(catalog="c", products=tuple(map(str, range(31))), header="h", body="b"),
        "products: 31, from 1 to 30",
    ),
    (
        Product(
            catalog="c",
            header="h",
            body="b",
            sections=tuple(ProductSection(title=str(n), products=("p",)) for n in range(11)),
        ),
        "sections: 11, from 1 to 10",
    ),
    (
        Product(
            catalog="c",
            header="h",
            body="b",
            sections=(ProductSection(title="", products=("p",)), ProductSection(title="t", products=("q",))),
        ),
        "sections: each needs a title",
    ),
    (
        Product(
            catalog="c", header="h", body="b", sections=(ProductSection(title="t" * 25, products=("p",)),)
        ),
        "section title: 25 characters, at most 24",
    ),
    (Product(catalog="c", whole=True), "body: must not be empty"),
    (Product(catalog="c", whole=True, body="b", header="h"), "catalogue: it takes one product"),
    (cards(count=1), "cards: 1, from 2 to 10"),
    (cards(count=11), "cards: 11, from 2 to 10"),
    (cards(CarouselCard(media=ROSE, options=(MORE, BUY))), "cards: all must have the same"),
    (cards(CarouselCard(media=ROSE, options=(SHOP,))), "cards: all must have the same"),
    (cards(CarouselCard(product="p")), "cards: all must have the same"),
    (cards(count=0, cards=(CarouselCard(options=(MORE,)),) * 2), "cards: each needs a picture"),
    (cards(count=0, cards=(CarouselCard(media=ROSE),) * 2), "card buttons: 0, from 1 to 3"),
    (cards(count=0, cards=(CarouselCard(media=ROSE, options=(SHOP, MORE)),) * 2), "either one link or"),
    (cards(count=0, cards=(CarouselCard(product="p"),) * 2), "cards: the catalogue is missing"),
    (cards(count=0, cards=(CarouselCard(product="p", body="x"),) * 2, catalog="c"), "a product shows itself"),
    (
        cards(count=0, cards=(CarouselCard(media=ROSE, options=(MORE,), body="x" * 161),) * 2),
        "card: 161 characters, at most 160",
    ),
    (
        cards(count=0, cards=(CarouselCard(media=ROSE, options=(MORE,), body="a\nb\nc\nd"),) * 2),
        "at most 2 line breaks",
    ),
    (
        cards(count=0, cards=(CarouselCard(media=Media(sort="audio", ref="one"), options=(MORE,)),) * 2),
        "header: audio, allowed are image, video",
    ),
    (Media(sort="image", ref=""), "image: the file is missing"),
    (Media(sort="image", ref="one", link="https://a.b"), "not by both"),
    (Media(sort="image", ref="", link="http://a.b"), "begins with https://"),
    (Media(sort="image", ref="", link="https://" + "x" * 2048), "link: 2056 characters, at most 2048"),
    (Media(sort="document", ref="one", name="x" * 241), "file name: 241 characters, at most 240"),
]


@pytest.mark.parametrize(("part", "why"), REFUSED)
def test_what_breaks_a_limit_is_refused_with_the_limits_name(part: Part, why: str) -> None:
    with pytest.raises(Rejected) as refused:
        convert_out.message(TO, part, TXN, uploads=UPLOADS)
    assert why in refused.value.detail


@pytest.mark.parametrize("part", [Text(body="x"), ROSE, Template(name="t", language="en")])
def test_a_group_takes_texts_files_and_templates(part: Part) -> None:
    assert convert_out.message(GROUP, part, TXN, uploads=UPLOADS)["recipient_type"] == "group"


@pytest.mark.parametrize(
    "part",
    [
        Location(latitude=1, longitude=1),
        Contacts(cards=()),
        choice("buttons", options=(MORE,)),
        Product(catalog="c", products=("p",)),
        cards(count=2),
        Template(name="t", language="en", category="AUTHENTICATION"),
    ],
)
def test_a_group_takes_nothing_else(part: Part) -> None:
    with pytest.raises(NotSupported):
        convert_out.message(GROUP, part, TXN, uploads=UPLOADS)


def test_a_code_is_not_sent_to_somebody_whose_number_is_not_known() -> None:
    code = Template(name="code", language="en", category="AUTHENTICATION", parameters={"body.1": "123456"})
    with pytest.raises(NeedsPhone):
        convert_out.message(BSUID, code, TXN, uploads={})
    assert convert_out.message(TO, code, TXN, uploads={})["to"] == "+16505551234"


def test_a_group_keeps_a_message_at_its_head_for_some_days() -> None:
    target = MessageId("wamid.q")
    said = {"messaging_product": "whatsapp", "recipient_type": "group", "to": "Y2Fw", "type": "pin"}
    pinned = {"type": "pin", "message_id": "wamid.q", "expiration_days": 7}
    assert convert_out.pin(GROUP, target, 7) == {**said, "pin": pinned}
    assert convert_out.pin(GROUP, target, 0) == {**said, "pin": {"type": "unpin", "message_id": "wamid.q"}}


@pytest.mark.parametrize(
    ("to", "days", "error"), [(TO, 1, NotSupported), (GROUP, 31, Rejected), (GROUP, -1, Rejected)]
)
def test_what_cannot_be_pinned_is_refused(to: ConversationId, days: int, error: type[ChannelError]) -> None:
    with pytest.raises(error):
        convert_out.pin(to, MessageId("wamid.q"), days)


MARKETING = Template(name="t", language="en", category="MARKETING")


@pytest.mark.parametrize(
    ("part", "marketing", "edge"),
    [
        (MARKETING, True, "marketing_messages"),
        (MARKETING, False, "messages"),
        (Template(name="t", language="en", category="UTILITY"), True, "messages"),
        (Text(body="x"), True, "messages"),
    ],
)
def test_only_marketing_goes_over_the_api_made_for_it(part: Part, marketing: bool, edge: str) -> None:
    assert convert_out.edge(part, marketing=marketing) == edge
