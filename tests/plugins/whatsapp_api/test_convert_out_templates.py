"""Outbound templates: every component with the values of its places, and what is refused."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest

from jackfield.channel import (
    CarouselCard,
    ConversationId,
    Location,
    Media,
    Moment,
    Money,
    Option,
    Product,
    ProductSection,
    Rejected,
    Template,
    TxnId,
)
from jackfield_whatsapp_api import convert_out, templates

TO, TXN = ConversationId("phone:+16505551234"), TxnId("txn-1")
UPLOADS = {"one": "7001"}
ROSE = Media(sort="image", ref="one")
FILM = Media(sort="video", ref="", link="https://shop.example/tulips.mp4")


@dataclasses.dataclass(frozen=True)
class Out:
    name: str
    part: Template
    components: list[Any]


def template(**more: Any) -> Template:
    given: dict[str, Any] = {"name": "t", "language": "en", **more}
    return Template(**given)


def button(kind: str, index: int, *parameters: Any) -> dict[str, Any]:
    return {"type": "button", "sub_type": kind, "index": str(index), "parameters": [*parameters]}


def action(**said: Any) -> dict[str, Any]:
    return {"type": "action", "action": said}


def texts(*words: str) -> list[Any]:
    return [{"type": "text", "text": said} for said in words]


BUNDLES = Product(
    catalog="c",
    products=("rose",),
    sections=(
        ProductSection(title="Bundles", products=("rose", "tulip")),
        ProductSection(title="Rest", products=("iris",)),
    ),
)
SECTIONS = [
    {
        "title": "Bundles",
        "product_items": [{"product_retailer_id": "rose"}, {"product_retailer_id": "tulip"}],
    },
    {"title": "Rest", "product_items": [{"product_retailer_id": "iris"}]},
]

OUT = [
    Out(
        "a place over the text",
        template(
            header_wants="location",
            header_location=Location(latitude=37.4, longitude=-122.1, name="HQ", address="Hacker Way 1"),
        ),
        [
            {
                "type": "header",
                "parameters": [
                    {
                        "type": "location",
                        "location": {
                            "latitude": 37.4,
                            "longitude": -122.1,
                            "name": "HQ",
                            "address": "Hacker Way 1",
                        },
                    }
                ],
            }
        ],
    ),
    Out(
        "a product over the text",
        template(header_wants="product", offer=Product(catalog="c", products=("rose",))),
        [
            {
                "type": "header",
                "parameters": [
                    {"type": "product", "product": {"product_retailer_id": "rose", "catalog_id": "c"}}
                ],
            }
        ],
    ),
    Out(
        "a film over the text, by its address",
        template(header_media=FILM),
        [{"type": "header", "parameters": [{"type": "video", "video": {"link": FILM.link}}]}],
    ),
    Out(
        "a paper over the text, with its name",
        template(header_media=Media(sort="document", ref="one", name="bill.pdf")),
        [
            {
                "type": "header",
                "parameters": [{"type": "document", "document": {"id": "7001", "filename": "bill.pdf"}}],
            }
        ],
    ),
    Out(
        "money and a moment, with words for apps that cannot write them",
        template(
            parameters={"body.1": "$100.99", "body.2": "February 25", "body.3": "x"},
            exact={
                "body.1": Money(amount="100.99", currency="USD"),
                "body.2": Moment(at=datetime(1977, 2, 25, tzinfo=UTC)),
            },
        ),
        [
            {
                "type": "body",
                "parameters": [
                    {
                        "type": "currency",
                        "currency": {"fallback_value": "$100.99", "code": "USD", "amount_1000": 100990},
                    },
                    {"type": "date_time", "date_time": {"fallback_value": "February 25"}},
                    {"type": "text", "text": "x"},
                ],
            }
        ],
    ),
    Out(
        "named money",
        template(parameters={"body.sum": "5 €"}, exact={"body.sum": Money(amount="5", currency="EUR")}),
        [
            {
                "type": "body",
                "parameters": [
                    {
                        "type": "currency",
                        "currency": {"fallback_value": "5 €", "code": "EUR", "amount_1000": 5000},
                        "parameter_name": "sum",
                    }
                ],
            }
        ],
    ),
    Out(
        "a limited offer",
        template(
            parameters={
                "body.1": "Pablo",
                "deadline": "2023-06-01T00:00:00+00:00",
                "button.0": "CARIBE25",
                "button.1": "n3mtql",
            },
            buttons=(Option(id="copy_code", title=""), Option(id="url", title="Book")),
        ),
        [
            {"type": "body", "parameters": texts("Pablo")},
            {
                "type": "limited_time_offer",
                "parameters": [
                    {
                        "type": "limited_time_offer",
                        "limited_time_offer": {"expiration_time_ms": 1685577600000},
                    }
                ],
            },
            button("copy_code", 0, {"type": "coupon_code", "coupon_code": "CARIBE25"}),
            button("url", 1, {"type": "text", "text": "n3mtql"}),
        ],
    ),
    Out(
        "a code, on its button too",
        template(
            category="AUTHENTICATION",
            parameters={"body.1": "123456"},
            buttons=(Option(id="otp", title="Copy"),),
        ),
        [
            {"type": "body", "parameters": texts("123456")},
            button("url", 0, {"type": "text", "text": "123456"}),
        ],
    ),
    Out(
        "a form",
        template(
            parameters={"button.0": "token", "button.0.values": '{"day": 1}'},
            buttons=(Option(id="flow", title="Book"),),
        ),
        [button("flow", 0, action(flow_token="token", flow_action_data={"day": 1}))],
    ),
    Out(
        "the catalogue",
        template(
            buttons=(Option(id="catalog", title=""),),
            offer=Product(catalog="c", whole=True, products=("rose",)),
        ),
        [button("catalog", 0, action(thumbnail_product_retailer_id="rose"))],
    ),
    Out(
        "products under headings",
        template(buttons=(Option(id="mpm", title=""),), offer=BUNDLES),
        [button("mpm", 0, action(thumbnail_product_retailer_id="rose", sections=SECTIONS))],
    ),
    Out(
        "a call for some time",
        template(
            parameters={"button.0": "order 7", "button.0.minutes": "100"},
            buttons=(Option(id="voice_call", title="Call"),),
        ),
        [
            button(
                "voice_call",
                0,
                {"type": "ttl_minutes", "ttl_minutes": 100},
                {"type": "payload", "payload": "order 7"},
            )
        ],
    ),
    Out(
        "cards with files",
        template(
            cards=(
                CarouselCard(media=ROSE, options=(Option(id="quick_reply", title="q"),)),
                CarouselCard(media=FILM, options=(Option(id="quick_reply", title="q"),)),
            ),
            parameters={"body.1": "Pablo", "card.0.button.0": "roses", "card.1.body.1": "20%"},
        ),
        [
            {"type": "body", "parameters": texts("Pablo")},
            {
                "type": "carousel",
                "cards": [
                    {
                        "card_index": 0,
                        "components": [
                            {"type": "header", "parameters": [{"type": "image", "image": {"id": "7001"}}]},
                            button("quick_reply", 0, {"type": "payload", "payload": "roses"}),
                        ],
                    },
                    {
                        "card_index": 1,
                        "components": [
                            {
                                "type": "header",
                                "parameters": [{"type": "video", "video": {"link": FILM.link}}],
                            },
                            {"type": "body", "parameters": texts("20%")},
                        ],
                    },
                ],
            },
        ],
    ),
    Out(
        "cards of products",
        template(cards=(CarouselCard(product="rose"),), offer=Product(catalog="c")),
        [
            {
                "type": "carousel",
                "cards": [
                    {
                        "card_index": 0,
                        "components": [
                            {
                                "type": "header",
                                "parameters": [
                                    {
                                        "type": "product",
                                        "product": {"product_retailer_id": "rose", "catalog_id": "c"},
                                    }
                                ],
                            }
                        ],
                    }
                ],
            }
        ],
    ),
]


@pytest.mark.parametrize("out", OUT, ids=lambda out: out.name)
def test_a_template_becomes_its_components(out: Out) -> None:
    said = convert_out.message(TO, out.part, TXN, uploads=UPLOADS)
    assert said["template"] == {"name": "t", "language": {"code": "en"}, "components": out.components}


REPLY = (Option(id="quick_reply", title="q"),)
REFUSED = [
    (template(header_wants="location"), "header: the place is missing"),
    (template(header_wants="product"), "the product and its catalogue are missing"),
    (
        template(header_wants="location", header_location=Location(latitude=99, longitude=0)),
        "latitude is from",
    ),
    (template(header_media=Media(sort="image", ref="")), "image: the file is missing"),
    (template(header_media=Media(sort="audio", ref="one")), "header: audio"),
    (template(header="x" * 61, parameters={"header.1": "x"}), "header: 61 characters, at most 60"),
    (template(body="x" * 1025, parameters={"body.1": "x"}), "body: 1025 characters, at most 1024"),
    (template(exact={"body.1": Money(amount="1", currency="EUR")}), "body.1 has no words"),
    (
        template(parameters={"body.1": "x"}, exact={"body.1": Money(amount="much", currency="EUR")}),
        "'much' is no amount",
    ),
    (template(parameters={"deadline": "soon"}), "'soon' is no moment"),
    (template(parameters={"deadline": "2026-01-01T00:00:00"}), "does not say its time zone"),
    (template(parameters={"body.1.x": "x"}), "'body.1.x' is no place"),
    (template(parameters={"button.0.x": "x"}, buttons=REPLY), "button.0.x is no place"),
    (template(parameters={"button.0": "x" * 257}, buttons=REPLY), "button.0: 257 characters, at most 256"),
    (
        template(parameters={"button.0": "x" * 21}, buttons=(Option(id="copy_code", title=""),)),
        "button.0: 21 characters, at most 20",
    ),
    (
        template(category="authentication", parameters={"body.1": "x" * 16}),
        "code: 16 characters, at most 15",
    ),
    (
        template(parameters={"button.0.values": "[]"}, buttons=(Option(id="flow", title=""),)),
        "button.0.values: a JSON object",
    ),
    (
        template(parameters={"button.0.minutes": "0"}, buttons=(Option(id="voice_call", title=""),)),
        "'0' minutes",
    ),
    (
        template(parameters={"button.0": ""}, buttons=REPLY),
        "the parameter button.0 is empty",
    ),
    (
        template(buttons=(Option(id="catalog", title=""),), offer=Product(catalog="c")),
        "the product for the catalogue's picture",
    ),
    (template(buttons=(Option(id="mpm", title=""),), offer=Product(catalog="c")), "sections: 0, from 1"),
    (template(parameters={"card.0.body.1": "x"}), "values for cards, but no cards"),
    (
        template(cards=(CarouselCard(media=ROSE),), parameters={"card.1.body.1": "x"}),
        "there is no card 1",
    ),
    (template(cards=(CarouselCard(),)), "the product and its catalogue are missing"),
    (template(cards=(CarouselCard(media=ROSE),) * 11), "cards: 11, at most 10"),
]


@pytest.mark.parametrize(("part", "why"), REFUSED)
def test_a_template_that_cannot_be_sent_is_refused_with_why(part: Template, why: str) -> None:
    with pytest.raises(Rejected) as refused:
        convert_out.message(TO, part, TXN, uploads=UPLOADS)
    assert why in refused.value.detail


def test_a_listed_template_says_all_that_it_wants() -> None:
    said = {
        "name": "summer",
        "language": "en_US",
        "category": "MARKETING",
        "components": [
            {"type": "HEADER", "format": "LOCATION"},
            {"type": "BODY", "text": "Hi {{1}}", "example": {"body_text": [["Ada"]]}},
            {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Ends!", "has_expiration": True}},
            {
                "type": "CAROUSEL",
                "cards": [
                    {
                        "components": [
                            {"type": "HEADER", "format": "IMAGE"},
                            {"type": "BODY", "text": "{{1}} off", "example": {"body_text": [["20%"]]}},
                            {
                                "type": "BUTTONS",
                                "buttons": [
                                    {"type": "QUICK_REPLY", "text": "More"},
                                    {
                                        "type": "URL",
                                        "text": "Buy",
                                        "url": "https://a.b/{{1}}",
                                        "example": ["https://a.b/rose"],
                                    },
                                ],
                            },
                        ]
                    },
                    {"components": [{"type": "HEADER", "format": "PRODUCT"}]},
                ],
            },
        ],
    }
    assert templates.part(templates.design(said)) == Template(
        name="summer",
        language="en_US",
        category="marketing",
        header_wants="location",
        body="Hi {{1}}",
        limited="Ends!",
        cards=(
            CarouselCard(
                media=Media(sort="image", ref=""),
                body="{{1}} off",
                options=(
                    Option(id="quick_reply", title="More"),
                    Option(id="url", title="Buy", url="https://a.b/{{1}}"),
                ),
            ),
            CarouselCard(),
        ),
        parameters={
            "body.1": "Ada",
            "deadline": "",
            "card.0.body.1": "20%",
            "card.0.button.1": "https://a.b/rose",
        },
    )
